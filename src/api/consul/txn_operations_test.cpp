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
  EXPECT_EQ((*operations)[0].value, "hi");
  EXPECT_EQ((*operations)[0].flags, ~std::uint64_t{0});
  EXPECT_EQ((*operations)[1].verb, wire::KvVerb::remove_tree);
}

TEST(TxnOperations, refusals_say_which_operation) {
  EXPECT_EQ(refusal("{}"), "Failed to parse body: not an array of operations");
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"put","Key":"a"}}])"), "[0].KV: unknown KV verb \"put\"");
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"get","Key":""}}])"), "[0].KV: Missing key name");
  EXPECT_EQ(refusal(R"([{"KV":{"Verb":"get","Key":"a"}},{"Node":{"Verb":"get"}}])"),
            "Failed to parse body: [1]: only KV operations are built, and this is none");
  EXPECT_TRUE(
      refusal(R"([{"KV":{"Verb":"set","Key":"a","Value":"%"}}])").starts_with("[0].KV: Value"));
  EXPECT_TRUE(refusal(R"([{"KV":{"Verb":"set","Key":"a","Flags":-1}}])")
                  .starts_with("Failed to parse body: [0].KV.Flags: "));
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
