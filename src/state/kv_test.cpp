// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "state/kv_transaction.hpp"
#include "state/store.hpp"

namespace caravan::state {
namespace {

using wire::KvVerb;

constexpr std::int64_t second = 1'000'000'000;

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

wire::KvOperation operation(KvVerb verb, std::string key, std::string value = "") {
  wire::KvOperation operation;
  operation.verb = verb;
  operation.key = std::move(key);
  operation.value = std::move(value);
  return operation;
}

class KvTest : public testing::Test {
 protected:
  std::vector<std::string> apply(wire::AnyCommand body) {
    return store.apply(++index, wire::encode_command({.time_ns = now, .body = std::move(body)}));
  }
  /// Whether it was done.
  bool run(std::vector<wire::KvOperation> operations) {
    touched = apply(wire::ApplyKv{std::move(operations), true, {}});
    return !tables().was_refused(index);
  }
  bool put(const std::string& key, const std::string& value = "v") {
    return run({operation(KvVerb::set, key, value)});
  }
  bool with_session(KvVerb verb, const std::string& key, const base::Uuid& session) {
    wire::KvOperation one = operation(verb, key, "of the holder");
    one.session = session;
    return run({one});
  }
  bool at_index(KvVerb verb, const std::string& key, std::uint64_t expected) {
    wire::KvOperation one = operation(verb, key, "swapped");
    one.index = expected;
    return run({one});
  }
  bool make_session(std::uint8_t n, model::SessionBehavior behavior = {}, std::string node = "n1") {
    wire::CreateSession command;
    command.session.id = id(n);
    command.session.node = std::move(node);
    command.session.behavior = behavior;
    command.session.node_checks = {model::node_check};
    apply(std::move(command));
    return !tables().was_refused(index);
  }
  void end(std::uint8_t n) {
    wire::DestroySession command;
    command.id = id(n);
    touched = apply(std::move(command));
  }
  const Tables& tables() { return *(snapshot = store.snapshot()); }
  Ref<model::KvEntry> get(const std::string& key) { return tables().kv_entry(key); }
  std::vector<std::string> failures() {
    std::vector<std::string> all;
    for (const TxnOutcome::Failure& failure : (*tables().kv_outcomes.find(index))->failures)
      all.push_back(std::to_string(failure.operation) + ": " + failure.what);
    return all;
  }
  bool has_touched(const std::string& key) { return std::ranges::count(touched, key) > 0; }

  Store store;
  Snapshot snapshot;
  std::uint64_t index = 0;
  std::int64_t now = second;
  std::vector<std::string> touched;
};

TEST_F(KvTest, an_entry_keeps_where_it_began_and_has_the_flags_of_its_last_write) {
  wire::KvOperation flagged = operation(KvVerb::set, "a/b", "hello");
  flagged.flags = ~std::uint64_t{0};
  EXPECT_TRUE(run({flagged}));
  const std::uint64_t made = index;
  EXPECT_EQ(get("a/b")->flags, ~std::uint64_t{0});
  EXPECT_TRUE(put("a/b", std::string("\0\xff", 2)));
  EXPECT_EQ(get("a/b")->value, std::string("\0\xff", 2));
  EXPECT_EQ(get("a/b")->flags, 0U);
  EXPECT_EQ(get("a/b")->create_index, made);
  EXPECT_EQ(get("a/b")->modify_index, index);
}

TEST_F(KvTest, a_swap_needs_the_index_that_was_read) {
  EXPECT_FALSE(at_index(KvVerb::cas, "k", 7));
  EXPECT_TRUE(at_index(KvVerb::cas, "k", 0));
  EXPECT_FALSE(at_index(KvVerb::cas, "k", 0));
  EXPECT_TRUE(at_index(KvVerb::cas, "k", get("k")->modify_index));
  EXPECT_FALSE(at_index(KvVerb::remove_cas, "k", 0));
  EXPECT_TRUE(at_index(KvVerb::remove_cas, "k", get("k")->modify_index));
  EXPECT_FALSE(get("k"));
  EXPECT_TRUE(at_index(KvVerb::remove_cas, "k", 5)) << "what is not there is deleted already";
}

TEST_F(KvTest, a_transaction_is_done_whole_or_not_at_all) {
  put("kept");
  EXPECT_FALSE(run({operation(KvVerb::set, "t1"), operation(KvVerb::remove, "kept"),
                    operation(KvVerb::get, "none"), operation(KvVerb::check_not_exists, "t1")}));
  EXPECT_EQ(failures(),
            (std::vector<std::string>{"2: key \"none\" doesn't exist", "3: key \"t1\" exists"}));
  EXPECT_FALSE(get("t1"));
  EXPECT_TRUE(get("kept"));
  EXPECT_FALSE(has_touched(key::kv("t1")));
}

TEST_F(KvTest, an_operation_sees_what_those_before_it_did) {
  put("tree/old");
  EXPECT_TRUE(run({operation(KvVerb::set, "tree/new", "n"), operation(KvVerb::remove, "tree/old"),
                   operation(KvVerb::get_tree, "tree/"), operation(KvVerb::remove_tree, "tree/"),
                   operation(KvVerb::get_or_empty, "tree/new")}));
  const TxnOutcome& outcome = **tables().kv_outcomes.find(index);
  ASSERT_EQ(outcome.shown.size(), 3U);
  EXPECT_FALSE(outcome.shown[0].with_value);
  EXPECT_EQ(outcome.shown[0].entry->value, "") << "nor is the value kept for it";
  EXPECT_EQ(outcome.shown[1].entry->key, "tree/new");
  EXPECT_EQ(outcome.shown[1].entry->value, "n");
  EXPECT_EQ(outcome.shown[2].entry->modify_index, 0U);
  EXPECT_EQ(tables().kv.size(), 0U);
}

TEST_F(KvTest, trees_are_looked_at_only_so_often_in_one_transaction) {
  Tables many;
  Change change(many, 1, now);
  for (std::size_t i = 0; i <= kv_tree_keys_max; ++i) {
    auto entry = std::make_shared<model::KvEntry>();
    entry->key = std::to_string(i);
    change.put(Ref<model::KvEntry>(std::move(entry)));
  }
  KvTransaction transaction(many, 2, now);
  transaction.run(operation(KvVerb::get_tree, ""));
  EXPECT_TRUE(transaction.outcome().failures.empty()) << "the first one always may";
  transaction.run(operation(KvVerb::remove_tree, ""));
  ASSERT_EQ(transaction.outcome().failures.size(), 1U);
  EXPECT_EQ(transaction.outcome().failures[0].operation, 1U);
}

TEST_F(KvTest, failed_checks_say_what_is_there) {
  put("k");
  make_session(1);
  wire::KvOperation at = operation(KvVerb::check_index, "k");
  at.index = 30;
  wire::KvOperation held = operation(KvVerb::check_session, "k");
  held.session = id(1);
  EXPECT_FALSE(run({at, held}));
  EXPECT_EQ(failures(), (std::vector<std::string>{
                            "0: failed index check for key \"k\", current modify index 1 != 30",
                            "1: failed session check for key \"k\", current session \"\" != \"" +
                                id(1).to_string() + "\""}));
}

TEST_F(KvTest, a_lock_has_one_holder_and_is_counted_when_it_is_taken) {
  EXPECT_FALSE(with_session(KvVerb::lock, "l", id(1)));
  EXPECT_EQ(failures()[0], "0: invalid session \"" + id(1).to_string() + "\"");
  make_session(1);
  make_session(2);
  EXPECT_TRUE(with_session(KvVerb::lock, "l", id(1)));
  EXPECT_TRUE(with_session(KvVerb::lock, "l", id(1)));
  EXPECT_EQ(get("l")->lock_index, 1U);
  EXPECT_FALSE(with_session(KvVerb::lock, "l", id(2)));
  EXPECT_FALSE(with_session(KvVerb::unlock, "l", id(2)));
  EXPECT_TRUE(put("l", "locks are advisory"));
  EXPECT_EQ(get("l")->session, id(1));
  EXPECT_TRUE(with_session(KvVerb::unlock, "l", id(1)));
  EXPECT_TRUE(with_session(KvVerb::lock, "l", id(2))) << "who gives it back causes no delay";
  EXPECT_EQ(get("l")->lock_index, 2U);
}

TEST_F(KvTest, a_lost_lock_is_nobodys_until_its_delay_is_over) {
  make_session(1);
  make_session(2);
  with_session(KvVerb::lock, "l", id(1));
  end(1);
  EXPECT_TRUE(has_touched(key::kv("l")));
  EXPECT_TRUE(get("l")->session.is_nil());
  EXPECT_FALSE(with_session(KvVerb::lock, "l", id(2)));
  now += model::session_lock_delay_default.count();
  EXPECT_TRUE(with_session(KvVerb::lock, "l", id(2)));
  EXPECT_EQ(tables().lock_delays.size(), 0U);
  end(2);
  make_session(3);
  now += model::session_lock_delay_default.count();
  end(3);
  EXPECT_EQ(tables().lock_delays.size(), 0U) << "nor do delays stay that nobody asks about";
}

TEST_F(KvTest, a_session_that_deletes_takes_its_keys_along) {
  make_session(1, model::SessionBehavior::remove);
  with_session(KvVerb::lock, "mine", id(1));
  put("other");
  end(1);
  EXPECT_FALSE(get("mine"));
  EXPECT_TRUE(get("other"));
}

TEST_F(KvTest, the_sessions_of_a_node_end_with_it_and_with_the_checks_they_name) {
  make_session(1);
  make_session(2, {}, "n2");
  Tables copy = tables();
  Change failing(copy, index + 1, now);
  end_sessions(failing, "n1", "another check");
  EXPECT_TRUE(copy.session(id(1)));
  end_sessions(failing, "n1", model::node_check);
  EXPECT_FALSE(copy.session(id(1)));
  EXPECT_TRUE(copy.session(id(2)));
  end_sessions(failing, "n2", "");
  EXPECT_EQ(copy.sessions.size() + copy.sessions_by_node.size(), 0U);
}

TEST_F(KvTest, a_node_has_so_many_sessions_and_not_more) {
  Tables full;
  Change change(full, 1, now);
  auto session = std::make_shared<model::Session>();
  session->node = "n1";
  for (std::size_t i = 0; i < model::sessions_per_node_max; ++i) {
    session->id.bytes = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8), 1};
    change.put(Ref<model::Session>(std::make_shared<const model::Session>(*session)));
  }
  wire::CreateSession command;
  command.session.id = id(200);
  command.session.node = "n1";
  state::apply(change, command);
  EXPECT_TRUE(full.was_refused(1));
  command.session.node = "n2";
  state::apply(change, command);
  EXPECT_TRUE(full.session(id(200)));
}

TEST_F(KvTest, a_list_never_goes_back) {
  put("a/1");
  put("a/2");
  const std::uint64_t last = index;
  put("b");
  EXPECT_EQ(tables().kv_changed_under("a/"), last);
  run({operation(KvVerb::remove, "a/2")});
  EXPECT_EQ(tables().kv_changed_under("a/"), index);
  EXPECT_EQ(tables().kv_changed("a/2"), index);
  EXPECT_EQ(tables().kv_changed("a/1"), last - 1);
  EXPECT_EQ(tables().kv_changed("never/there"), 0U);
  put("a/2");
  EXPECT_EQ(tables().kv_graves.size() + tables().kv_graves_by_index.size(), 0U);
}

TEST_F(KvTest, old_deletions_are_remembered_together) {
  Tables after;
  const auto come_and_go = [&](const std::string& key) {
    Change change(after, ++index, now);
    auto entry = std::make_shared<model::KvEntry>();
    entry->key = key;
    entry->modify_index = index;
    change.put(Ref<model::KvEntry>(entry));
    change.erase_kv(key);
  };
  come_and_go("first");
  const std::uint64_t deleted = after.kv_changed("first");
  EXPECT_EQ(deleted, index);
  EXPECT_EQ(after.kv_changed_under("other"), 0U);
  for (std::size_t i = 0; i < kv_graves_max; ++i)
    come_and_go("k" + std::to_string(i));
  EXPECT_EQ(after.kv_graves.size(), kv_graves_max);
  EXPECT_FALSE(after.kv_graves.find("first"));
  EXPECT_EQ(after.kv_changed("first"), deleted);
  EXPECT_EQ(after.kv_changed_under("other"), deleted) << "it may have been under this, too";
}

TEST_F(KvTest, it_reads_back_from_a_snapshot) {
  make_session(1);
  make_session(2);
  with_session(KvVerb::lock, "held", id(1));
  with_session(KvVerb::lock, "lost", id(2));
  end(2);
  put("gone");
  run({operation(KvVerb::remove, "gone")});
  apply(wire::SetLogVersion{wire::log_version, {}});
  Store other;
  ASSERT_TRUE(other.restore(dump(tables())));
  const Snapshot read = other.snapshot();
  EXPECT_EQ(read->hash(), tables().hash());
  EXPECT_EQ(read->kv_changed("gone"), tables().kv_changed("gone"));
  EXPECT_EQ(read->kv_changed_under(""), tables().kv_changed_under(""));
  EXPECT_TRUE(read->lock_delays.find("lost"));
  EXPECT_TRUE(read->kv_by_session.find({id(1), "held"}));
  EXPECT_TRUE(read->sessions_by_node.find("n1"));
}

}  // namespace
}  // namespace caravan::state
