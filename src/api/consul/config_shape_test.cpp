// SPDX-License-Identifier: Apache-2.0
#include "api/consul/config_shape.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::api::consul {
namespace {

base::Result<model::ConfigEntry> read(const std::string& text) {
  return config_entry_of(*json::parse(text).value().as_object());
}
/// Its body, or why it was refused.
std::string body_of(const std::string& text) {
  const auto entry = read(text);
  return entry ? json::to_string(entry->body) : entry.error().message;
}
/// Why an entry with this body is refused.
std::string refusal(const std::string& kind, const std::string& members,
                    const std::string& name = "web") {
  const auto entry =
      read(fmt::format(R"({{"Kind":"{}","Name":"{}"{}}})", kind, name,
                       members.empty() ? "" : "," + members));
  return entry ? "" : entry.error().message;
}

TEST(ConfigShape, names_are_read_in_any_case_and_kept_as_documented) {
  EXPECT_EQ(body_of(R"({"kind":"service-defaults","NAME":"web","protocol":"http"})"),
            R"({"Protocol":"http","MeshGateway":{},"Expose":{}})");
  EXPECT_EQ(body_of(R"({"Kind":"service-resolver","Name":"web","default_subset":"v1",
                        "connect_timeout":15000000000,
                        "subsets":{"v1":{"filter":"Meta.v == 1","only_passing":true},"v2":{}}})"),
            R"({"DefaultSubset":"v1",)"
            R"("Subsets":{"v1":{"Filter":"Meta.v == 1","OnlyPassing":true},"v2":{}},)"
            R"("ConnectTimeout":"15s"})");
}

TEST(ConfigShape, blocks_of_hcl_are_lists_of_one) {
  EXPECT_EQ(body_of(R"({"Kind":"service-router","Name":"web","Routes":[
                        {"Match":[{"HTTP":[{"PathPrefix":"/a"}]}],
                         "Destination":[{"Service":"a"}]}]})"),
            R"({"Routes":[{"Match":{"HTTP":{"PathPrefix":"/a"}},"Destination":{"Service":"a"}}]})");
  EXPECT_EQ(body_of(R"({"Kind":"service-splitter","Name":"web","Splits":{"Weight":100}})"),
            R"({"Splits":[{"Weight":100}]})");
}

TEST(ConfigShape, what_proxies_are_told_is_kept_as_it_is) {
  EXPECT_EQ(body_of(R"({"Kind":"proxy-defaults","Name":"global","Config":{"a_b":{"c":[1,{}]}}})"),
            R"({"Config":{"a_b":{"c":[1,{}]}},"MeshGateway":{},"Expose":{}})");
}

TEST(ConfigShape, refusals_name_the_member) {
  EXPECT_EQ(refusal("service-defaults", R"("Protcol":"http")"), "invalid config key \"Protcol\"");
  EXPECT_EQ(refusal("service-defaults", R"("Expose":{"Paths":[{"Pth":"/"}]})"),
            "invalid config key \"Expose.Paths[0].Pth\"");
  EXPECT_EQ(refusal("service-defaults", R"("Protocol":7)"), "Protocol: is not a text");
  EXPECT_EQ(refusal("service-defaults", R"("Protocol":"smtp")"),
            "Protocol: \"smtp\" is none of tcp, http, http2, grpc");
  EXPECT_EQ(refusal("service-defaults", R"("Namespace":"other")"),
            "Namespace: only \"default\" is there");
  EXPECT_EQ(refusal("mesh", ""), "invalid config entry kind: mesh");
  EXPECT_EQ(read(R"({"Name":"web"})").error().message,
            "Payload does not contain a kind/Kind key");
  EXPECT_EQ(refusal("service-defaults", "", ""), "Name is required");
  EXPECT_EQ(refusal("proxy-defaults", "", "web"), "Name: \"web\" must be \"global\"");
  EXPECT_EQ(refusal("service-defaults", "", "*"),
            "Name: a wildcard is for service-intentions only");
}

TEST(ConfigShape, an_entry_has_a_limit) {
  const std::string large(model::config_entry_bytes_max, 'x');
  EXPECT_EQ(read(fmt::format(R"({{"Kind":"proxy-defaults","Name":"global","Config":{{"a":"{}"}}}})",
                             large))
                .error()
                .code,
            base::Code::too_large);
}

TEST(ConfigRules, routes) {
  const auto route = [](const std::string& http, const std::string& destination = "{}") {
    return refusal("service-router",
                   fmt::format(R"("Routes":[{{"Match":{{"HTTP":{}}},"Destination":{}}}])", http,
                               destination));
  };
  EXPECT_EQ(route(R"({"PathExact":"/a"})", R"({"PrefixRewrite":"/"})"), "");
  EXPECT_EQ(route(R"({"PathExact":"/a","PathRegex":"/b"})"),
            "Routes[0].Match.HTTP: PathExact and PathRegex do not go together");
  EXPECT_EQ(route(R"({"PathPrefix":"a"})"),
            "Routes[0].Match.HTTP.PathPrefix: has to begin with a slash");
  EXPECT_EQ(route(R"({"Header":[{"Exact":"a"}]})"),
            "Routes[0].Match.HTTP.Header[0].Name: is missing");
  EXPECT_EQ(route(R"({"Methods":["GET","GET"]})"),
            "Routes[0].Match.HTTP.Methods: GET is there twice");
  EXPECT_EQ(route("{}", R"({"PrefixRewrite":"/"})"),
            "Routes[0].Destination.PrefixRewrite: needs a PathPrefix or PathExact to match");
}

TEST(ConfigRules, weights_are_a_hundred_together) {
  const auto splits = [](const std::string& list) {
    return refusal("service-splitter", "\"Splits\":" + list);
  };
  EXPECT_EQ(splits(R"([{"Weight":33.3},{"Weight":33.3,"Service":"a"},)"
                   R"({"Weight":33.4,"ServiceSubset":"v2"}])"),
            "");
  EXPECT_EQ(splits(R"([{"Weight":50}])"),
            "Splits: the sum of all weights must be 100, not 50");
  EXPECT_EQ(splits(R"([{"Weight":101}])"), "Splits[0].Weight: is outside 0..100");
  EXPECT_EQ(splits(R"([{"Weight":50},{"Weight":50}])"),
            "Splits[1]: split destination occurs more than once");
  EXPECT_EQ(splits("[]"), "Splits: no splits configured");
}

TEST(ConfigRules, subsets_have_to_be_there) {
  EXPECT_EQ(refusal("service-resolver", R"("DefaultSubset":"v1")"),
            "DefaultSubset: \"v1\" is not a valid subset");
  EXPECT_EQ(refusal("service-resolver", R"("Failover":{"v1":{"Service":"a"}})"),
            "Failover[\"v1\"]: is not a valid subset");
  EXPECT_EQ(refusal("service-resolver", R"("Failover":{"*":{}})"),
            "Failover[\"*\"]: one of Service, ServiceSubset and Datacenters is required");
  EXPECT_TRUE(refusal("service-resolver", R"("Subsets":{"v1":{"Filter":"a ="}})")
                  .starts_with("Subsets[\"v1\"].Filter: "));
}

TEST(ConfigRules, gateways) {
  const auto listeners = [](const std::string& list) {
    return refusal("ingress-gateway", "\"Listeners\":" + list);
  };
  EXPECT_EQ(listeners(R"([{"Port":80,"Protocol":"http","Services":[{"Name":"*"}]}])"), "");
  EXPECT_EQ(listeners(R"([{"Port":80,"Services":[{"Name":"a"},{"Name":"b"}]}])"),
            "Listeners[0].Services: a listener of tcp has only one");
  EXPECT_EQ(listeners(R"([{"Port":70000,"Services":[{"Name":"a"}]}])"),
            "Listeners[0].Port: is not a port within 1..65535");
  EXPECT_EQ(listeners(R"([{"Port":80,"Services":[{"Name":"a"}]},)"
                      R"({"Port":80,"Services":[{"Name":"b"}]}])"),
            "Listeners[1].Port: port declared on two listeners");
  EXPECT_EQ(refusal("terminating-gateway", R"("Services":[{"Name":"a","CertFile":"x"}])"),
            "Services[0]: CAFile, CertFile and KeyFile go together");
}

TEST(ConfigRules, a_source_is_allowed_denied_or_looked_at) {
  const auto sources = [](const std::string& list, const std::string& name = "db") {
    return refusal("service-intentions", "\"Sources\":" + list, name);
  };
  EXPECT_EQ(sources(R"([{"Name":"web","Action":"allow"},{"Name":"*","Action":"deny"}])", "*"), "");
  EXPECT_EQ(sources("[]"), "Sources: at least one source is required");
  EXPECT_EQ(sources(R"([{"Name":"web"}])"),
            "Sources[0]: one of Action and Permissions is needed, and only one");
  EXPECT_EQ(sources(R"([{"Name":"web","Permissions":[{"Action":"allow"}]}])"),
            "Sources[0].Permissions[0].HTTP: is missing");
  EXPECT_EQ(sources(R"([{"Name":"a","Action":"deny"},{"Name":"a","Action":"allow"}])"),
            "Sources[1].Name: a is there twice");
}

}  // namespace
}  // namespace caravan::api::consul
