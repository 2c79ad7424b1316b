// SPDX-License-Identifier: Apache-2.0
#include "model/device.hpp"

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

std::optional<int> compared(std::string_view a, std::string_view b) {
  return compare(parse_attribute(a), parse_attribute(b));
}

TEST(DeviceAttributeTest, texts_become_what_they_say) {
  EXPECT_EQ(parse_attribute("11264 MiB").whole, 11264);
  EXPECT_EQ(parse_attribute("11264 MiB").unit, "MiB");
  EXPECT_EQ(parse_attribute("1.5GHz").real, 1.5);
  EXPECT_EQ(parse_attribute("7").whole, 7);
  EXPECT_EQ(parse_attribute("true").truth, true);
  EXPECT_EQ(parse_attribute("Tesla T4").text, "Tesla T4");
  EXPECT_EQ(parse_attribute("7 parsecs").text, "7 parsecs");
  EXPECT_EQ(parse_attribute("1.2.3").text, "1.2.3");
  EXPECT_EQ(parse_attribute("").text, "");
  for (const char* text : {"11264 MiB", "1.5 GHz", "7", "true", "Tesla T4"})
    EXPECT_EQ(to_string(parse_attribute(text)), text);
}

TEST(DeviceAttributeTest, units_are_converted_and_never_mixed) {
  EXPECT_EQ(compared("11264 MiB", "11 GiB"), 0);
  EXPECT_LT(compared("11264 MiB", "12 GB").value(), 0);
  EXPECT_GT(compared("1.5 GHz", "1400 MHz").value(), 0);
  EXPECT_EQ(compared("250 W", "0.25 kW"), 0);
  EXPECT_EQ(compared("9007199254740993 MiB", "9007199254740992 MiB"), 1) << "without a rounding";
  EXPECT_FALSE(compared("8 GiB", "8"));
  EXPECT_FALSE(compared("8 GiB", "8 GHz"));
  EXPECT_FALSE(compared("8", "eight"));
  EXPECT_FALSE(compared("1", "true"));
}

TEST(DeviceNameTest, has_up_to_three_parts) {
  EXPECT_EQ(parse_device_name("gpu")->type, "gpu");
  EXPECT_EQ(parse_device_name("nvidia/gpu")->vendor, "nvidia");
  EXPECT_EQ(parse_device_name("nvidia/gpu/a/b")->name, "a/b");
  for (const char* bad : {"", "/gpu", "nvidia/", "nvidia//a", "nvidia/gpu/"})
    EXPECT_FALSE(parse_device_name(bad)) << bad;
}

}  // namespace
}  // namespace caravan::model
