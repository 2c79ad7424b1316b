// SPDX-License-Identifier: Apache-2.0
#include "expr/template_functions.hpp"

#include <gtest/gtest.h>

#include "expr/testing.hpp"

namespace caravan::expr {
namespace {

struct Case {
  const char* text;
  const char* expected;
};

void expect_all(std::span<const Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(rendered(c.text), c.expected) << c.text;
}

TEST(TemplateFunctions, of_go) {
  constexpr Case cases[] = {
      {"{{printf \"%5d|%-5s|%05.2f|%x|%t|%v|%q|%T\" 42 \"a\" 3.14159 \"hi\" true (sprig_list 1 2) "
       "\"y\" 1}}",
       "   42|a    |03.14|6869|true|[1 2]|\"y\"|int"},
      {"{{printf \"%d\" \"x\"}} {{printf \"%s\" 5}} {{printf \"%d\"}} {{printf \"x\" 1}}",
       "%!d(string=x) %!s(int=5) %!d(MISSING) x%!(EXTRA int=1)"},
      {"{{html \"<a&\\\">\"}} {{js \"it's\"}} {{urlquery \"a b&c\"}}",
       "&lt;a&amp;&#34;&gt; it\\'s a+b%26c"},
      {"{{len \"abc\"}} {{slice \"hello\" 1 3}} {{index (sprig_dict \"a\" 5) \"a\"}}", "3 el 5"},
      {"{{lt 1 2}} {{ge \"b\" \"a\"}} {{ne 1 1}} {{eq 3 1 2 3}}", "true true false true"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, of_text) {
  constexpr Case cases[] = {
      {"{{toLower \"AB\"}} {{toUpper \"ab\"}} {{toTitle \"a bc\"}}", "ab AB A Bc"},
      {"{{trimSpace \" a \"}}{{trim \"!\" \"!b!\"}}{{trimPrefix \"x\" \"xc\"}}"
       "{{\"dy\" | trimSuffix \"y\"}}",
       "abcd"},
      {"{{split \",\" \"a,b\" | join \"-\"}} {{(splitToMap \",\" \":\" \"a:1,b:2\").b}}", "a-b 2"},
      {"{{replaceAll \"a\" \"b\" \"banana\"}} {{\"x1y\" | regexReplaceAll \"[0-9]\" \"<$0>\"}}",
       "bbnbnb x<1>y"},
      {"{{if \"web-1\" | regexMatch \"^web\"}}yes{{end}}", "yes"},
      {"{{\"a\\nb\" | indent 2}}", "  a\n  b"},
      {"{{contains \"a\" \"abc\"}} {{in (sprig_list 1 2) 2}}", "true true"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, of_numbers) {
  constexpr Case cases[] = {
      {"{{add 1 2}} {{subtract 2 5}} {{5 | subtract 2}} {{multiply 2 3}} {{divide 2 7}} "
       "{{modulo 2 7}}",
       "3 3 3 6 3 1"},
      {"{{add 1 2.5}} {{maximum 1 2}} {{minimum 1 2}} {{parseInt \"12\"}} {{parseFloat \"1.5\"}}",
       "3.5 2 1 12 1.5"},
      {"{{divide 0 1}}", "template: 1:1: divide: division by zero"},
      {"{{parseBool \"true\"}} {{parseUint \"7\"}}", "true 7"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, of_encodings) {
  constexpr Case cases[] = {
      {"{{base64Encode \"hi\"}} {{base64Decode \"aGk=\"}} {{base64URLEncode \"~~>\"}}",
       "aGk= hi fn4-"},
      {"{{sha256Hex \"a\"}}", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
      {"{{md5sum \"a\"}}", "0cc175b9c0f1b6a831c399e269772661"},
      {"{{hmacSHA256Hex \"data\" \"key\"}}",
       "5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0"},
      {"{{(parseJSON \"{\\\"a\\\": [1, 2]}\").a}} {{toJSON (sprig_dict \"b\" 1 \"a\" \"<\")}}",
       "[1 2] {\"a\":\"\\u003c\",\"b\":1}"},
      {"{{toYAML (sprig_dict \"a\" (sprig_list \"x\" \"1\") \"b\" (sprig_dict \"c\" true))}}",
       "a:\n- x\n- \"1\"\nb:\n  c: true"},
      {"{{toJSONPretty (sprig_dict \"a\" 1)}}", "{\n  \"a\": 1\n}"},
      {"{{timestamp}} {{timestamp \"unix\"}} {{timestamp \"Mon Jan _2 15:04:05 2006\"}}",
       "2023-11-14T22:13:20Z 1700000000 Tue Nov 14 22:13:20 2023"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, of_environment) {
  constexpr Case cases[] = {
      {"{{env \"HOME\"}}{{env \"NOPE\"}} {{envOrDefault \"EMPTY\" \"d\"}} {{mustEnv \"HOME\"}}",
       "/root d /root"},
      {"{{mustEnv \"NOPE\"}}", "template: 1:1: mustEnv: variable \"NOPE\" is not set"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, of_maps) {
  constexpr Case cases[] = {
      {"{{(explodeMap (sprig_dict \"a/b\" 1 \"a/c\" 2)).a.c}}", "2"},
      {"{{toJSON (mergeMap (sprig_dict \"a\" 1) (sprig_dict \"a\" 2 \"b\" 3))}}",
       "{\"a\":2,\"b\":3}"},
      {"{{toJSON (sprig_dict \"a\" 2 | mergeMapWithOverride (sprig_dict \"a\" 1))}}", "{\"a\":1}"},
      {"{{containsAll (sprig_list 1) (sprig_list 1 2)}} {{containsNone (sprig_list 3) (sprig_list "
       "1)}}",
       "true true"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, of_scratch) {
  constexpr Case cases[] = {
      {"{{scratch.Set \"a\" 1}}{{scratch.SetX \"a\" 2}}{{scratch.Get \"a\"}} {{scratch.Key \"b\"}}",
       "1 false"},
      {"{{scratch.MapSet \"m\" \"k\" 1}}{{scratch.MapSetX \"m\" \"k\" 2}}"
       "{{scratch.MapSet \"m\" \"l\" 3}}{{range scratch.MapValues \"m\"}}{{.}}{{end}}",
       "13"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, of_sprig) {
  constexpr Case cases[] = {
      {"{{\"\" | sprig_default \"d\"}} {{\"x\" | sprig_quote}} {{sprig_squote \"y\"}}",
       "d \"x\" 'y'"},
      {"{{sprig_add 1 2 3}} {{sprig_sub 5 2}} {{sprig_div 7 2}} {{sprig_max 1 5 3}}", "6 3 3 5"},
      {"{{sprig_join \",\" (sprig_list 1 2)}} {{sprig_first (sprig_list 1 2)}} "
       "{{sprig_last (sprig_list 1 2)}}",
       "1,2 1 2"},
      {"{{sprig_ternary \"a\" \"b\" true}} {{sprig_trunc 2 \"abc\"}} {{sprig_hasPrefix \"a\" "
       "\"ab\"}}",
       "a ab true"},
      {"{{sprig_keys (sprig_dict \"b\" 1 \"a\" 2) | sprig_join \",\"}} {{sprig_nindent 2 \"x\"}}",
       "a,b \n  x"},
  };
  expect_all(cases);
}

TEST(TemplateFunctions, have_each_name_once) {
  for (const char* name : {"env", "key", "secret", "nomadVar", "printf", "toYAML", "scratch"})
    EXPECT_TRUE(is_template_function(name)) << name;
  EXPECT_FALSE(is_template_function("plugin"));
  EXPECT_FALSE(is_template_function("writeToFile"));
}

}  // namespace
}  // namespace caravan::expr
