// SPDX-License-Identifier: Apache-2.0
// Sources written to hurt. Each must end soon, with an error, in bounded memory.
#include <gtest/gtest.h>

#include "hcl/limits.hpp"
#include "hcl/reader.hpp"
#include "hcl/testing.hpp"

namespace caravan::hcl {
namespace {

std::string repeated(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

void expect_error(const std::string& result, std::string_view summary) {
  EXPECT_NE(result.find(summary), std::string::npos) << result.substr(0, 300);
}

TEST(Hostile, nesting_ends_at_the_depth_limit) {
  for (const char* opening : {"[", "(", "{a=", "\"${", "-", "!", "f(", "true?1:", "[for x in "})
    expect_error(evaluated(repeated(opening, 100'000)), "Nesting too deep");
  expect_error(evaluated_file(repeated("a {\n", 100'000)), "Nesting too deep");
  expect_error(evaluated_file("{\"a\":" + repeated("[", 100'000)), "More than 64 levels");
  expect_error(evaluated("\"" + repeated("%{ if true }", 500) + "\""), "Nesting too deep");
}

TEST(Hostile, long_chains_are_bounded) {
  expect_error(evaluated("1" + repeated("+1", 100'000)), "Expression too long");
  EXPECT_EQ(evaluated("1" + repeated("+1", 900)), "901");
  EXPECT_EQ(evaluated("[1]" + repeated("[*]", 40)).substr(0, 20), std::string(20, '['));
}

TEST(Hostile, doubling_values_are_refused) {
  std::string text = "[for a in [\"" + std::string(1000, 'x') + "\"] : ";
  for (int i = 0; i < 30; ++i) text += "[for a in [[a, a, a, a]] : ";
  text += "a" + std::string(31, ']');
  expect_error(evaluated(text), "Value too large");
}

TEST(Hostile, loops_run_out_of_budget) {
  expect_error(evaluated("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : "
                         "a]]]"),
               "Evaluation limit reached");
  expect_error(evaluated("can([for a in range(1000) : [for b in range(1000) : [for c in range(1000)"
                         " : a]]])"),
               "Evaluation limit reached");
}

TEST(Hostile, growing_functions_are_bounded) {
  expect_error(evaluated("range(1000000)"), "more than 1024 values");
  expect_error(evaluated("indent(1000000000, \"a\\nb\")"), "has over");
  expect_error(evaluated("format(\"%1000000000d\", 1)"), "a width over");
  expect_error(evaluated("setproduct(range(1000), range(1000), range(1000))"), "combinations");
  expect_error(evaluated("join(format(\"%4000s\", \"\"), range(1024), range(1024), range(1024))"),
               "has over");
  expect_error(evaluated("1e999999999"), "too large");
  expect_error(evaluated("pow(10, 999999)"), "not a finite number");
  expect_error(evaluated("1e299 * 1e299"), "too large");
  expect_error(evaluated("bcrypt(\"x\", 31)"), "outside 4..14");
}

TEST(Hostile, far_times_are_refused) {
  expect_error(evaluated("timeadd(\"9999-01-01T00:00:00Z\", \"1s\")"), "outside of 1700..2250");
  expect_error(evaluated("timeadd(\"0001-01-01T00:00:00Z\", \"1s\")"), "outside of 1700..2250");
  expect_error(evaluated("timeadd(\"2250-01-01T00:00:00Z\", \"2562047h\")"), "out of range");
}

TEST(Hostile, yaml_aliases_do_not_explode) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x]\\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 7; ++j) yaml += ", " + before;
    yaml += "]\\n";
  }
  expect_error(evaluated("yamldecode(\"" + yaml + "\")"), "more than 100000 elements");
  expect_error(evaluated("yamldecode(\"a: &a [*a]\")"), "levels");
}

TEST(Hostile, a_pattern_cannot_backtrack) {
  expect_error(evaluated("regex_replace(\"" + std::string(5000, 'a') + "!\", \"(a+)+$\", \"" +
                         std::string(5000, 'b') + "\")"),
               "has over");
  EXPECT_EQ(
      evaluated("strlen(regex_replace(\"" + std::string(5000, 'a') + "!\", \"(a+)+$\", \"\"))"),
      "5001");
}

TEST(Hostile, many_names_do_not_cost_their_square) {
  std::string blocks;
  std::string attributes;
  for (int i = 0; i < 50'000; ++i) {
    blocks += "b" + std::to_string(i) + " {}\n";
    attributes += "a" + std::to_string(i) + " = 1\n";
  }
  for (const std::string& text : {blocks, attributes}) {
    Diagnostics diagnostics;
    const File file = parse("f", text, Dialect::strict, diagnostics);
    hcl::Run run(diagnostics);
    const Scope scope;
    EXPECT_FALSE(free_form({file.body.get(), &scope}, run));
    BodyReader({file.body.get(), &scope}, run).finish();
    EXPECT_TRUE(diagnostics.full());
  }
}

TEST(Hostile, a_large_source_is_refused) {
  expect_error(evaluated(std::string(source_bytes_max + 1, ' ')), "Source too large");
}

}  // namespace
}  // namespace caravan::hcl
