// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "keyring/proof_cache.hpp"
#include "state/store.hpp"

namespace caravan::keyring {
namespace {

using namespace std::chrono_literals;

template <class T = base::Uuid>
T id(std::uint8_t n) {
  T id;
  id.bytes[15] = n;
  return id;
}

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    wire::RegisterJob job;
    job.job.id = "web/dispatch-1";
    job.job.parent_id = "web";
    model::TaskGroup& group = job.job.groups.emplace_back();
    group.name = "app";
    group.tasks.emplace_back().name = "api";
    apply(job);
    wire::ApplyPlans plans;
    model::Allocation& alloc = plans.plans.emplace_back().placed.emplace_back();
    alloc.id = id<base::AllocId>(7);
    alloc.node_id = id<base::NodeId>(1);
    alloc.job = store.snapshot()->job({"default", "web/dispatch-1"});
    alloc.group = "app";
    apply(plans);
    add_key(1);
  }
  template <class Body>
  void apply(Body body) {
    (void)store.apply(++index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  static crypto::SigningKey signer(std::uint8_t n) {
    return crypto::SigningKey::from_seed(std::string(32, static_cast<char>(n)));
  }
  void add_key(std::uint8_t n) {
    wire::UpsertRootKey command;
    command.key.id = id(n);
    command.key.public_pem = signer(n).public_pem();
    apply(command);
  }
  json::Object claims(base::Duration ttl = 0s) {
    model::WorkloadIdentity identity = model::default_identity(model::Task());
    identity.ttl = ttl;
    return identity_claims({"global", "https://issuer"},
                           *store.snapshot()->alloc(id<base::AllocId>(7)), "api", identity, now,
                           id(9));
  }
  std::string token(const json::Object& claims, std::uint8_t key = 1) {
    return crypto::sign_jwt(signer(key), id(key).to_string(), claims);
  }
  base::Result<VerifiedIdentity> verify(const std::string& text) {
    return verify_identity(*store.snapshot(), text, now);
  }
  std::string refusal(const std::string& text) {
    const base::Result<VerifiedIdentity> whom = verify(text);
    return whom ? "" : whom.error().message;
  }
  void report(model::ClientStatus status) {
    wire::UpdateAllocs command{.node_id = id<base::NodeId>(1)};
    command.reports.push_back({.alloc_id = id<base::AllocId>(7), .client_status = status});
    apply(command);
  }

  state::Store store;
  std::uint64_t index = 0;
  base::Instant now = base::Instant::from_seconds(1'000'000);
};

TEST_F(IdentityTest, claims_name_the_allocation_and_count_a_child_as_its_parent) {
  const json::Object expected{{"nomad_namespace", "default"},
                              {"nomad_job_id", "web"},
                              {"nomad_allocation_id", id(7).to_string()},
                              {"nomad_task", "api"},
                              {"aud", json::Array{"nomadproject.io"}},
                              {"sub", "global:default:web:app:api:default"},
                              {"jti", id(9).to_string()},
                              {"iat", 1'000'000},
                              {"nbf", 1'000'000},
                              {"exp", 1'003'600},
                              {"iss", "https://issuer"}};
  EXPECT_EQ(claims(1h), expected);
}

TEST_F(IdentityTest, a_token_stands_for_its_task_as_long_as_it_lasts) {
  const std::string text = token(claims(1h));
  const VerifiedIdentity whom = verify(text).value();
  EXPECT_EQ(whom.alloc->id, id<base::AllocId>(7));
  EXPECT_EQ(whom.task, "api");
  EXPECT_EQ(whom.subject, "global:default:web:app:api:default");
  EXPECT_EQ(whom.expires, now + 1h);
  now = now + 1h + 9s;  // other clocks are a little late
  EXPECT_TRUE(verify(text));
  now = now + 1s;
  EXPECT_EQ(refusal(text), "Workload identity refused: it has ended");
}

TEST_F(IdentityTest, a_key_that_was_replaced_still_proves) {
  const std::string text = token(claims());
  add_key(2);
  EXPECT_TRUE(verify(text));
  EXPECT_TRUE(verify(text).value().expires.is_zero());
}

TEST_F(IdentityTest, an_allocation_that_ended_takes_its_tokens_along) {
  const std::string text = token(claims());
  EXPECT_TRUE(verify(text));
  report(model::ClientStatus::running);
  EXPECT_TRUE(verify(text));
  report(model::ClientStatus::complete);
  EXPECT_EQ(refusal(text), "Workload identity refused: its allocation has ended");
}

TEST_F(IdentityTest, what_is_not_ours_is_refused) {
  EXPECT_EQ(refusal(token(claims(), 3)),
            "Workload identity refused: it is not signed by a key of this cluster");
  const std::string forged = crypto::sign_jwt(signer(3), id(1).to_string(), claims());
  EXPECT_EQ(refusal(forged), "Workload identity refused: its signature is wrong");
  json::Object changed = claims();
  changed["aud"] = json::Array{"vault.example"};
  EXPECT_EQ(refusal(token(changed)),
            "Workload identity refused: its audience is not nomadproject.io");
  changed = claims();
  changed["nbf"] = 1'000'011;
  EXPECT_EQ(refusal(token(changed)), "Workload identity refused: it does not count yet");
  for (const json::Value& end : {json::Value("soon"), json::Value(0.5), json::Value()}) {
    changed = claims();
    changed["exp"] = end;
    EXPECT_EQ(refusal(token(changed)), "Workload identity refused: it has ended");
  }
  changed = claims();
  changed["nomad_task"] = "other";
  EXPECT_EQ(refusal(token(changed)), "Workload identity refused: its allocation has ended");
}

TEST_F(IdentityTest, a_proof_is_kept_as_long_as_the_keys_are_the_same) {
  ProofCache cache;
  const std::string text = token(claims(1h));
  const IdentityProof proof = cache.prove(*store.snapshot(), text).value();
  EXPECT_EQ(proof.task, "api");
  EXPECT_EQ(cache.prove(*store.snapshot(), text).value().subject, proof.subject);
  EXPECT_FALSE(cache.prove(*store.snapshot(), text + "A"));
  add_key(2);
  EXPECT_TRUE(cache.prove(*store.snapshot(), text));
  apply(wire::DeleteRootKey{.id = id(1), .force = true});
  const auto refused = cache.prove(*store.snapshot(), text);
  EXPECT_EQ(refused ? "" : refused.error().message,
            "Workload identity refused: it is not signed by a key of this cluster");
}

TEST_F(IdentityTest, a_kept_proof_does_not_outlive_its_time_or_its_allocation) {
  ProofCache cache;
  const std::string text = token(claims(1h));
  const auto stands = [&] {
    const state::Snapshot tables = store.snapshot();
    return stand_for(*tables, cache.prove(*tables, text).value(), now).has_value();
  };
  EXPECT_TRUE(stands());
  now = now + 2h;
  EXPECT_FALSE(stands());
  now = now - 2h;
  EXPECT_TRUE(stands());
  report(model::ClientStatus::complete);
  EXPECT_FALSE(stands());
}

TEST_F(IdentityTest, more_proofs_than_are_kept_are_made_again) {
  ProofCache cache(3);
  const std::string first = token(claims(1h));
  for (int i = 0; i < 5; ++i) {
    json::Object each = claims(1h);
    each["jti"] = i;
    ASSERT_TRUE(cache.prove(*store.snapshot(), token(each)));
  }
  EXPECT_TRUE(cache.prove(*store.snapshot(), first));
}

}  // namespace
}  // namespace caravan::keyring
