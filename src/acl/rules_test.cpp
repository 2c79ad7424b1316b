// SPDX-License-Identifier: Apache-2.0
#include "acl/rules.hpp"

#include <gtest/gtest.h>

#include "json/writer.hpp"

namespace caravan::acl {
namespace {

std::string refusal(const std::string& text) {
  const base::Result<Rules> rules = parse_rules("p", text);
  return rules ? "" : rules.error().message;
}

TEST(Rules, policy_and_capabilities_add_up) {
  const Rules rules = parse_rules("p", R"(
    namespace "dev-*" {
      policy       = "read"
      capabilities = ["submit-job", "read-logs"]
      variables {
        path "app/*" { capabilities = ["read", "write"] }
      }
    }
    agent { policy = "read" }
    node { policy = "write" }
    operator { capabilities = ["snapshot-save"] })")
                          .value();
  ASSERT_EQ(rules.namespaces.size(), 1u);
  const NamespaceGrant& dev = rules.namespaces[0];
  EXPECT_EQ(dev.pattern, "dev-*");
  EXPECT_TRUE(dev.capabilities.test(bit(Capability::list_jobs)));
  EXPECT_TRUE(dev.capabilities.test(bit(Capability::read_logs)));
  EXPECT_FALSE(dev.capabilities.test(bit(Capability::read_fs)));
  ASSERT_EQ(dev.variables.size(), 1u);
  EXPECT_TRUE(dev.variables[0].capabilities.test(bit(Capability::variable_list)));  // by read
  EXPECT_FALSE(dev.variables[0].capabilities.test(bit(Capability::variable_destroy)));
  EXPECT_EQ(rules.cluster, set_of({Capability::agent_read, Capability::node_read,
                                   Capability::node_write, Capability::snapshot_save}));
}

TEST(Rules, json_says_the_same) {
  const Rules rules =
      parse_rules("p",
                  R"({"namespace": {"default": {"policy": "write"}}, "node": {"policy": "read"}})")
          .value();
  ASSERT_EQ(rules.namespaces.size(), 1u);
  EXPECT_TRUE(rules.namespaces[0].capabilities.test(bit(Capability::alloc_exec)));
  EXPECT_EQ(rules.cluster, set_of({Capability::node_read}));
}

TEST(Rules, mistakes_are_told_with_their_place) {
  EXPECT_NE(refusal("namespace \"a\" {\n  policy = \"reed\"\n}").find("p:2:3: "),
            std::string::npos);
  EXPECT_NE(
      refusal("namespace \"a\" { capabilities = [\"fly\"] }").find("\"fly\" is none of list-jobs"),
      std::string::npos);
  EXPECT_NE(refusal("namespace { policy = \"read\" }"), "");  // no label
  EXPECT_NE(refusal("namespace \"a b\" { policy = \"read\" }").find("Invalid name"),
            std::string::npos);
  EXPECT_NE(refusal("node { policy = \"list\" }"), "");
  EXPECT_NE(refusal("node { policy = \"read\" }\nnode { policy = \"write\" }"), "");  // twice
  EXPECT_NE(refusal("nodes { policy = \"read\" }").find("p:1:1"), std::string::npos);
  EXPECT_NE(refusal("namespace \"a\" { policy = \"read\" color = \"red\" }"), "");
  EXPECT_NE(refusal("namespace \"a\" {}").find("Empty block"), std::string::npos);
  EXPECT_NE(refusal("namespace \"a\" { capabilities = \"read-job\" }"), "");
  EXPECT_NE(refusal("this is { not"), "");
}

TEST(Rules, an_empty_policy_is_refused) {
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("# nothing\n"), "");
  EXPECT_NE(refusal("{}"), "");
}

TEST(Rules, coarse_policies_of_a_namespace_grow) {
  const Capabilities read = *coarse(Realm::space, "read"), write = *coarse(Realm::space, "write");
  EXPECT_EQ(read & write, read);
  EXPECT_EQ(read.count(), 9u);
  EXPECT_EQ(write.count(), 20u);
  EXPECT_FALSE(write.test(bit(Capability::alloc_node_exec)));
  EXPECT_FALSE(coarse(Realm::node, "scale"));
}

TEST(Rules, what_is_read_can_be_shown) {
  const Rules rules = parse_rules("p", R"(namespace "default" { policy = "deny" }
                                          quota { policy = "write" })")
                          .value();
  EXPECT_EQ(
      json::to_string(rules_json(rules)),
      R"({"Namespaces":[{"Name":"default","Policy":"","Capabilities":["deny"],"Variables":null}],)"
      R"("NodePools":null,"HostVolumes":null,"Agent":null,"Node":null,"Operator":null,)"
      R"("Quota":{"Policy":"write"},"Plugin":null})");
}

TEST(Rules, names_of_the_registry_are_what_they_are) {
  const Rules rules = parse_rules("p", R"(key "app/*" { policy = "read" }
                                          key_prefix "" { policy = "list" }
                                          session_prefix "web" { policy = "write" })")
                          .value();
  EXPECT_EQ(rules.names[0].name, "app/*");
  EXPECT_FALSE(rules.names[0].is_prefix);
  EXPECT_TRUE(rules.names[1].is_prefix);
  const json::Value shown = rules_json(rules);
  EXPECT_EQ(json::to_string(shown.at("KeyPrefixes")), R"([{"Name":"","Policy":"list"}])");
  EXPECT_EQ(json::to_string(shown.at("SessionPrefixes")), R"([{"Name":"web","Policy":"write"}])");
  EXPECT_NE(refusal(R"(key "a" { policy = "destroy" })").find("none of"), std::string::npos);
  EXPECT_NE(refusal(R"(key "a" { capabilities = ["read"] })"), "");
  EXPECT_NE(refusal(R"(key_prefix "a" {})"), "");
  EXPECT_NE(refusal(R"(session { policy = "read" })"), "");
}

TEST(Rules, who_sees_a_service_sees_its_intentions_unless_the_rule_says_otherwise) {
  const Rules rules = parse_rules("p", R"(service "web" { policy = "write" }
                                          service "db" { policy = "deny" }
                                          service_prefix "" {
                                            policy = "read"
                                            intentions = "write"
                                          })")
                          .value();
  const auto of = [&](const std::string& name, bool is_prefix) {
    for (const NameGrant& grant : rules.names)
      if (grant.realm == Realm::intention && grant.name == name && grant.is_prefix == is_prefix)
        return grant.capabilities;
    return Capabilities();
  };
  EXPECT_EQ(of("web", false), set_of({Capability::intention_read}));
  EXPECT_EQ(of("db", false), set_of({Capability::intention_deny}));
  EXPECT_EQ(of("", true), set_of({Capability::intention_read, Capability::intention_write}));
  EXPECT_NE(refusal(R"(service "a" { policy = "read"  intentions = "list" })"), "");
  EXPECT_NE(refusal(R"(node "a" { policy = "read"  intentions = "read" })"), "");
}

}  // namespace
}  // namespace caravan::acl
