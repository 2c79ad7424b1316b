// SPDX-License-Identifier: Apache-2.0
#include "keyring/node_identity.hpp"

#include <gtest/gtest.h>

#include "keyring/introduction.hpp"
#include "state/store.hpp"

namespace caravan::keyring {
namespace {

using namespace std::chrono_literals;

TEST(NodeIdentity, names_the_node_and_is_no_way_in) {
  const auto signer = crypto::SigningKey::from_seed(std::string(32, 'a'));
  base::Uuid id;
  id.bytes[15] = 1;
  wire::UpsertRootKey command;
  command.key.id = id;
  command.key.public_pem = signer.public_pem();
  state::Store store;
  (void)store.apply(1, wire::encode_command({.time_ns = 1, .body = command}));

  const base::Instant now = base::Instant::from_seconds(1'000'000);
  model::Node node;
  node.id = base::NodeId(id);
  node.datacenter = "dc1";
  node.node_pool = "gpu";
  const json::Object claims = node_identity_claims({"global", ""}, node, 24h, now, id);
  EXPECT_EQ(*json::Value(claims).at("sub").as_string(),
            "node:global:gpu:" + id.to_string() + ":default");
  EXPECT_EQ(*json::Value(claims).at("exp").as_int(), 1'000'000 + 24 * 3600);

  const std::string token = crypto::sign_jwt(signer, id.to_string(), claims);
  EXPECT_FALSE(verify_identity(*store.snapshot(), token, now));
  EXPECT_FALSE(check_introduction(*store.snapshot(), token, {"n1", "gpu"}, now));
}

}  // namespace
}  // namespace caravan::keyring
