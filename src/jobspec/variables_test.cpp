// SPDX-License-Identifier: Apache-2.0
#include "jobspec/variables.hpp"

#include <gtest/gtest.h>

#include "json/writer.hpp"

namespace caravan::jobspec {
namespace {

/// The job's metadata as JSON, or the errors.
std::string meta_of(ParseInput input) {
  input.file_name = "f";
  const Parsed parsed = parse(input);
  if (parsed.diagnostics.has_errors()) return parsed.diagnostics.summary();
  return json::to_string(parsed.json.at("Meta"));
}

std::string job_with_meta(const std::string& declarations, const std::string& meta) {
  return declarations + "\njob \"j\" {\n  meta {\n    " + meta + "\n  }\n}\n";
}

ParseInput with_source(std::string source) {
  ParseInput input;
  input.source = std::move(source);
  return input;
}

TEST(Variables, take_the_last_value_given) {
  ParseInput input =
      with_source(job_with_meta("variable \"a\" {\n default = \"1\"\n}", "x = var.a"));
  EXPECT_EQ(meta_of(input), R"({"x":"1"})");
  input.environment = {{"NOMAD_VAR_a", "2"}, {"NOMAD_VAR_other", "ignored"}};
  EXPECT_EQ(meta_of(input), R"({"x":"2"})");
  input.variable_files = {{"one.vars", "a = 3"}, {"two.vars", "{\"a\": \"4\"}"}};
  EXPECT_EQ(meta_of(input), R"({"x":"4"})");
  input.variables = {{"a", "5"}, {"a", "6"}};
  EXPECT_EQ(meta_of(input), R"({"x":"6"})");
}

TEST(Variables, read_raw_text_by_their_type) {
  ParseInput input = with_source(job_with_meta(
      "variable \"n\" {\n type = number\n}\nvariable \"l\" {\n type = list(string)\n}\n"
      "variable \"t\" {}\nvariable \"b\" {\n default = true\n}",
      "x = \"${var.n + 1} ${join(\"-\", var.l)} ${var.t} ${!var.b}\""));
  input.variables = {{"n", "41"}, {"l", "[\"a\", \"b\"]"}, {"t", "[raw]"}, {"b", "true"}};
  EXPECT_EQ(meta_of(input), R"({"x":"42 a-b [raw] false"})");
}

TEST(Variables, are_converted_and_validated) {
  const std::string declaration =
      "variable \"n\" {\n type = number\n validation {\n condition = var.n > 2\n"
      " error_message = \"n is too small.\"\n }\n}";
  ParseInput input = with_source(job_with_meta(declaration, "x = var.n"));
  input.variables = {{"n", "1"}};
  EXPECT_EQ(meta_of(input), "f:1:1: Invalid value for variable \"n\"; n is too small.");
  input.variables = {{"n", "x"}};
  EXPECT_NE(meta_of(input).find("The value is not of type number: a number is required."),
            std::string::npos);
  input.variables = {{"n", "3"}};
  EXPECT_EQ(meta_of(input), R"({"x":"3"})");
}

TEST(Variables, must_be_set_when_used) {
  EXPECT_EQ(meta_of(with_source(job_with_meta("variable \"a\" {}", "x = var.a\n y = var.a"))),
            "f:4:9: Unset variable; A used variable must be set or have a default value: \"a\" has "
            "neither.");
  EXPECT_EQ(meta_of(with_source(job_with_meta("variable \"a\" {}", "x = 1"))), R"({"x":"1"})");
}

TEST(Variables, must_exist_to_be_set) {
  ParseInput input = with_source(job_with_meta("variable \"count\" {}", "x = 1"));
  input.variable_files = {{"v", "coumt = 1"}};
  EXPECT_EQ(meta_of(input),
            "v:1:1: Undefined variable; A \"coumt\" variable was set but was not found in known "
            "variables. Did you mean \"count\"?");
  input.strict = false;
  EXPECT_EQ(meta_of(input), R"({"x":"1"})");
  input.variables = {{"b", "1"}};
  EXPECT_NE(meta_of(input).find("Undefined -var variable"), std::string::npos);
}

TEST(Variables, are_not_declared_in_value_files) {
  ParseInput input = with_source(job_with_meta("variable \"a\" {}", "x = 1"));
  input.variable_files = {{"v", "variable \"b\" {}"}};
  EXPECT_NE(meta_of(input).find("v:1:1: Variable declaration in a variable file"),
            std::string::npos);
}

TEST(Locals, may_come_in_any_order) {
  EXPECT_EQ(meta_of(with_source(job_with_meta(
                "locals {\n a = \"${local.b}!\"\n b = var.v\n}\nvariables {\n v = \"x\"\n}\n"
                "locals {\n c = \"${NOMAD_DC}-${local.a}\"\n}",
                "x = local.c"))),
            R"({"x":"${NOMAD_DC}-x!"})");
}

TEST(Locals, may_not_be_circular) {
  EXPECT_EQ(meta_of(with_source(job_with_meta("locals {\n a = local.b\n b = local.a\n}", "x = 1"))),
            "f:2:2: Circular local values; \"a\" refers to itself, directly or through others.");
}

}  // namespace
}  // namespace caravan::jobspec
