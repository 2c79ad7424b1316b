// SPDX-License-Identifier: Apache-2.0
#include "api/consul/txn_operations.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "server/kv.hpp"

namespace caravan::api::consul {
namespace {

std::string refusal(const std::string& body) {
  const auto operations = txn_operations(body);
  return operations ? "" : operations.error().message;
}

TEST(TxnOperations, keys_match_in_any_case_and_flags_keep_all_their_bits) {
  const auto operations = txn_operations(
      R"([{"kv":{"verb":"set","KEY":"t1","Value":"aGk=","Flags":18446744073709551615}},)"
      R"({"KV":{"Verb":"delete-tree","Key":""}}])");
  ASSERT_TRUE(operations) << operations.error().message;
  EXPECT_EQ((*operations)[0].kv->value, "hi");
  EXPECT_EQ((*operations)[0].kv->flags, ~std::uint64_t{0});
  EXPECT_EQ((*operations)[1].kv->verb, wire::KvVerb::remove_tree);
}

TEST(TxnOperations, nodes_services_and_checks_say_which_index_they_expect) {
  const auto operations = txn_operations(R"([
      {"Node": {"Verb": "cas", "Node": {"Node": "bar", "Address": "192.168.0.1",
                "Meta": {"type": "m2"}, "ModifyIndex": 7}}},
      {"service": {"verb": "delete-cas", "node": "foo", "service": {"id": "db1", "modifyindex": 8}}},
      {"Service": {"Verb": "set", "Node": "foo", "Service": {"Service": "db", "Port": 5432}}},
      {"Check": {"Verb": "get", "Check": {"Node": "bar", "CheckID": "service:web1"}}}])");
  ASSERT_TRUE(operations) << operations.error().message;
  EXPECT_EQ((*operations)[0].node->verb, wire::CatalogVerb::cas);
  EXPECT_EQ((*operations)[0].node->node.meta.at("type"), "m2");
  EXPECT_EQ((*operations)[0].node->node.modify_index, 7U);
  EXPECT_EQ((*operations)[1].service->verb, wire::CatalogVerb::remove_cas);
  EXPECT_EQ((*operations)[1].service->service.modify_index, 8U);
  EXPECT_EQ((*operations)[2].service->service.id, "db") << "its name, when no id is given";
  EXPECT_EQ((*operations)[2].service->service.node, "foo");
  EXPECT_EQ((*operations)[3].check->check.node, "bar");
}

TEST(TxnOperations, refusals_say_which_operation) {
  EXPECT_EQ(refusal("{}"), "Failed to parse body: not an array of operations");
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"put","Key":"a"}}])"), "[0].KV: unknown KV verb \"put\"");
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"get","Key":""}}])"), "[0].KV: Missing key name");
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"get","Key":"a"}},{"Node":{"Verb":"get"}}])"),
            "[1].Node: Missing node name");
  EXPECT_EQ(refusal(R"([{"Node":{"Verb":"get-tree"}}])"),
            "[0].Node: unknown Node verb \"get-tree\"");
  EXPECT_EQ(refusal(R"([{"Node":{"Verb":"set","Node":{"Node":"a"}}}])"),
            "[0].Node: Must provide node and address");
  EXPECT_EQ(refusal(R"([{"Service":{"Verb":"get","Node":"a","Service":{}}}])"),
            "[0].Service: Missing service ID");
  EXPECT_EQ(refusal(R"([{"Check":{"Verb":"set","Check":{"Node":"a"}}}])"),
            "[0].Check: Missing check ID");
  const std::string one = "[0]: one of KV, Node, Service and Check is needed, and only one";
  EXPECT_EQ(refusal("[{}]"), one);
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"get","Key":"a"},
                         "Node":{"Verb":"get","Node":{"Node":"a"}}}])"),
            one);
  EXPECT_TRUE(
      refusal(R"([{"KV":{"Verb":"set","Key":"a","Value":"%"}}])").starts_with("[0].KV: Value"));
  EXPECT_TRUE(refusal(R"([{"KV":{"Verb":"set","Key":"a","Flags":-1}}])")
                  .starts_with("[0].KV: Flags: "));
}

TEST(TxnOperations, sizes_have_limits) {
  std::string many = "[";
  for (std::size_t i = 0; i <= server::kv_operations_max; ++i)
    many += fmt::format(R"({}{{"KV":{{"Verb":"get","Key":"k"}}}})", i ? "," : "");
  EXPECT_EQ(refusal(many + "]"), "Transaction contains too many operations (129 > 128)");
  const std::string large = base::base64_encode(std::string(model::kv_value_max + 1, 'x'));
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"set","Key":"a","Value":")" + large + "\"}}]"),
            "[0].KV: Value for key \"a\" is too large (524289 > 524288 bytes)");
}

}  // namespace
}  // namespace caravan::api::consul
