// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::json {
namespace {

TEST(Json, what_was_written_reads_back_the_same) {
  for (const char* text :
       {"null", "[]", "{}", R"({"a":[1,-2.5,"x\n\"",true,null],"b":{"c":9007199254740993}})"})
    EXPECT_EQ(to_string(parse(text).value()), text);
}

TEST(Json, of_duplicate_names_the_last_wins) {
  EXPECT_EQ(*parse(R"({"a":1,"a":2})")->at("a").as_int(), 2);
}

TEST(Json, an_object_of_very_many_members_reads_in_time) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i)
    text += "\"k" + std::to_string(i % 150'000) + "\":" + std::to_string(i) + ",";
  text.back() = '}';
  const Value value = parse(text).value();
  EXPECT_EQ(value.as_object()->size(), 150'000u);
  EXPECT_EQ(*value.at("k7").as_int(), 150'007);
}

TEST(Json, broken_documents_say_where) {
  EXPECT_EQ(parse("{\n \"a\": ]}").error().message.substr(0, 4), "2:7:");
  for (const char* text : {"", "{", "[1,]", "{\"a\" 1}", "1e999", "nul", "[1] x"})
    EXPECT_FALSE(parse(text).has_value()) << text;
}

TEST(Json, depth_is_limited) {
  EXPECT_FALSE(parse(std::string(1000, '[') + std::string(1000, ']')).has_value());
  EXPECT_TRUE(parse(std::string(40, '[') + std::string(40, ']')).has_value());
}

TEST(Json, pretty_text_has_one_member_a_line) {
  EXPECT_EQ(to_pretty(parse(R"({"a":[1,2],"b":{}})").value(), 2),
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

TEST(Json, integers_up_to_64_bits_without_a_sign_keep_all_of_them) {
  const Value value = parse("[18446744073709551615,9223372036854775808,7,-1]").value();
  const Array& list = *value.as_array();
  EXPECT_EQ(list[0].as_unsigned(), ~std::uint64_t{0});
  EXPECT_EQ(list[1].as_unsigned(), std::uint64_t{1} << 63);
  EXPECT_EQ(list[2].as_unsigned(), 7U);
  EXPECT_FALSE(list[3].as_unsigned());
  EXPECT_FALSE(list[0].as_int());
  EXPECT_EQ(*list[1].as_double(), 9223372036854775808.0);
  EXPECT_EQ(list[0].kind(), "a number");
  EXPECT_EQ(to_string(value), "[18446744073709551615,9223372036854775808,7,-1]");
}

}  // namespace
}  // namespace caravan::json
