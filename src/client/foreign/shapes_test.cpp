// SPDX-License-Identifier: Apache-2.0
#include "client/foreign/shapes.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

std::string value(const std::string& kind, const std::vector<std::string>& arguments,
                  const std::string& body) {
  const auto found = foreign_value(kind, arguments, *json::parse(body));
  return found ? json::to_string(*found) : "error: " + found.error().message;
}

TEST(ForeignShapes, questions_become_requests) {
  EXPECT_EQ(foreign_path("key", {"a b/c"}, "n"), "/v1/kv/a%20b/c?");
  EXPECT_EQ(foreign_path("tree", {"a/"}, "n"), "/v1/kv/a/?recurse&");
  EXPECT_EQ(foreign_path("service", {"v1.web@dc2~_agent|any"}, "n"),
            "/v1/health/service/web?tag=v1&near=_agent&dc=dc2&");
  EXPECT_EQ(foreign_path("node", {}, "me"), "/v1/catalog/node/me?");
  EXPECT_EQ(foreign_path("datacenters", {}, "n"), "/v1/catalog/datacenters?");
}

TEST(ForeignShapes, keys_hold_texts) {
  EXPECT_EQ(value("key", {"a"}, R"([{"Key":"a","Value":"aGk="}])"), "\"hi\"");
  EXPECT_EQ(value("key", {"a"}, "null"), "null");
  EXPECT_EQ(value("key", {"a"}, R"([{"Key":"a","Value":"/w=="}])"),
            "error: what the key holds is no text");
  const std::string both = R"([{"Key":"d/x","Value":"MQ=="},{"Key":"d/e/y","Value":"Mg=="}])";
  EXPECT_EQ(json::parse(value("ls", {"d"}, both))->as_array()->size(), 1u);
  EXPECT_EQ(json::parse(value("tree", {"d"}, both))->as_array()->size(), 2u);
}

TEST(ForeignShapes, instances_are_chosen_by_their_health) {
  const std::string rows = R"([
    {"Node":{"Node":"n1","Address":"10.0.0.1"},"Service":{"ID":"w1","Service":"web","Port":80},
     "Checks":[{"CheckID":"c","Status":"passing"}]},
    {"Node":{"Node":"n2","Address":"10.0.0.2"},"Service":{"ID":"w2","Service":"web","Port":80,"Address":"1.2.3.4"},
     "Checks":[{"CheckID":"c","Status":"critical"}]}])";
  const json::Value well = *json::parse(value("service", {"web"}, rows));
  ASSERT_EQ(well.as_array()->size(), 1u);
  EXPECT_EQ(*well.as_array()->front().at("Address").as_string(), "10.0.0.1");
  const json::Value all = *json::parse(value("service", {"web|any"}, rows));
  ASSERT_EQ(all.as_array()->size(), 2u);
  EXPECT_EQ(*(*all.as_array())[1].at("Address").as_string(), "1.2.3.4");
  EXPECT_EQ(value("service", {"web|fine"}, rows),
            "error: \"fine\" is no health of a service: any, passing, warning, critical");
}

TEST(ForeignShapes, what_is_not_there_is_null_or_empty) {
  EXPECT_EQ(value("service", {"web"}, "[]"), "[]");
  EXPECT_EQ(value("node", {"x"}, "null"), "null");
  EXPECT_EQ(value("services", {}, R"({"consul":[],"web":["a"]})"),
            R"([{"Name":"consul","Tags":[]},{"Name":"web","Tags":["a"]}])");
}

}  // namespace
}  // namespace caravan::client
