// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

using wire::LockStep;

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

constexpr std::int64_t second = 1'000'000'000;

class VariableStateTest : public testing::Test {
 protected:
  /// Whether it changed the variable; if not, the command's index is kept among the refused ones.
  bool put(wire::PutVariable command) {
    command.variable.ns = "default";
    command.variable.path = "app/db";
    apply(std::move(command));
    const Ref<model::Variable> now = store.snapshot()->variable(key);
    const bool changed = now && now->modify_index == index;
    EXPECT_EQ(store.snapshot()->was_refused(index), !changed);
    return changed;
  }
  bool write(std::optional<std::uint64_t> expected = {}, base::Uuid lock = {}) {
    wire::PutVariable command;
    command.variable.sealed = "box " + std::to_string(index);
    command.expected_index = expected;
    command.lock_id = lock;
    return put(std::move(command));
  }
  bool step(LockStep step, base::Uuid held, base::Uuid drawn = {}) {
    wire::PutVariable command;
    command.step = step;
    command.lock_id = held;
    if (step == LockStep::acquire) {
      command.variable.sealed = "of the holder";
      command.variable.lock.emplace().id = drawn;
    }
    return put(std::move(command));
  }
  void apply(wire::AnyCommand body) {
    (void)store.apply(++index, wire::encode_command({.time_ns = now, .body = std::move(body)}));
  }
  Ref<model::Variable> get() { return store.snapshot()->variable(key); }

  const model::VariableKey key{"default", "app/db"};
  Store store;
  std::uint64_t index = 0;
  std::int64_t now = second;
};

TEST_F(VariableStateTest, a_write_that_expects_another_index_does_nothing) {
  EXPECT_FALSE(write(7));
  EXPECT_TRUE(write(0));
  EXPECT_FALSE(write(0));
  const std::uint64_t made = get()->modify_index;
  EXPECT_TRUE(write(made));
  EXPECT_FALSE(write(made));
  EXPECT_EQ(get()->create_index, made);
  apply(wire::DeleteVariable{"default", "app/db", made, {}, {}});
  ASSERT_TRUE(get()) << "it was written over since";
  apply(wire::DeleteVariable{"default", "app/db", get()->modify_index, {}, {}});
  EXPECT_FALSE(get());
}

TEST_F(VariableStateTest, what_was_refused_is_told_apart_from_what_was_written_over) {
  EXPECT_TRUE(write(0));
  const std::uint64_t first = index;
  EXPECT_TRUE(write());
  EXPECT_FALSE(write(0));
  const std::uint64_t refused = index;
  EXPECT_TRUE(write());
  EXPECT_FALSE(store.snapshot()->was_refused(first));
  EXPECT_TRUE(store.snapshot()->was_refused(refused));
  for (std::size_t i = 0; i < refused_max; ++i)
    EXPECT_FALSE(write(0));
  EXPECT_EQ(store.snapshot()->refused.size(), refused_max);
  EXPECT_FALSE(store.snapshot()->was_refused(refused)) << "the oldest is forgotten";
}

TEST_F(VariableStateTest, a_lock_that_races_a_deletion_leaves_nothing) {
  wire::PutVariable command;
  command.step = LockStep::acquire;
  command.variable.lock.emplace().id = id(1);
  EXPECT_FALSE(put(std::move(command)));
  EXPECT_EQ(get(), nullptr);
}

TEST_F(VariableStateTest, only_the_holder_of_the_lock_writes) {
  EXPECT_TRUE(step(LockStep::acquire, {}, id(1)));
  EXPECT_EQ(store.snapshot()->locked_variables.size(), 1U);
  EXPECT_FALSE(write());
  EXPECT_FALSE(write({}, id(2)));
  EXPECT_TRUE(write({}, id(1)));
  EXPECT_EQ(get()->lock->id, id(1));
  EXPECT_FALSE(step(LockStep::acquire, {}, id(2)));
  EXPECT_TRUE(step(LockStep::acquire, id(1), id(3))) << "the holder may ask again";
  EXPECT_EQ(get()->lock->id, id(1));
  apply(wire::DeleteVariable{"default", "app/db", {}, {}, {}});
  EXPECT_TRUE(get());
  EXPECT_TRUE(step(LockStep::release, id(1)));
  EXPECT_EQ(get()->sealed, "of the holder") << "releasing keeps the items";
  EXPECT_FALSE(write({}, id(1))) << "who believes to hold it still does not";
  EXPECT_TRUE(write());
  EXPECT_EQ(store.snapshot()->locked_variables.size(), 0U);
}

TEST_F(VariableStateTest, a_lock_that_was_lost_is_given_out_after_its_delay) {
  EXPECT_TRUE(step(LockStep::acquire, {}, id(1)));
  EXPECT_FALSE(step(LockStep::lose, id(2)));
  EXPECT_TRUE(step(LockStep::lose, id(1)));
  EXPECT_FALSE(step(LockStep::acquire, {}, id(2)));
  EXPECT_TRUE(write()) << "the delay is about locks";
  EXPECT_FALSE(step(LockStep::acquire, {}, id(2)));
  now += 15 * second;
  EXPECT_TRUE(step(LockStep::acquire, {}, id(2)));
  EXPECT_TRUE(step(LockStep::release, id(2)));
  EXPECT_TRUE(step(LockStep::acquire, {}, id(3))) << "one that was given back needs no delay";
}

TEST_F(VariableStateTest, a_snapshot_brings_them_back_with_their_locks) {
  EXPECT_TRUE(step(LockStep::acquire, {}, id(1)));
  const auto read = load(dump(*store.snapshot()));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ((*read)->hash(), store.snapshot()->hash());
  EXPECT_EQ((*read)->variable(key)->lock->id, id(1));
  EXPECT_EQ((*read)->locked_variables.size(), 1U);
  apply(wire::DeleteVariable{"default", "app/db", {}, id(1), {}});
  EXPECT_FALSE(get());
}

TEST_F(VariableStateTest, a_namespace_with_variables_stays) {
  EXPECT_EQ(why_namespace_stays(*store.snapshot(), "default"), "");
  EXPECT_TRUE(write());
  EXPECT_NE(why_namespace_stays(*store.snapshot(), "default"), "");
}

}  // namespace
}  // namespace caravan::state
