// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "state/root_key_use.hpp"
#include "state/store.hpp"

namespace caravan::state {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class RootKeyTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    (void)store.apply(++index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void add(std::uint8_t n, bool rekey = false) {
    apply(wire::UpsertRootKey{.key = {.id = id(n)}, .rekey = rekey});
  }
  void prepublish(std::uint8_t n) {
    apply(wire::UpsertRootKey{.key = {.id = id(n), .active = false, .publish_time_ns = 7}});
  }
  std::string state_of(std::uint8_t n) {
    const Snapshot tables = store.snapshot();
    const Ref<wire::RootKey>* key = tables->root_keys.find(id(n));
    return key ? std::string((*key)->state()) : "gone";
  }
  void remove(std::uint8_t n, bool force = false) {
    apply(wire::DeleteRootKey{.id = id(n), .force = force});
  }
  void write(const std::string& path, std::uint8_t key) {
    wire::PutVariable command;
    command.variable.ns = "default";
    command.variable.path = path;
    command.variable.key_id = id(key);
    command.variable.sealed = "box";
    apply(command);
  }

  Store store;
  std::uint64_t index = 0;
};

TEST_F(RootKeyTest, one_key_is_active_and_one_that_is_published_first_changes_nothing) {
  add(1);
  prepublish(2);
  EXPECT_EQ(state_of(1), "active");
  EXPECT_EQ(state_of(2), "prepublished");
  add(2);
  EXPECT_EQ(state_of(1), "inactive");
  EXPECT_EQ(state_of(2), "active");
}

TEST_F(RootKeyTest, a_full_rotation_marks_every_key_that_was_used) {
  add(1);
  add(2);
  prepublish(3);
  add(4, true);
  EXPECT_EQ(state_of(1), "rekeying");
  EXPECT_EQ(state_of(2), "rekeying");
  EXPECT_EQ(state_of(3), "prepublished");
  EXPECT_EQ(state_of(4), "active");
  add(5);  // what was begun goes on
  EXPECT_EQ(state_of(1), "rekeying");
  EXPECT_EQ(state_of(4), "inactive");
}

TEST_F(RootKeyTest, a_key_that_is_used_stays_unless_it_is_forced_away) {
  add(1);
  write("a", 1);
  remove(1, true);
  EXPECT_EQ(state_of(1), "active");
  add(2);
  remove(1);
  EXPECT_EQ(state_of(1), "inactive");
  EXPECT_TRUE(store.snapshot()->was_refused(index));
  remove(1, true);
  EXPECT_EQ(state_of(1), "gone");
  prepublish(3);
  remove(3);
  EXPECT_EQ(state_of(3), "gone");
}

TEST_F(RootKeyTest, tokens_of_allocations_that_live_are_a_use) {
  add(1);
  wire::RegisterJob job;
  job.job.id = "web";
  model::TaskGroup& group = job.job.groups.emplace_back();
  group.name = "app";
  group.tasks.emplace_back().identity = model::WorkloadIdentity{.file = true};
  apply(job);
  wire::ApplyPlans plans;
  model::Allocation& alloc = plans.plans.emplace_back().placed.emplace_back();
  alloc.id = base::AllocId(id(7));
  alloc.node_id = base::NodeId(id(8));
  alloc.job = store.snapshot()->job({"default", "web"});
  alloc.group = "app";
  apply(plans);
  add(2);
  const auto use = [&] {
    const Snapshot tables = store.snapshot();
    return root_key_use(*tables, **tables->root_keys.find(id(1)));
  };
  EXPECT_EQ(use(), "tokens of the allocation " + id(7).to_string() + " may be signed with it");
  wire::UpdateAllocs command{.node_id = base::NodeId(id(8))};
  command.reports.push_back(
      {.alloc_id = base::AllocId(id(7)), .client_status = model::ClientStatus::complete});
  apply(command);
  EXPECT_EQ(use(), "");
}

TEST_F(RootKeyTest, a_variable_that_was_written_meanwhile_is_not_resealed) {
  add(1);
  write("a", 1);
  const std::uint64_t first = index;
  write("b", 1);
  const std::uint64_t second = index;
  add(2, true);
  write("b", 2);
  wire::ResealVariables command{.key_id = id(2)};
  command.variables = {{"default", "a", "new", first, {}},
                       {"default", "b", "new", second, {}},
                       {"default", "gone", "new", first, {}}};
  apply(command);
  const Ref<model::Variable> a = store.snapshot()->variable({"default", "a"});
  EXPECT_EQ(a->sealed, "new");
  EXPECT_EQ(a->key_id, id(2));
  EXPECT_EQ(a->modify_index, first);
  EXPECT_EQ(store.snapshot()->variable({"default", "b"})->sealed, "box");
}

}  // namespace
}  // namespace caravan::state
