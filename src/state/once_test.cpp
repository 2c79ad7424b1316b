// SPDX-License-Identifier: Apache-2.0
// Commands that carry the id of their request.
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

base::Uuid id(std::uint32_t n) {
  base::Uuid id;
  std::memcpy(id.bytes.data(), &n, sizeof n);
  id.bytes[15] = 1;
  return id;
}

class OnceTest : public testing::Test {
 protected:
  std::uint64_t apply(const base::Uuid& request, wire::AnyCommand body) {
    const std::string within = wire::encode_command({.time_ns = 5, .body = std::move(body)});
    const wire::AnyCommand carrier = wire::ApplyOnce{request, within, {}};
    (void)store_.apply(++index_, wire::encode_command({.time_ns = 5, .body = carrier}));
    return index_;
  }
  static wire::ApplyKv put(std::string key, std::string value) {
    wire::KvOperation operation;
    operation.verb = wire::KvVerb::set;
    operation.key = std::move(key);
    operation.value = std::move(value);
    return {.operations = {operation}};
  }
  std::string value(const std::string& key) const {
    const Ref<model::KvEntry> entry = store_.snapshot()->kv_entry(key);
    return entry ? entry->value : "";
  }

  Store store_;
  std::uint64_t index_ = 0;
};

TEST_F(OnceTest, a_second_command_of_a_request_changes_nothing) {
  const std::uint64_t first = apply(id(1), put("a", "one"));
  apply(id(2), put("a", "two"));
  apply(id(1), put("a", "one"));
  EXPECT_EQ(value("a"), "two");
  EXPECT_EQ(store_.snapshot()->request(id(1))->index, first);
  EXPECT_EQ(store_.snapshot()->request(id(1))->kind, wire::kind_of<wire::ApplyKv>());
}

TEST_F(OnceTest, what_came_of_it_is_kept) {
  wire::ApplyKv cas = put("a", "one");
  cas.operations[0].verb = wire::KvVerb::cas;
  cas.operations[0].index = 99;
  apply(id(1), cas);
  wire::CreateSession session;
  session.session.id = id(7);
  session.session.node = "n1";
  apply(id(2), session);
  model::Job job;
  job.id = job.name = "web";
  model::Evaluation eval;
  eval.id = base::EvalId(id(8));
  eval.job_id = "web";
  apply(id(3), wire::RegisterJob{.job = job, .eval = eval});
  const Snapshot now = store_.snapshot();
  EXPECT_TRUE(now->request(id(1))->refused);
  EXPECT_EQ(now->request(id(2))->made, id(7));
  EXPECT_EQ(now->request(id(3))->made, id(8));
  EXPECT_FALSE(now->request(id(3))->refused);
  EXPECT_TRUE(now->job({"default", "web"}));
}

TEST_F(OnceTest, the_oldest_are_forgotten_and_it_is_known_that_they_are) {
  for (std::uint32_t n = 1; n <= requests_max + 2; ++n)
    apply(id(n), put("a", "x"));
  const Snapshot now = store_.snapshot();
  EXPECT_EQ(now->requests.size(), requests_max);
  EXPECT_EQ(now->requests_by_index.size(), requests_max);
  EXPECT_EQ(now->requests_before, 2u);
  EXPECT_FALSE(now->request(id(2)));
  EXPECT_TRUE(now->request(id(3)));
}

TEST_F(OnceTest, is_in_a_snapshot_with_its_order) {
  apply(id(1), put("a", "one"));
  apply(id(9), wire::SetLogVersion{.version = wire::log_version});
  const auto read = load(dump(*store_.snapshot()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->hash(), store_.snapshot()->hash());
  EXPECT_EQ(*(*read)->request(id(1)), *store_.snapshot()->request(id(1)));
  EXPECT_EQ((*read)->requests_by_index.size(), 2u);
}

TEST_F(OnceTest, damaged_or_nested_commands_change_nothing) {
  const wire::AnyCommand nested =
      wire::ApplyOnce{id(2), wire::encode_command({.time_ns = 1, .body = put("a", "one")}), {}};
  apply(id(1), nested);
  (void)store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = wire::ApplyOnce{
                                                                      id(3), "\xff\xff", {}}}));
  EXPECT_EQ(value("a"), "");
  EXPECT_EQ(store_.snapshot()->requests.size(), 0u);
}

}  // namespace
}  // namespace caravan::state
