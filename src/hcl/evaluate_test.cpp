// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "hcl/testing.hpp"
#include "hcl/walk.hpp"

namespace caravan::hcl {
namespace {

TEST(Numbers, are_decimal_and_exact) {
  EXPECT_EQ(evaluated("0.1 + 0.2 == 0.3"), "true");
  EXPECT_EQ(evaluated("\"x${1e30}\""), "\"x1000000000000000000000000000000\"");
  EXPECT_EQ(evaluated("\"x${2e-7}\""), "\"x0.0000002\"");
  EXPECT_EQ(evaluated("9223372036854775807 + 1 - 1"), "9223372036854775807");
  EXPECT_EQ(evaluated("\"x${-1.50}\""), "\"x-1.5\"");
}

TEST(Operators, follow_precedence) {
  EXPECT_EQ(evaluated("1 + 2 * 3 - 4 / 2"), "5");
  EXPECT_EQ(evaluated("-5 % 3"), "-2");
  EXPECT_EQ(evaluated("!false && 1 < 2 || nope"), "true");
  EXPECT_EQ(evaluated("(1 + 2) * 3 >= 9 ? \"y\" : \"n\""), "\"y\"");
}

TEST(Operators, convert_text_to_numbers_but_equality_does_not) {
  EXPECT_EQ(evaluated("\"5\" + 1"), "6");
  EXPECT_EQ(evaluated("1 == \"1\""), "false");
  EXPECT_EQ(evaluated("\"true\" && true"), "true");
  EXPECT_EQ(evaluated("\"x\" + 1"),
            "e:1:1: Invalid operand; Unsuitable value for left operand: a number is required.");
  EXPECT_EQ(evaluated("1 / 0"),
            "e:1:1: Operation failed; Error during operation: division by zero.");
}

TEST(Conditional, gives_both_sides_one_type) {
  EXPECT_EQ(evaluated("true ? 1 : \"a\""), "\"1\"");
  EXPECT_EQ(evaluated("true ? 1 : null"), "1");
  EXPECT_EQ(evaluated("true ? 1 : true"),
            "e:1:1: Inconsistent conditional result types; The true and false result expressions "
            "must have consistent types. The 'true' value is number, but the 'false' value is "
            "bool.");
}

TEST(For, builds_lists_and_objects) {
  EXPECT_EQ(evaluated("[for i, v in [\"a\", \"b\", \"c\"] : \"${i}${v}\" if v != \"b\"]"),
            "[\"0a\",\"2c\"]");
  EXPECT_EQ(evaluated("{for k, v in {b = 1, a = 2} : v => k...}"), "{\"1\":[\"b\"],\"2\":[\"a\"]}");
  EXPECT_EQ(
      evaluated("{for v in [1, 1] : v => v}"),
      "e:1:20: Duplicate object key; Two different items produced the key \"1\" in this 'for' "
      "expression. If duplicates are expected, use the ellipsis (...) after the value "
      "expression to enable grouping by key.");
}

TEST(Splat, applies_what_follows_to_each) {
  EXPECT_EQ(evaluated("{a = [{b = 1}, {b = 2}]}.a[*].b"), "[1,2]");
  EXPECT_EQ(evaluated("[[1, 2], [3]][*][0]"), "[1,3]");
  EXPECT_EQ(evaluated("[{b = [5]}].*.b[0]"), "[5]");
  EXPECT_EQ(evaluated("null[*]"), "[]");
  EXPECT_EQ(evaluated("\"x\"[*]"), "[\"x\"]");
}

TEST(Access, goes_into_lists_and_objects) {
  EXPECT_EQ(evaluated("[1, 2].1"), "2");
  EXPECT_EQ(evaluated("{a = {\"b c\" = 3}}.a[\"b c\"]"), "3");
  EXPECT_EQ(evaluated("[1][5]"),
            "e:1:4: Invalid index; The given key does not identify an element in this collection "
            "value.");
  EXPECT_EQ(evaluated("{count = 1}.countt"),
            "e:1:12: Unsupported attribute; This object does not have an attribute named "
            "\"countt\". Did you mean \"count\"?");
}

TEST(Templates, join_text_and_values) {
  EXPECT_EQ(evaluated("\"a${true}b${1.50}\""), "\"atrueb1.5\"");
  EXPECT_EQ(evaluated("\"${[1]}\""), "[1]");  // alone, it is the value itself
  EXPECT_EQ(evaluated("\"x${[1]}\""),
            "e:1:3: Invalid template interpolation value; Cannot include the given value in a "
            "string template: a string is required.");
  EXPECT_EQ(evaluated("\"%{ for x in [1,2,3] ~} ${x} %{ endfor ~} z\""), "\"1 2 3 z\"");
  EXPECT_EQ(evaluated("\"a  ${~ 1 ~}  b\""), "\"a1b\"");
  EXPECT_EQ(evaluated("\"a$b $ %{ if false }x%{ else ~}   y%{ endif } $\""), "\"a$b $ y $\"");
  EXPECT_EQ(evaluated("\"\\u00e9\\U0001F600\\ta\""), "\"é😀\\ta\"");
}

TEST(Templates, of_runtime_names_stay_as_written) {
  const Scope scope(Scope::UnknownRoot::keep);
  EXPECT_EQ(evaluated("attr.kernel.name", scope), "\"${attr.kernel.name}\"");
  EXPECT_EQ(evaluated("\"a-${attr.unique.network.ip-address}\"", scope),
            "\"a-${attr.unique.network.ip-address}\"");
  EXPECT_EQ(evaluated("\"${env[\"HO.ME\"]}:${NOMAD_PORT_http}\"", scope),
            "\"${env[\\\"HO.ME\\\"]}:${NOMAD_PORT_http}\"");
  EXPECT_EQ(evaluated("\"$${left} %%{alone}\"", scope), "\"${left} %{alone}\"");
  EXPECT_EQ(evaluated("meta[lower(\"KEY\")]", scope), "\"${meta[\\\"key\\\"]}\"");
  EXPECT_EQ(evaluated("upper(NOMAD_DC)", scope), "\"${NOMAD_DC}\"");
}

TEST(Templates, of_runtime_names_work_in_json) {
  EXPECT_EQ(evaluated_file("{\"a\": \"x ${meta.k} ${env[\\\"A\\\"]}\"}", Dialect::strict,
                           Scope::UnknownRoot::keep),
            "\"x ${meta.k} ${env[\\\"A\\\"]}\"");
}

TEST(Try, hides_errors_and_can_tells_of_them) {
  EXPECT_EQ(evaluated("try(nope.x, 2)"), "2");
  EXPECT_EQ(evaluated("[can(nope), can(1)]"), "[false,true]");
}

TEST(Convert, follows_type_expressions) {
  EXPECT_EQ(evaluated("convert([\"1\", 2], list(number))"), "[1,2]");
  EXPECT_EQ(evaluated("convert([2, 1, 2], set(string))"), "[\"1\",\"2\"]");
  EXPECT_EQ(evaluated("convert({a = 1, c = 2}, object({a = string, b = optional(bool)}))"),
            "{\"a\":\"1\",\"b\":null}");
  EXPECT_EQ(evaluated("convert({a = [\"x\"]}, map(list(number)))"),
            "e:1:1: Error in function call; [\"a\"][0]: a number is required.");
  EXPECT_EQ(evaluated("convert([1, \"a\"], tuple([string, string]))"), "[\"1\",\"a\"]");
}

TEST(References, are_found_everywhere_in_a_tree) {
  Diagnostics diagnostics;
  const LoneExpression lone = parse_expression(
      "e",
      "f(var.a, [for x in local.b : x])[var.c] ? \"%{ if var.d }${-e}%{ endif }\" : {(g) = h[0]}",
      diagnostics);
  ASSERT_EQ(diagnostics.summary(), "");
  std::string found;
  for_each_reference(*lone.tree, [&](const Reference& r) {
    found += std::string(r.root) + "." + std::string(r.attribute) + " ";
  });
  EXPECT_EQ(found, "var.a local.b x. var.c var.d e. g. h. ");
}

}  // namespace
}  // namespace caravan::hcl
