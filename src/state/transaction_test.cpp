// SPDX-License-Identifier: Apache-2.0
#include "state/transaction.hpp"

#include <gtest/gtest.h>

namespace caravan::state {
namespace {

using wire::CatalogVerb;
using wire::TxnOperation;

class TransactionTest : public testing::Test {
 protected:
  /// Whether it was done.
  bool run(std::vector<TxnOperation> operations) {
    (void)store.apply(++index, wire::encode_command(
                                   {.time_ns = 1'000,
                                    .body = wire::ApplyTxn{std::move(operations), "dc1", {}}}));
    return !tables().was_refused(index);
  }
  static TxnOperation node(CatalogVerb verb, std::string name, std::uint64_t expected = 0) {
    wire::NodeOperation one{.verb = verb};
    one.node.name = std::move(name);
    one.node.address = "10.0.0.1";
    one.node.modify_index = expected;
    return {.node = one};
  }
  static TxnOperation service(CatalogVerb verb, std::string id, std::string known = "",
                              std::uint64_t expected = 0) {
    wire::ServiceOperation one{.verb = verb};
    one.service.node = "n1";
    one.service.id = std::move(id);
    one.service.name = "web";
    one.service.modify_index = expected;
    one.known_name = std::move(known);
    return {.service = one};
  }
  static TxnOperation check(CatalogVerb verb, std::string id, std::string service_id = "",
                            bool is_known = false) {
    wire::CheckOperation one{.verb = verb, .is_known = is_known};
    one.check.node = "n1";
    one.check.id = std::move(id);
    one.check.status = model::Health::passing;
    if (!service_id.empty()) one.check.service_name = "web";
    if (is_known) one.known_service = one.check.service_name;
    one.check.service_id = std::move(service_id);
    return {.check = one};
  }
  static TxnOperation key(wire::KvVerb verb, std::string name, std::uint64_t expected = 0) {
    wire::KvOperation one;
    one.verb = verb;
    one.key = std::move(name);
    one.index = expected;
    return {.kv = one};
  }
  const Tables& tables() { return *(snapshot = store.snapshot()); }
  const TxnOutcome& outcome() { return **tables().kv_outcomes.find(index); }
  std::vector<std::string> failures() {
    std::vector<std::string> all;
    for (const TxnOutcome::Failure& failure : outcome().failures)
      all.push_back(std::to_string(failure.operation) + ": " + failure.what);
    return all;
  }

  Store store;
  Snapshot snapshot;
  std::uint64_t index = 0;
};

TEST_F(TransactionTest, a_node_its_service_a_check_and_a_key_come_together) {
  EXPECT_TRUE(run({node(CatalogVerb::set, "n1"), service(CatalogVerb::set, "web1"),
                   check(CatalogVerb::set, "alive", "web1"), key(wire::KvVerb::set, "made"),
                   node(CatalogVerb::get, "N1")}));
  ASSERT_EQ(outcome().shown.size(), 5U);
  EXPECT_EQ(outcome().shown[2].check->service_name, "web");
  EXPECT_EQ(outcome().shown[3].entry->key, "made");
  EXPECT_EQ(outcome().shown[4].node->name, "n1") << "an operation sees what those before it did";
  EXPECT_EQ(outcome().datacenter, "dc1");
  EXPECT_TRUE(tables().kv_entry("made"));
  EXPECT_TRUE(tables().catalog_checks.find({"n1", "alive"}));
}

TEST_F(TransactionTest, nothing_is_done_when_one_operation_cannot_be) {
  run({node(CatalogVerb::set, "n1"), service(CatalogVerb::set, "web1")});
  const std::uint64_t hash = tables().table_hash[static_cast<std::size_t>(Table::catalog_nodes)];
  EXPECT_FALSE(run({node(CatalogVerb::remove, "n1"), key(wire::KvVerb::set, "never"),
                    node(CatalogVerb::get, "n1"), service(CatalogVerb::set, "web2"),
                    key(wire::KvVerb::get, "none")}));
  EXPECT_EQ(failures(), (std::vector<std::string>{
                            "2: node \"n1\" doesn't exist",
                            "3: failed to set service \"web2\" on node \"n1\": Missing node "
                            "registration",
                            "4: key \"none\" doesn't exist"}));
  EXPECT_TRUE(tables().catalog_services.find({"n1", "web1"}));
  EXPECT_FALSE(tables().kv_entry("never"));
  EXPECT_EQ(tables().table_hash[static_cast<std::size_t>(Table::catalog_nodes)], hash);
}

TEST_F(TransactionTest, a_swap_needs_the_index_that_was_read) {
  EXPECT_FALSE(run({node(CatalogVerb::cas, "n1", 5)}));
  EXPECT_TRUE(run({node(CatalogVerb::cas, "n1", 0)}));
  const std::uint64_t made = index;
  EXPECT_FALSE(run({node(CatalogVerb::cas, "n1", 0)}));
  EXPECT_EQ(failures(), std::vector<std::string>{"0: failed to set node \"n1\", index is stale"});
  EXPECT_FALSE(run({node(CatalogVerb::remove_cas, "n1", made + 1)}));
  EXPECT_TRUE(run({node(CatalogVerb::remove_cas, "n1", made)}));
  EXPECT_FALSE(tables().catalog_nodes.find("n1"));
  EXPECT_TRUE(run({node(CatalogVerb::remove_cas, "n1", 9)})) << "gone already";
}

TEST_F(TransactionTest, what_somebody_else_renamed_meanwhile_is_left_alone) {
  run({node(CatalogVerb::set, "n1"), service(CatalogVerb::set, "one"),
       check(CatalogVerb::set, "alive", "one")});
  EXPECT_FALSE(run({service(CatalogVerb::remove, "one", "api")}));
  EXPECT_FALSE(run({service(CatalogVerb::set, "one", "")}));
  EXPECT_FALSE(run({check(CatalogVerb::remove, "alive")}));
  EXPECT_EQ(failures(), std::vector<std::string>{"0: check \"alive\" on node \"n1\" was changed "
                                                 "by somebody else meanwhile"});
  EXPECT_TRUE(run({check(CatalogVerb::remove, "alive", "one", true)}));
  EXPECT_TRUE(run({service(CatalogVerb::remove, "one", "web")}));
  EXPECT_FALSE(tables().catalog_services.find({"n1", "one"}));
}

TEST_F(TransactionTest, a_check_of_a_service_that_is_not_there_is_refused) {
  run({node(CatalogVerb::set, "n1")});
  EXPECT_FALSE(run({check(CatalogVerb::set, "alive", "web1")}));
  EXPECT_EQ(failures(), std::vector<std::string>{"0: failed to set check \"alive\" on node \"n1\": "
                                                 "Missing service registration"});
}

TEST_F(TransactionTest, a_node_that_goes_takes_its_sessions_locks_along) {
  run({node(CatalogVerb::set, "n1")});
  wire::CreateSession made;
  made.session.id.bytes[15] = 1;
  made.session.node = "n1";
  (void)store.apply(++index, wire::encode_command({.time_ns = 1'000, .body = made}));
  TxnOperation lock = key(wire::KvVerb::lock, "lead");
  lock.kv->session = made.session.id;
  EXPECT_TRUE(run({lock}));
  EXPECT_FALSE(run({node(CatalogVerb::remove, "n1"), lock})) << "the session went with the node";
  EXPECT_TRUE(run({node(CatalogVerb::remove, "n1"), key(wire::KvVerb::get, "lead")}));
  EXPECT_TRUE(outcome().shown[0].entry->session.is_nil());
}

TEST_F(TransactionTest, an_agents_node_stays_an_agents_node) {
  wire::ChangeCatalog change;
  change.put.emplace_back().node.name = "n1";
  change.put.back().node.has_agent = true;
  (void)store.apply(++index, wire::encode_command({.time_ns = 1'000, .body = change}));
  EXPECT_TRUE(run({node(CatalogVerb::set, "n1")}));
  EXPECT_TRUE((*tables().catalog_nodes.find("n1"))->has_agent);
  EXPECT_EQ((*tables().catalog_nodes.find("n1"))->address, "10.0.0.1");
}

}  // namespace
}  // namespace caravan::state
