// SPDX-License-Identifier: Apache-2.0
// Another state takes the place of this one.
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

class RestoreTest : public testing::Test {
 protected:
  void apply(Store& store, wire::AnyCommand body) {
    (void)store.apply(store.snapshot()->log_index() + 1,
                      wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void put_pool(Store& store, const std::string& name) {
    wire::UpsertNodePools command;
    command.pools.emplace_back().name = name;
    apply(store, std::move(command));
  }
  void bring(const std::string& bytes, std::size_t piece_bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
      wire::BringRestorePiece command;
      command.piece = {id, at, bytes.substr(at, piece_bytes), {}};
      apply(store, std::move(command));
    }
  }
  void restore(const std::string& bytes) { apply(store, wire::RestoreState{id, bytes.size(), {}}); }

  const base::Uuid id = *base::Uuid::parse("11111111-2222-3333-4444-555555555555");
  Store store;
};

TEST_F(RestoreTest, everything_is_as_it_was_and_no_index_goes_back) {
  Store other;
  for (int i = 0; i < 50; ++i)
    put_pool(other, "old");
  const std::string bytes = dump(*other.snapshot());
  put_pool(store, "new");
  bring(bytes, 16);
  EXPECT_TRUE(store.snapshot()->node_pool("new"));
  EXPECT_GT(store.snapshot()->restore_pieces.size(), 1U);
  restore(bytes);
  const Snapshot now = store.snapshot();
  EXPECT_FALSE(now->node_pool("new"));
  ASSERT_TRUE(now->node_pool("old"));
  EXPECT_EQ(now->node_pool("old")->modify_index, 50U);
  EXPECT_GT(now->index, 50U) << "the log is shorter than the one that the state is of";
  EXPECT_LT(now->log_index(), 50U);
  EXPECT_EQ(now->restored_index, now->index);
  EXPECT_EQ(now->index_of(Table::node_pools), now->index);
  EXPECT_EQ(now->restore_pieces.size(), 0U);
  const std::uint64_t before = now->index;
  put_pool(store, "later");
  EXPECT_EQ(store.snapshot()->node_pool("later")->create_index, before + 1);
}

TEST_F(RestoreTest, an_older_state_takes_no_index_back) {
  put_pool(store, "old");
  const std::string bytes = dump(*store.snapshot());
  for (int i = 0; i < 50; ++i)
    put_pool(store, "new");
  model::Evaluation eval;
  eval.id.bytes[15] = 1;
  eval.job_id = "web";
  apply(store, wire::UpsertEvals{.evals = {eval}});
  const std::uint64_t before = store.snapshot()->index;
  bring(bytes, bytes.size());
  restore(bytes);
  const Snapshot now = store.snapshot();
  ASSERT_TRUE(now->node_pool("old"));
  EXPECT_FALSE(now->node_pool("new"));
  EXPECT_GT(now->index, before);
  EXPECT_EQ(now->index_of(Table::node_pools), now->index) << "who waits for the list sees it anew";
  EXPECT_EQ(now->index_of_prefix(prefix::evals_of_job({"default", "web"})), now->index)
      << "also of a list that has nothing any more";
  EXPECT_TRUE(now->collected_after({}, before)) << "nodes are asked what they know";
  EXPECT_EQ(now->log_index(), before + 2) << "one piece, and the order to take it";
}

TEST_F(RestoreTest, what_a_node_reports_of_before_is_refused) {
  const std::string bytes = dump(*store.snapshot());
  apply(store, wire::UpdateAllocs{});
  EXPECT_FALSE(store.snapshot()->was_refused(store.snapshot()->index));
  bring(bytes, 16);
  restore(bytes);
  apply(store, wire::UpdateAllocs{});
  EXPECT_TRUE(store.snapshot()->was_refused(store.snapshot()->index));
  wire::UpdateAllocs now;
  now.restored = store.snapshot()->restored_index;
  apply(store, now);
  EXPECT_FALSE(store.snapshot()->was_refused(store.snapshot()->index));
}

TEST_F(RestoreTest, a_snapshot_file_taken_meanwhile_has_the_pieces) {
  Store other;
  put_pool(other, "old");
  const std::string bytes = dump(*other.snapshot());
  bring(bytes, 16);
  const auto read = load(dump(*store.snapshot()));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->hash(), store.snapshot()->hash());
  restore(bytes);
  const auto after = load(dump(*store.snapshot()));
  ASSERT_TRUE(after);
  EXPECT_EQ((*after)->hash(), store.snapshot()->hash());
  EXPECT_EQ((*after)->index_ahead, store.snapshot()->index_ahead);
  EXPECT_EQ((*after)->restored_index, store.snapshot()->restored_index);
}

TEST_F(RestoreTest, what_is_not_whole_is_refused_and_changes_nothing) {
  put_pool(store, "new");
  Store other;
  put_pool(other, "old");
  const std::string bytes = dump(*other.snapshot());
  bring(bytes, 16);
  apply(store, wire::RestoreState{id, bytes.size() + 1, {}});
  EXPECT_TRUE(store.snapshot()->was_refused(store.snapshot()->index));
  EXPECT_TRUE(store.snapshot()->node_pool("new"));
  bring("nonsense", 16);
  restore("nonsense");
  EXPECT_TRUE(store.snapshot()->was_refused(store.snapshot()->index));
  bring(bytes, 16);
  const base::Uuid another = *base::Uuid::parse("21111111-2222-3333-4444-555555555555");
  apply(store, wire::RestoreState{another, bytes.size(), {}});
  EXPECT_TRUE(store.snapshot()->was_refused(store.snapshot()->index))
      << "pieces of another restore";
  EXPECT_TRUE(store.snapshot()->node_pool("new"));
}

}  // namespace
}  // namespace caravan::state
