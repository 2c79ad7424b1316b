// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "gossip/key_ring.hpp"

namespace caravan::gossip {
namespace {

class Counting : public io::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes)
      byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

std::string key(char c, std::size_t size = 32) { return base::base64_encode(std::string(size, c)); }

TEST(KeyRing, a_rotation_loses_nobody_on_the_way) {
  Counting random;
  KeyRing a = KeyRing::of({key('1')}).value(), b = a;
  const auto understand_each_other = [&] {
    return b.open(a.seal("x", "", random), "").has_value() &&
           a.open(b.seal("x", "", random), "").has_value();
  };
  EXPECT_TRUE(a.install(key('2')));
  EXPECT_TRUE(understand_each_other());
  EXPECT_TRUE(b.install(key('2')));
  EXPECT_TRUE(a.use(key('2')));
  EXPECT_TRUE(understand_each_other());
  EXPECT_TRUE(b.use(key('2')));
  EXPECT_TRUE(a.remove(key('1')));
  EXPECT_TRUE(understand_each_other());
  EXPECT_TRUE(b.remove(key('1')));
  EXPECT_TRUE(understand_each_other());
  EXPECT_EQ(b.list(), std::vector<std::string>{key('2')});
}

TEST(KeyRing, what_cannot_be_is_said) {
  KeyRing ring = KeyRing::of({key('1', 16)}).value();
  EXPECT_EQ(ring.use(key('2')).error().code, base::Code::not_found);
  EXPECT_EQ(ring.remove(key('1', 16)).error().code, base::Code::conflict);
  EXPECT_EQ(ring.install("c2hvcnQ=").error().message,
            "the gossip key has 5 bytes; it must have 16, 24 or 32");
  EXPECT_EQ(ring.install("no base64").error().message, "the gossip key is not base64");
  EXPECT_FALSE(KeyRing().install(key('1')));
  for (char c = 'a'; ring.list().size() < keys_max; ++c)
    EXPECT_TRUE(ring.install(key(c)));
  EXPECT_EQ(ring.install(key('z')).error().code, base::Code::too_large);
}

TEST(KeyRing, each_way_of_not_understanding_says_what_to_set) {
  Counting random;
  const KeyRing none, one = KeyRing::of({key('1')}).value(), two = KeyRing::of({key('2')}).value();
  EXPECT_EQ(none.open(none.seal("x", "", random), ""), "x");
  EXPECT_NE(one.open(none.seal("x", "", random), "").error().message.find("in the clear"),
            std::string::npos);
  EXPECT_NE(none.open(one.seal("x", "", random), "").error().message.find("without a key"),
            std::string::npos);
  EXPECT_NE(two.open(one.seal("x", "", random), "").error().message.find("differs"),
            std::string::npos);
  EXPECT_FALSE(one.open(one.seal("x", "question", random), "another"));
  for (const char* text : {"", "\1", "\2", "\3x"})
    EXPECT_FALSE(one.open(text, ""));
}

TEST(KeyRing, survives_its_text) {
  const KeyRing ring = KeyRing::of({key('1'), key('2', 24)}).value();
  EXPECT_EQ(KeyRing::parse(ring.to_text())->list(), ring.list());
  for (const char* text : {"", "{}", "[1]", R"(["short"])"})
    EXPECT_FALSE(KeyRing::parse(text)) << text;
}

}  // namespace
}  // namespace caravan::gossip
