// SPDX-License-Identifier: Apache-2.0
// What the core of the language does was compared with Go's own text/template.
#include "expr/template.hpp"

#include <gtest/gtest.h>

#include "expr/testing.hpp"

namespace caravan::expr {
namespace {

TEST(Template, prints_values_as_go_does) {
  EXPECT_EQ(rendered("{{$m := fixture}}{{$m.big}} {{$m.half}} {{$m.list}} {{$m.map}} {{$m.none}}"),
            "1e+06 1.5 [1 2 x] map[a:<nil> x:y] <no value>");
  EXPECT_EQ(rendered("{{1e6}} {{0x10}} {{1_000}} {{'a'}} {{`raw {{ }}`}} {{true}}"),
            "1e+06 16 1000 97 raw {{ }} true");
  EXPECT_EQ(rendered("{{print 1 2 \"a\" \"b\" 3}} {{println \"x\"}}"), "1 2ab3 x\n");
}

TEST(Template, trims_where_markers_say_so) {
  EXPECT_EQ(rendered("a \n {{- 3 -}}  b"), "a3b");
  EXPECT_EQ(rendered("{{/* why */ -}}   z {{- /* so */}} y"), "z y");
  EXPECT_EQ(rendered("{{ 3 -}} z {{-3}}"), "3z -3");
}

TEST(Template, branches) {
  EXPECT_EQ(rendered("{{if eq \"x\" \"q\"}}1{{else if eq \"x\" \"x\"}}2{{else}}3{{end}}"), "2");
  EXPECT_EQ(rendered("{{with \"\"}}x{{else with 5}}{{.}}{{end}}"), "5");
  EXPECT_EQ(rendered("{{with $x := 3}}{{$x}}{{.}}{{end}}"), "33");
  EXPECT_EQ(rendered("{{if not (and 1 (or 0 \"\"))}}yes{{end}}"), "yes");
}

TEST(Template, loops) {
  EXPECT_EQ(rendered("{{range $i, $v := fixture.list}}{{$i}}={{$v}},{{else}}none{{end}}"),
            "0=1,1=2,2=x,");
  EXPECT_EQ(rendered("{{range $k, $v := fixture.map}}{{$k}}={{$v}} {{end}}"), "a=<no value> x=y ");
  EXPECT_EQ(rendered("{{range sprig_list}}x{{else}}none{{end}}"), "none");
  EXPECT_EQ(rendered("{{range loop 5}}{{if eq . 1}}{{continue}}{{end}}{{if eq . 3}}{{break}}{{end}}"
                     "{{.}}{{end}}"),
            "02");
  EXPECT_EQ(rendered("{{range 3}}{{.}}{{end}} {{range loop 2 4}}{{.}}{{end}}"), "012 23");
}

TEST(Template, keeps_variables_in_their_scope) {
  EXPECT_EQ(rendered("{{$x := 1}}{{range loop 3}}{{$x = .}}{{end}}{{$x}}"), "2");
  EXPECT_EQ(rendered("{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}"), "21");
  EXPECT_EQ(rendered("{{if true}}{{$y := 2}}{{end}}{{$y}}"),
            "template: 1:32: undefined variable \"$y\"");
}

TEST(Template, defines_and_calls_others) {
  EXPECT_EQ(rendered("{{define \"T\"}}[{{.}}]{{end}}{{template \"T\" 5}}{{template \"T\"}}"),
            "[5][<no value>]");
  EXPECT_EQ(rendered("{{block \"b\" 7}}<{{.}}>{{end}}"), "<7>");
  EXPECT_EQ(rendered("{{template \"nope\"}}"), "template: 1:1: template \"nope\" not defined");
}

TEST(Template, pipes_the_last_argument) {
  EXPECT_EQ(rendered("{{\"b\" | printf \"%s-%s\" \"a\" | toUpper}}"), "A-B");
  EXPECT_EQ(rendered("{{(index fixture.list 0)}} {{(fixture).map.x}} {{len (fixture.list)}}"),
            "1 y 3");
}

TEST(Template, takes_other_delimiters) {
  DictionarySource source;
  const auto parsed = Template::parse("[[ 1 ]] {{ 2 }}", {"[[", "]]", false});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->render(source)->text, "1 {{ 2 }}");
}

TEST(Template, says_where_it_cannot_be_read) {
  EXPECT_EQ(rendered("a\n {{foo}}"), "template: 2:4: function \"foo\" not defined");
  EXPECT_EQ(rendered("{{if}}"), "template: 1:5: missing value for if");
  EXPECT_EQ(rendered("{{if 1}}"), "template: 1:9: {{if}} of line 1 has no {{end}}");
  EXPECT_EQ(rendered("x{{end}}"), "template: 1:7: unexpected {{end}}");
  EXPECT_EQ(rendered("{{\"a\"b}}"), "template: 1:6: unexpected \"b\" in operand");
  EXPECT_EQ(rendered("{{break}}"), "template: 1:8: {{break}} outside {{range}}");
  EXPECT_EQ(rendered("{{ \"a"), "template: 1:4: unterminated quoted string");
  EXPECT_EQ(rendered("{{ 1"), "template: 1:1: unclosed action");
}

TEST(Template, says_where_it_cannot_be_run) {
  EXPECT_EQ(rendered("{{eq 1 \"a\"}}"),
            "template: 1:1: eq: incompatible types for comparison: a number and a string");
  EXPECT_EQ(rendered("\n{{index fixture.list 9}}"), "template: 2:1: index: index out of range: 9");
  EXPECT_EQ(rendered("{{\"x\".y}}"), "template: 1:1: can't evaluate field y in a string");
}

TEST(Template, may_refuse_missing_keys) {
  DictionarySource source;
  source.data[{"nomadVar", {"v"}}] = json::Object{{"a", 1}};
  const auto parsed = Template::parse("{{(nomadVar `v`).nope}}", {"{{", "}}", true});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->render(source).error().message,
            "template: 1:1: map has no entry for key \"nope\"");
}

TEST(Dependencies, are_recorded_and_missing_ones_make_it_wait) {
  DictionarySource source;
  source.data[{"key", {"a"}}] = "1";
  const auto parsed = Template::parse(
      "{{key \"a\"}}{{key \"b\"}}{{key \"a\"}}{{keyExists \"c\"}}{{keyOrDefault \"d\" \"D\"}}");
  const auto rendering = parsed->render(source);
  ASSERT_TRUE(rendering);
  EXPECT_EQ(rendering->text, "11falseD");
  EXPECT_FALSE(rendering->complete());
  EXPECT_EQ(rendering->missing, (std::vector<Dependency>{{"key", {"b"}}}));
  EXPECT_EQ(rendering->used.size(), 4u);
}

TEST(Dependencies, that_are_missing_excuse_errors) {
  DictionarySource source;
  const auto rendering = Template::parse("{{(secret \"x\").Data.y}}")->render(source);
  ASSERT_TRUE(rendering) << rendering.error().message;
  EXPECT_EQ(rendering->missing, (std::vector<Dependency>{{"secret", {"x"}}}));
}

TEST(Dependencies, keep_their_shapes) {
  DictionarySource source;
  source.data[{"service", {"tag.web@dc1|passing"}}] = json::Array{
      json::Object{{"Address", "10.0.0.1"}, {"Port", 80}, {"Tags", json::Array{"a", "b"}}},
      json::Object{{"Address", "10.0.0.2"}, {"Port", 81}, {"Tags", json::Array{}}}};
  source.data[{"secret", {"kv/x", "ttl=1h"}}] = json::Object{{"Data", json::Object{{"y", "z"}}}};
  const auto parsed = Template::parse(
      "{{range service \"tag.web@dc1|passing\"}}server {{.Address}}:{{.Port}}"
      "{{if .Tags.Contains \"a\"}} a{{end}};{{end}}"
      "{{with secret \"kv/x\" \"ttl=1h\"}}{{.Data.y}}{{end}}");
  EXPECT_EQ(parsed->render(source)->text, "server 10.0.0.1:80 a;server 10.0.0.2:81;z");
}

TEST(HostileTemplate, ends_within_its_limits) {
  const auto expect_error = [](const std::string& text, std::string_view part) {
    EXPECT_NE(rendered(text).find(part), std::string::npos) << rendered(text).substr(0, 200);
  };
  std::string nested;
  for (int i = 0; i < 50'000; ++i) nested += "{{if 1}}";
  expect_error(nested, "nesting too deep");
  expect_error("{{" + std::string(50'000, '(') + "}}", "nesting too deep");
  expect_error("{{define \"a\"}}{{template \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}",
               "exceeded the depth");
  expect_error("{{range loop 9999}}{{range loop 9999}}{{range loop 9999}}{{end}}{{end}}{{end}}",
               "too many steps");
  expect_error("{{$x := \"0123456789\"}}{{range loop 64}}{{$x = print $x $x}}{{end}}", "over");
  expect_error("{{$x := sprig_list 1}}{{range loop 64}}{{$x = sprig_list $x $x}}{{end}}", "over");
  expect_error("{{$x := sprig_list}}{{range loop 9999}}{{$x = sprig_list $x}}{{end}}", "levels");
  expect_error("{{sprig_repeat 1000000000 \"x\"}}", "over");
  expect_error("{{range loop 5000}}{{sprig_repeat 4000 \"x\"}}{{end}}", "the result has over");
  expect_error("{{loop 100000000}}", "turns");
  expect_error("{{range 10000000}}{{end}}", "too many steps");
}

}  // namespace
}  // namespace caravan::expr
