// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "hcl/testing.hpp"

namespace caravan::hcl {
namespace {

std::string errors_of(const std::string& text, Dialect dialect = Dialect::strict) {
  Diagnostics diagnostics;
  parse("f", text, dialect, diagnostics);
  return diagnostics.summary();
}

TEST(Body, holds_attributes_and_labelled_blocks) {
  Diagnostics diagnostics;
  const File file = parse("f", "a = 1\nb \"x\" y {\n  c = 2 # why\n  d { e = 3 }\n}\n",
                          Dialect::strict, diagnostics);
  ASSERT_EQ(diagnostics.summary(), "");
  ASSERT_EQ(file.body->attributes.size(), 1u);
  const Block& block = file.body->blocks.at(0);
  EXPECT_EQ(block.type, "b");
  ASSERT_EQ(block.labels.size(), 2u);
  EXPECT_EQ(block.labels[1].text, "y");
  EXPECT_EQ(block.body->blocks.at(0).body->attributes.at(0).name, "e");
  EXPECT_EQ(block.body->attributes.at(0).name_range.begin.line, 3u);
}

TEST(Body, takes_a_byte_order_mark_and_windows_line_ends) {
  EXPECT_EQ(errors_of("\xef\xbb\xbf"
                      "a = 1\r\nb {\r\n  c = 2\r\n}\r\n"),
            "");
}

TEST(Body, refuses_what_is_no_text) {
  EXPECT_EQ(errors_of(std::string("a = 1\0", 6)),
            "f: Invalid character; A NUL byte is not allowed.");
  EXPECT_EQ(errors_of("a = \"\xff\""),
            "f: Invalid character encoding; All input files must be UTF-8 encoded.");
}

TEST(Errors, point_to_the_token_where_a_value_was_expected) {
  EXPECT_EQ(errors_of("job \"x\" {\n  group \"g\" {\n    count = \n  }\n"),
            "f:3:13: Invalid expression; Expected the start of an expression, but found an invalid "
            "expression token.\n"
            "f:5:1: Unclosed configuration block; There is no closing brace for this block before "
            "the end of the file. This may be caused by incorrect brace nesting elsewhere in this "
            "file.");
}

TEST(Errors, of_several_items_are_found_in_one_run) {
  EXPECT_EQ(
      errors_of("a = 1 b = 2\nc \"x\" = 3\nd = 'x'\na = 5\n\"q\" = 1\ne { f = 1, g = 2 }\n"),
      "f:1:7: Missing newline after argument; An argument definition must end with a "
      "newline.\n"
      "f:2:7: Invalid block definition; The equals sign \"=\" indicates an argument "
      "definition, and must not be used when defining a block.\n"
      "f:3:5: Invalid character; Single quotes are not valid. Use double quotes (\") to "
      "enclose strings.\n"
      "f:4:1: Attribute redefined; The argument \"a\" was already set. Each argument may be "
      "set only once.\n"
      "f:5:1: Invalid argument name; Argument names must not be quoted.\n"
      "f:6:10: Invalid single-argument block definition; Single-line block syntax can include "
      "only one argument definition. To define multiple arguments, use the multi-line block "
      "syntax with one argument definition per line.");
}

TEST(Errors, are_shown_with_the_line_and_a_caret) {
  Diagnostics diagnostics;
  parse("web.nomad.hcl", "a = 1\n\tbad = é ]\n", Dialect::strict, diagnostics);
  EXPECT_EQ(diagnostics.render(),
            "web.nomad.hcl:2:10: Missing newline after argument; An argument definition must end "
            "with a newline.\n"
            "   bad = é ]\n           ^\n");
}

TEST(Errors, stop_at_twenty) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "x" + std::to_string(i) + " = ]\n";
  Diagnostics diagnostics;
  parse("f", text, Dialect::strict, diagnostics);
  EXPECT_EQ(diagnostics.all().size(), diagnostics_max);
}

TEST(PlainDialect, takes_what_configuration_files_contain) {
  Diagnostics diagnostics;
  const File file = parse("f",
                          "options { \"driver.raw_exec.enable\" = \"1\" x = \"${a(\"b\")}\" }\n"
                          "ports = { http = 1 rpc = 2, serf: 3 }\n",
                          Dialect::plain, diagnostics);
  ASSERT_EQ(diagnostics.summary(), "");
  EXPECT_EQ(file.body->blocks.at(0).body->attributes.at(0).name, "driver.raw_exec.enable");
  const auto& text = file.body->blocks.at(0).body->attributes.at(1).value->node;
  EXPECT_EQ(*std::get<Literal>(text).value.as_string(), "${a(\"b\")}");
}

TEST(JsonSyntax, gives_positions_and_templates) {
  EXPECT_EQ(evaluated_file("{\"x\": [1, 2.5, null, true, \"a${1 + 1}\"]}"),
            "[1,2.5,null,true,\"a2\"]");
  EXPECT_EQ(errors_of("{\n  \"x\": tru\n}"), "f:2:8: Invalid JSON; A JSON value is expected here.");
  EXPECT_EQ(evaluated_file("{\"x\": \"${nope}\"}"),
            "f:1:7: Unknown variable; There is no variable named \"nope\".");
}

TEST(Heredoc, keeps_every_character) {
  EXPECT_EQ(evaluated_file("x = <<EOT\n a $${x} %%{ y \\n \"q\"\r\nEOT\n"),
            "\" a ${x} %{ y \\\\n \\\"q\\\"\\r\\n\"");
  EXPECT_EQ(evaluated_file("x = <<EOT\nEOT\n"), "\"\"");
  EXPECT_EQ(evaluated_file("x = [<<A\n1\nA\n, <<B\n2\nB\n]\n"), "[\"1\\n\",\"2\\n\"]");
}

// What follows was compared with the answers of another implementation of the language.
TEST(Heredoc, loses_its_common_indentation) {
  EXPECT_EQ(evaluated_file("x = <<-EOT\n    x\n      y\n\n    z\n    EOT\n"),
            "\"x\\n  y\\n\\nz\\n\"");
  EXPECT_EQ(evaluated_file("x = <<-EOT\n\t\tx\n\t\t  y\n\tEOT\n"), "\"x\\n  y\\n\"");
  EXPECT_EQ(evaluated_file("x = <<-EOT\n    x ${1}\n  ${2} y\n      q\n  EOT\n"),
            "\"  x 1\\n2 y\\n    q\\n\"");
  EXPECT_EQ(evaluated_file("x = <<-EOT\n    a\n${1}\n    b\n  EOT\n"), "\"    a\\n1\\n    b\\n\"");
}

TEST(Heredoc, leaves_lines_of_blanks_out_of_the_indentation) {
  EXPECT_EQ(evaluated_file("x = <<-EOT\n    a\n      \n      b\n  EOT\n"),
            "\"a\\n      \\n  b\\n\"");
}

TEST(Heredoc, counts_the_indentation_after_trimming) {
  EXPECT_EQ(evaluated_file("x = <<-EOT\n    %{ for x in [1,2] ~}\n    - ${x}\n    %{ endfor ~}\n"
                           "    end\n  EOT\n"),
            "\"    - 1\\n    - 2\\n    end\\n\"");
  EXPECT_EQ(evaluated_file("x = <<-EOT\n      a\n    %{ if true ~}\n      x\n    %{~ endif ~}\n"
                           "      b\n  EOT\n"),
            "\"      a\\n          x\\n      b\\n\"");
  EXPECT_EQ(evaluated_file("x = <<EOT\n    x %{ if true ~}\n\n      y\n    %{~ endif ~}\n  z\n"
                           "EOT\n"),
            "\"    x \\n      y\\n  z\\n\"");
}

TEST(Heredoc, without_its_marker_is_an_error) {
  EXPECT_EQ(errors_of("x = <<EOT\n foo\n"),
            "f:1:5: Unterminated template string; No closing marker \"EOT\" was found for the "
            "string.");
}

}  // namespace
}  // namespace caravan::hcl
