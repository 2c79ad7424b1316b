// SPDX-License-Identifier: Apache-2.0
// Expected values come from the public documentation of the language's functions and from asking
// another implementation.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "hcl/functions.hpp"
#include "hcl/testing.hpp"

namespace caravan::hcl {
namespace {

struct Case {
  const char* expression;
  const char* expected;
};

void expect_all(std::span<const Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(evaluated(c.expression), c.expected) << c.expression;
}

TEST(Functions, of_text) {
  constexpr Case cases[] = {
      {"[upper(\"aé\"), lower(\"AÉ\"), title(\"hello wOrld\")]", "[\"AÉ\",\"aé\",\"Hello WOrld\"]"},
      {"substr(\"hello\", -3, 2)", "\"ll\""},
      {"substr(\"hello\", 1, -1)", "\"ello\""},
      {"indent(2, \"a\\nb\\n\")", "\"a\\n  b\\n  \""},
      {"chomp(\"a\\r\\n\\n\")", "\"a\""},
      {"trim(\"xxaxx\", \"x\")", "\"a\""},
      {"[trimspace(\" a \\n\"), trimprefix(\"ab\", \"a\"), trimsuffix(\"ab\", \"b\")]",
       "[\"a\",\"b\",\"a\"]"},
      {"[join(\",\", [\"a\"], [1]), split(\",\", \"\"), split(\",\", \"a,b\")]",
       "[\"a,1\",[\"\"],[\"a\",\"b\"]]"},
      {"[strlen(\"né\"), strrev(\"né\"), reverse(\"ab\")]", "[2,\"én\",\"ba\"]"},
      {"replace(\"a-b-c\", \"-\", \"+\")", "\"a+b+c\""},
      {"regex_replace(\"hello 42\", \"(\\\\d+)\", \"<$1>\")", "\"hello <42>\""},
      {"urlencode(\"a b&c/ü*~\")", "\"a+b%26c%2F%C3%BC%2A~\""},
  };
  expect_all(cases);
}

TEST(Functions, of_format) {
  constexpr Case cases[] = {
      {"format(\"%05d|%-6s|%+d|%x|%t|%e|%g|%%|%v\", 42, \"ab\", 5, 255, true, 1234.5, 1e21, [1, "
       "\"a\"])",
       "\"00042|ab    |+5|ff|true|1.234500e+03|1e+21|%|[1,\\\"a\\\"]\""},
      {"format(\"%5.2f|%-5s|%q|%#v\", 3.14159, \"x\", \"y\", {a = 1})",
       "\" 3.14|x    |\\\"y\\\"|{\\\"a\\\":1}\""},
      {"format(\"%s %s\", \"a\")",
       "e:1:1: Error in function call; Call to function \"format\" failed: not enough arguments "
       "for \"%s\" at 3: need index 2 but have 1 total."},
      {"format(\"%[2]s-%[1]s\", \"a\", \"b\")", "\"b-a\""},
      {"formatlist(\"%s-%s\", [\"a\", \"b\"], \"x\")", "[\"a-x\",\"b-x\"]"},
  };
  expect_all(cases);
}

TEST(Functions, of_numbers) {
  constexpr Case cases[] = {
      {"[abs(-2.5), ceil(1.2), floor(-1.5), signum(-3)]", "[2.5,2,-2,-1]"},
      {"[max(1, \"2\", 3.5), min([3, 1, 2]...)]", "[3.5,1]"},
      {"[log(16, 2), pow(3, 2), parseint(\"ff\", 16)]", "[4,9,255]"},
      {"parseint(\"zz\", 16)",
       "e:1:1: Error in function call; Call to function \"parseint\" failed: cannot parse \"zz\" "
       "as "
       "a base 16 integer."},
  };
  expect_all(cases);
}

TEST(Functions, of_collections) {
  constexpr Case cases[] = {
      {"chunklist([1, 2, 3], 2)", "[[1,2],[3]]"},
      {"[coalesce(\"\", null, \"a\"), coalescelist([], [1])]", "[\"a\",[1]]"},
      {"compact([\"a\", \"\", null])", "[\"a\"]"},
      {"concat([1], [\"a\"])", "[1,\"a\"]"},
      {"[contains([1, 2], 2), distinct([1, 1, 2]), element([1, 2, 3], 4)]", "[true,[1,2],2]"},
      {"flatten([[1], [[2]], 3])", "[1,2,3]"},
      {"[index([1, 2], 2), keys({b = 1, a = 2}), values({b = 1, a = 2})]",
       "[1,[\"a\",\"b\"],[2,1]]"},
      {"[length([1]), length({a = 1}), lookup({a = 1}, \"b\", 3)]", "[1,1,3]"},
      {"merge({a = 1}, {a = 2, b = 3})", "{\"a\":2,\"b\":3}"},
      {"[range(3), range(1, 8, 2.5), range(5, 3)]", "[[0,1,2],[1,3.5,6],[5,4]]"},
      {"[slice([1, 2, 3], 1, 3), sort([\"b\", \"a\"]), zipmap([\"a\"], [1])]",
       "[[2,3],[\"a\",\"b\"],{\"a\":1}]"},
      {"setproduct([\"a\", \"b\"], [1, 2])", "[[\"a\",1],[\"a\",2],[\"b\",1],[\"b\",2]]"},
      {"[setunion([2, 1], [2, 3]), setintersection([1, 2], [2, 3])]", "[[1,2,3],[2]]"},
  };
  expect_all(cases);
}

TEST(Functions, of_encodings) {
  constexpr Case cases[] = {
      {"base64decode(base64encode(\"hé\"))", "\"hé\""},
      {"jsonencode({b = 1, a = [\"<\", 1.5, null]})",
       "\"{\\\"a\\\":[\\\"\\\\u003c\\\",1.5,null],\\\"b\\\":1}\""},
      {"jsondecode(\"{\\\"a\\\": [1, 2.5]}\")", "{\"a\":[1,2.5]}"},
      {"csvdecode(\"a,b\\n1,2\\n3,\\\"x, y\\\"\\n\")",
       "[{\"a\":\"1\",\"b\":\"2\"},{\"a\":\"3\",\"b\":\"x, y\"}]"},
      {"yamldecode(\"a: 1\\nb: [x, 'true', true, ~]\\n\")",
       "{\"a\":1,\"b\":[\"x\",\"true\",true,null]}"},
      {"yamlencode({b = [1, {c = \"x: y\"}], a = \"t\", n = null, e = [], m = {}})",
       "\"\\\"a\\\": \\\"t\\\"\\n\\\"b\\\":\\n- 1\\n- \\\"c\\\": \\\"x: y\\\"\\n\\\"e\\\": "
       "[]\\n\\\"m\\\": {}\\n\\\"n\\\": null\\n\""},
  };
  expect_all(cases);
}

TEST(Functions, of_hashes) {
  constexpr Case cases[] = {
      {"md5(\"a\")", "\"0cc175b9c0f1b6a831c399e269772661\""},
      {"sha1(\"a\")", "\"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\""},
      {"sha256(\"a\")", "\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\""},
      {"uuidv5(\"dns\", \"www.example.com\")", "\"2ed6657d-e927-568b-95e1-2665a8aea6a2\""},
  };
  expect_all(cases);
}

TEST(Functions, of_networks) {
  constexpr Case cases[] = {
      {"cidrsubnets(\"10.1.0.0/16\", 4, 4, 8, 4)",
       "[\"10.1.0.0/20\",\"10.1.16.0/20\",\"10.1.32.0/24\",\"10.1.48.0/20\"]"},
      {"cidrsubnet(\"fd00::/48\", 16, 5)", "\"fd00:0:0:5::/64\""},
      {"[cidrhost(\"10.0.0.0/8\", -2), cidrhost(\"10.12.127.0/20\", 16)]",
       "[\"10.255.255.254\",\"10.12.112.16\"]"},
      {"cidrnetmask(\"172.16.0.0/12\")", "\"255.240.0.0\""},
  };
  expect_all(cases);
}

TEST(Functions, of_times) {
  constexpr Case cases[] = {
      {"formatdate(\"DD MMM YYYY hh:mm:ss ZZZ EEEE aa\", \"2018-01-02T23:12:01Z\")",
       "\"02 Jan 2018 23:12:01 UTC Tuesday pm\""},
      {"formatdate(\"H'h'mm YYYY-M-D ZZZZZ\", \"2018-01-02T23:12:01+02:00\")",
       "\"11h12 2018-1-2 +02:00\""},
      {"timeadd(\"2017-11-22T00:00:00Z\", \"10m\")", "\"2017-11-22T00:10:00Z\""},
  };
  expect_all(cases);
}

class FakeFiles : public Files {
 public:
  base::Result<std::string> read(const std::string& path) override {
    if (path == "a.txt") return std::string("content");
    return base::fail(base::Code::not_found, "no file exists at " + path);
  }
  base::Result<bool> exists(const std::string& path) override { return path == "a.txt"; }
  base::Result<std::vector<std::string>> list(const std::string&) override {
    return std::vector<std::string>{"a.txt", "b/c.txt", "b/d/e.txt", "f.md"};
  }
  base::Result<std::string> absolute(const std::string& path) override { return "/jobs/" + path; }
  base::Result<std::string> home() override { return std::string("/home/ada"); }
};

TEST(FileFunctions, ask_the_files_that_were_passed) {
  FakeFiles files;
  const Outside outside{&files, nullptr};
  EXPECT_EQ(
      evaluated("[file(\"a.txt\"), filebase64(\"a.txt\"), fileexists(\"b\")]", Scope(), outside),
      "[\"content\",\"Y29udGVudA==\",false]");
  EXPECT_EQ(evaluated("fileset(\".\", \"**/*.txt\")", Scope(), outside),
            "[\"a.txt\",\"b/c.txt\",\"b/d/e.txt\"]");
  EXPECT_EQ(evaluated("[abspath(\"x\"), basename(\"a/b\"), dirname(\"a/b\"), pathexpand(\"~/x\")]",
                      Scope(), outside),
            "[\"/jobs/x\",\"b\",\"a\",\"/home/ada/x\"]");
}

TEST(FileFunctions, are_disabled_without_files) {
  EXPECT_EQ(evaluated("file(\"/etc/passwd\")"),
            "e:1:1: Error in function call; Call to function \"file\" failed: filesystem functions "
            "disabled.");
}

class Zeroes : public Entropy {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::fill(bytes.begin(), bytes.end(), 0); }
};

TEST(RandomFunctions, draw_from_what_was_passed) {
  Zeroes zeroes;
  EXPECT_EQ(evaluated("uuidv4()", Scope(), {nullptr, &zeroes}),
            "\"00000000-0000-4000-8000-000000000000\"");
  EXPECT_EQ(evaluated("substr(bcrypt(\"x\", 4), 0, 7)", Scope(), {nullptr, &zeroes}),
            "\"$2a$04$\"");
  EXPECT_NE(evaluated("uuidv4()").find("no source of randomness"), std::string::npos);
}

TEST(Functions, all_have_names_that_calls_can_use) {
  for (const std::string& name : function_names()) EXPECT_TRUE(is_identifier(name)) << name;
  const std::string documented =
      "abs base64decode base64encode bcrypt can ceil chomp chunklist cidrhost cidrnetmask "
      "cidrsubnet "
      "cidrsubnets coalesce coalescelist compact concat contains convert csvdecode distinct "
      "element "
      "flatten floor format formatdate formatlist indent index join jsondecode jsonencode keys "
      "length log lookup lower max md5 merge min parseint pow range reverse replace regex_replace "
      "rsadecrypt setintersection setproduct setunion sha1 sha256 sha512 signum slice sort split "
      "strlen strrev substr timeadd title trim trimprefix trimspace trimsuffix try upper urlencode "
      "uuidv4 uuidv5 values yamldecode yamlencode zipmap abspath basename dirname file filebase64 "
      "fileexists fileset pathexpand";
  std::vector<std::string> expected = base::split(documented, ' ');
  std::vector<std::string> found = function_names();
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
}

TEST(Functions, say_what_is_wrong_with_a_call) {
  EXPECT_EQ(evaluated("foor(1)"),
            "e:1:1: Call to unknown function; There is no function named \"foor\". Did you mean "
            "\"floor\"?");
  EXPECT_EQ(evaluated("upper(null)"),
            "e:1:1: Invalid function argument; Invalid value for \"str\" parameter: argument must "
            "not be null.");
  EXPECT_EQ(evaluated("upper()"),
            "e:1:1: Invalid function argument; Function \"upper\" expects 1 argument(s). Missing "
            "value for \"str\".");
}

}  // namespace
}  // namespace caravan::hcl
