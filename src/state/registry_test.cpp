// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class RegistryTest : public testing::Test {
 protected:
  std::vector<std::string> apply(wire::AnyCommand body) {
    return store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  std::vector<std::string> fire(std::uint8_t n) {
    return apply(wire::FireEvent{.event = {.id = id(n), .name = "deploy"}, .unknown = {}});
  }
  std::vector<std::uint64_t> ltimes() const {
    std::vector<std::uint64_t> all;
    store_.snapshot()->user_events.each(
        [&](std::uint64_t, const auto& event) { all.push_back(event->ltime); });
    return all;
  }

  Store store_;
  std::uint64_t index_ = 0;
};

TEST_F(RegistryTest, events_are_numbered_and_who_waits_for_them_is_woken) {
  EXPECT_EQ(fire(1), std::vector{key::table(Table::user_events)});
  fire(2);
  EXPECT_EQ(ltimes(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(RegistryTest, only_the_newest_events_are_kept) {
  for (std::size_t i = 0; i < model::user_events_max + 3; ++i)
    fire(7);
  EXPECT_EQ(ltimes().size(), model::user_events_max);
  EXPECT_EQ(ltimes().front(), 4U);
  EXPECT_EQ(ltimes().back(), model::user_events_max + 3);
}

wire::UpsertPreparedQuery query(std::uint8_t n, const std::string& name) {
  wire::UpsertPreparedQuery command;
  command.is_new = true;
  command.query.id = id(n);
  command.query.name = name;
  command.query.service.service = "web";
  return command;
}

TEST_F(RegistryTest, two_queries_cannot_have_one_name) {
  apply(query(1, "Web"));
  apply(query(2, "web"));
  EXPECT_TRUE(store_.snapshot()->was_refused(index_));
  wire::UpsertPreparedQuery prefix = query(2, "web");
  prefix.query.as_template.type = model::query_name_prefix_match;
  apply(prefix);
  EXPECT_FALSE(store_.snapshot()->was_refused(index_));  // a template is another thing
  apply(query(3, ""));
  apply(query(4, ""));
  EXPECT_EQ(store_.snapshot()->prepared_queries.size(), 4U);
}

TEST_F(RegistryTest, a_query_that_gets_another_name_leaves_the_old_one) {
  apply(query(1, "web"));
  wire::UpsertPreparedQuery renamed = query(1, "api");
  apply(renamed);
  EXPECT_TRUE(store_.snapshot()->was_refused(index_));  // it is not new
  renamed.is_new = false;
  apply(renamed);
  apply(query(2, "web"));
  const Snapshot tables = store_.snapshot();
  EXPECT_FALSE(tables->was_refused(index_));
  EXPECT_EQ(*tables->queries_by_name.find("api"), id(1));
  EXPECT_EQ(tables->prepared_query(id(1))->create_index, 1U);
  EXPECT_EQ(tables->prepared_query(id(1))->modify_index, 3U);
}

TEST_F(RegistryTest, a_query_ends_with_its_session) {
  wire::UpsertPreparedQuery bound = query(1, "web");
  bound.query.session = id(7);
  apply(bound);
  EXPECT_TRUE(store_.snapshot()->was_refused(index_));  // there is no such session
  wire::CreateSession session;
  session.session.id = id(7);
  session.session.node = "n1";
  apply(session);
  apply(bound);
  apply(query(2, "other"));
  apply(wire::DestroySession{.id = id(7), .unknown = {}});
  const Snapshot tables = store_.snapshot();
  EXPECT_EQ(tables->prepared_queries.size(), 1U);
  EXPECT_EQ(tables->queries_by_name.find("web"), nullptr);
  EXPECT_EQ(tables->queries_by_session.size(), 0U);
}

TEST_F(RegistryTest, what_is_not_there_cannot_be_deleted) {
  apply(query(1, "web"));
  apply(wire::DeletePreparedQuery{.id = id(2), .unknown = {}});
  EXPECT_TRUE(store_.snapshot()->was_refused(index_));
  apply(wire::DeletePreparedQuery{.id = id(1), .unknown = {}});
  EXPECT_EQ(store_.snapshot()->queries_by_name.size(), 0U);
}

}  // namespace
}  // namespace caravan::state
