// SPDX-License-Identifier: Apache-2.0
#include "dns/ready_answers.hpp"

#include <gtest/gtest.h>

#include "dns/message.hpp"
#include "state/store.hpp"

namespace caravan::dns {
namespace {

class ReadyAnswersTest : public ::testing::Test {
 protected:
  ReadyAnswersTest() {
    question_.id = 7;
    question_.name = "Web.service.consul.";
    question_.has_edns = true;
    question_.udp_size = 1232;
    offer("10.0.0.1");
  }
  /// One more instance of the service.
  void offer(const std::string& address, const std::string& service = "web") {
    wire::ChangeCatalog change;
    wire::CatalogPut& put = change.put.emplace_back();
    put.node.name = "n1";
    put.node.address = "10.0.0.9";
    model::CatalogService& made = put.services.emplace_back();
    made.id = service + address;
    made.name = service;
    made.address = address;
    store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = std::move(change)}));
  }
  static Record address(int last) {
    Record record;
    record.name = "Web.service.consul.";
    record.data = "10.0.0." + std::to_string(last);
    return record;
  }
  static Reply addresses(int count) {
    Reply reply;
    for (int i = 1; i <= count; ++i)
      reply.answers.push_back(address(i));
    return reply;
  }
  bool keep(const Reply& reply, ReadyAnswers::Room room) {
    const state::Snapshot tables = store_.snapshot();
    auto basis = ReadyAnswers::basis_of(question_, state::prefix::health("web"), *tables);
    return basis && ready_.keep(question_, *std::move(basis), *tables, reply, room);
  }
  std::optional<std::string> find() {
    return ready_.find(question_, *store_.snapshot(), [](std::size_t) { return 0; });
  }

  state::Store store_;
  std::uint64_t index_ = 0;
  Question question_;
  ReadyAnswers ready_;
};

TEST_F(ReadyAnswersTest, are_what_would_have_been_written) {
  ASSERT_TRUE(keep(addresses(3), {1232, 100, true}));
  EXPECT_EQ(find(), write_reply(question_, addresses(3)));
  question_.id = 0x1234;
  EXPECT_EQ(find(), write_reply(question_, addresses(3)));
}

TEST_F(ReadyAnswersTest, tell_as_many_as_fit_and_chance_says_which) {
  ASSERT_TRUE(keep(addresses(200), {512, 400, true}));
  const std::string first = find().value();
  EXPECT_LE(first.size(), 512u);
  EXPECT_GT(first.size(), 512u - 16);
  Reply told = addresses(static_cast<int>((512 - write_reply(question_, Reply()).size()) / 16));
  told.is_truncated = true;
  EXPECT_EQ(first, write_reply(question_, told));
  const auto last = [](std::size_t among) { return among - 1; };
  const std::string second = ready_.find(question_, *store_.snapshot(), last).value();
  EXPECT_EQ(second.size(), first.size());
  EXPECT_NE(second, first);
}

TEST_F(ReadyAnswersTest, live_until_the_service_changes_and_no_other) {
  ASSERT_TRUE(keep(addresses(1), {1232, 100, true}));
  offer("10.0.0.7", "other");
  EXPECT_TRUE(find());
  offer("10.0.0.2");
  EXPECT_FALSE(find());
}

TEST_F(ReadyAnswersTest, are_for_one_way_to_ask) {
  ASSERT_TRUE(keep(addresses(1), {1232, 100, true}));
  for (const auto& change : std::vector<std::function<void(Question&)>>{
           [](Question& q) { q.name = "web.service.consul."; },
           [](Question& q) { q.type = Type::aaaa; }, [](Question& q) { q.type = Type::srv; },
           [](Question& q) { q.udp_size = 512; }, [](Question& q) { q.has_edns = false; },
           [](Question& q) { q.wants_dnssec = true; },
           [](Question& q) { q.wants_recursion = true; }}) {
    const Question before = question_;
    change(question_);
    EXPECT_FALSE(find());
    question_ = before;
  }
}

TEST_F(ReadyAnswersTest, hold_nothing_but_addresses) {
  Reply reply = addresses(2);
  reply.answers[1].type = Type::cname;
  EXPECT_FALSE(keep(reply, {1232, 100, true}));
  EXPECT_FALSE(keep(Reply(), {1232, 100, true}));
  reply = addresses(1);
  reply.additional.push_back(address(2));
  EXPECT_FALSE(keep(reply, {1232, 100, true}));
  question_.type = Type::srv;
  EXPECT_FALSE(keep(addresses(1), {1232, 100, true}));
}

}  // namespace
}  // namespace caravan::dns
