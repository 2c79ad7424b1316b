// SPDX-License-Identifier: Apache-2.0
#include "client/cpu_meter.hpp"

#include <gtest/gtest.h>

namespace caravan::client {
namespace {
using namespace std::chrono_literals;

driver::CpuTime had(base::Duration user, base::Duration system) {
  return {.user_ns = static_cast<std::uint64_t>(user.count()),
          .system_ns = static_cast<std::uint64_t>(system.count())};
}

TEST(CpuMeter, says_how_many_processors_were_used_between_two_readings) {
  CpuMeter meter;
  EXPECT_EQ(meter.begin(had(10s, 0s), 100s), 200ms);
  const CpuShare share = meter.measure(had(11500ms, 500ms), 101s);
  EXPECT_DOUBLE_EQ(share.user, 1.5);
  EXPECT_DOUBLE_EQ(share.system, 0.5);
  EXPECT_EQ(meter.begin(had(12s, 1s), 102s), 0s) << "there is one of a second ago";
  EXPECT_DOUBLE_EQ(meter.measure(had(11500ms, 500ms), 102s).all(), 0);
}

TEST(CpuMeter, a_reading_of_long_ago_says_nothing_of_now) {
  CpuMeter meter;
  meter.begin(had(0s, 0s), 0s);
  EXPECT_EQ(meter.begin(had(100s, 0s), 200s), 200ms);
  EXPECT_DOUBLE_EQ(meter.measure(had(100s, 100ms), 200200ms).all(), 0.5);
}

TEST(CpuMeter, who_comes_while_another_one_waits_waits_for_the_rest_of_it) {
  CpuMeter meter;
  meter.begin(had(0s, 0s), 0s);
  EXPECT_EQ(meter.begin(had(50ms, 0s), 50ms), 150ms);
  EXPECT_DOUBLE_EQ(meter.measure(had(200ms, 0s), 200ms).user, 1);
  EXPECT_EQ(meter.begin(had(210ms, 0s), 210ms), 0s);
  EXPECT_DOUBLE_EQ(meter.measure(had(210ms, 0s), 210ms).user, 1) << "what the other one heard";
}

TEST(CpuMeter, who_asks_too_soon_hears_what_was_said) {
  CpuMeter meter;
  meter.begin(had(0s, 0s), 0s);
  EXPECT_DOUBLE_EQ(meter.measure(had(1s, 0s), 1s).user, 1);
  EXPECT_DOUBLE_EQ(meter.measure(had(9s, 0s), 1010ms).user, 1);
}

TEST(CpuMeter, what_was_started_anew_used_nothing) {
  CpuMeter meter;
  meter.begin(had(50s, 0s), 0s);
  EXPECT_DOUBLE_EQ(meter.measure(had(1s, 0s), 1s).user, 0);
}

}  // namespace
}  // namespace caravan::client
