// SPDX-License-Identifier: Apache-2.0
#include "expr/filter.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"

namespace caravan::expr {
namespace {

/// "true", "false" or the error.
std::string answer(std::string_view filter) {
  static const json::Value job = *json::parse(
      R"({"Status": "dead", "Name": "web-1", "Priority": 50, "Stop": false, "Tags": ["a", "b"],
          "Meta": {"tier": "gold", "a.b": "c", "empty": ""}, "Empty": [], "None": null,
          "Groups": [{"Name": "g1", "Count": 1}, {"Name": "g2", "Count": 3}]})");
  const auto parsed = Filter::parse(filter);
  if (!parsed) return parsed.error().message;
  const auto result = parsed->matches(job);
  return !result ? result.error().message : *result ? "true" : "false";
}

TEST(Filter, compares_fields_with_values) {
  EXPECT_EQ(answer("Status == \"dead\""), "true");
  EXPECT_EQ(answer("Status == dead and Priority == 50 and Stop == false"), "true");
  EXPECT_EQ(answer("Status != \"dead\" or Priority != 51"), "true");
  EXPECT_EQ(answer("Meta.tier == `gold` and Meta[\"a.b\"] == c"), "true");
  EXPECT_EQ(answer("\"/Meta/a.b\" == \"c\""), "true");
  EXPECT_EQ(answer("Groups.1.Name == g2"), "true");
}

TEST(Filter, looks_into_lists_maps_and_text) {
  EXPECT_EQ(answer("\"a\" in Tags and \"z\" not in Tags"), "true");
  EXPECT_EQ(answer("Tags contains b and Meta contains tier and Name contains eb"), "true");
  EXPECT_EQ(answer("Tags not contains \"a\""), "false");
  EXPECT_EQ(answer("Meta.tier is not empty and Meta.empty is empty and Empty is empty"), "true");
  EXPECT_EQ(answer("Name matches \"^web-[0-9]+$\" and Name not matches \"^db\""), "true");
}

TEST(Filter, finds_nothing_where_nothing_is) {
  EXPECT_EQ(answer("Meta.nope == \"x\""), "false");
  EXPECT_EQ(answer("Meta.nope != \"x\" and Meta.nope is empty and \"x\" not in Nope"), "true");
  EXPECT_EQ(answer("None == \"x\""), "false");
}

TEST(Filter, binds_not_before_and_before_or) {
  EXPECT_EQ(answer("not Status == dead and Stop == true or Priority == 50"), "true");
  EXPECT_EQ(answer("not (Status == dead and (Stop == true or Priority == 50))"), "false");
  EXPECT_EQ(answer("not not Status == dead"), "true");
}

TEST(Filter, asks_any_and_all_elements) {
  EXPECT_EQ(answer("any Groups as g { g.Count == 3 }"), "true");
  EXPECT_EQ(answer("all Groups as g { g.Count == 3 }"), "false");
  EXPECT_EQ(answer("any Meta as k, v { k == tier and v == gold }"), "true");
  EXPECT_EQ(answer("all Empty as e { e == 1 }"), "true");
}

TEST(Filter, says_what_is_wrong) {
  EXPECT_EQ(answer("Status ="), "filter: 1:8: unexpected \"=\"");
  EXPECT_EQ(answer("Status"),
            "filter: 1:7: expected an operator (==, !=, in, contains, matches, is empty)");
  EXPECT_EQ(answer("(Status == a"), "filter: 1:13: expected \")\"");
  EXPECT_EQ(answer("Name matches \"(\""), "filter: 1:14: invalid regular expression: missing ): (");
  EXPECT_EQ(answer("Priority == high"), "filter: \"high\" is not a number");
  EXPECT_EQ(answer("Stop == 3"), "filter: \"3\" is not a bool");
  EXPECT_EQ(answer(""), "filter: 1:1: unexpected end of the expression");
}

TEST(Filter, names_the_fields_it_needs) {
  EXPECT_EQ(Filter::parse("Meta.a == 1 and any Groups as g { g.Count == 3 }")->fields(),
            (std::vector<std::string>{"Meta", "Groups"}));
}

TEST(Filter, ends_on_hostile_input) {
  EXPECT_NE(answer(std::string(20'000, '(')).find("nesting too deep"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 10'000; ++i) nots += "not ";
  EXPECT_NE(answer(nots).find("nesting too deep"), std::string::npos);
  EXPECT_NE(answer(std::string(filter_bytes_max + 1, 'x')).find("the limit is"), std::string::npos);
}

}  // namespace
}  // namespace caravan::expr
