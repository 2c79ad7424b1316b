// SPDX-License-Identifier: Apache-2.0
#include "dns/message.hpp"

#include <random>

#include <gtest/gtest.h>

namespace caravan::dns {
namespace {

std::string question(std::string_view name_bytes) {
  std::string packet("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  packet += name_bytes;
  packet += std::string("\x00\x00\x21\x00\x01", 5);
  return packet;
}

Record address(const std::string& name) {
  Record record;
  record.name = name;
  record.data = "10.0.0.1";
  return record;
}

TEST(Message, a_question_keeps_its_number_its_capitals_and_its_wish) {
  const auto read =
      read_question(question("\x03Web\x07service\x06"
                             "consul"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, 0x1234);
  EXPECT_EQ(read->name, "Web.service.consul.");
  EXPECT_EQ(read->type, Type::srv);
  EXPECT_TRUE(read->wants_recursion);
  EXPECT_EQ(read->udp_size, 512);
}

TEST(Message, what_is_none_is_refused_by_its_number) {
  EXPECT_FALSE(read_question(""));
  EXPECT_FALSE(read_question("short"));
  EXPECT_FALSE(read_question(std::string(40, '\xff')));
  std::string loop = question(std::string("\xc0\x0c", 2));
  EXPECT_FALSE(read_question(loop));
  EXPECT_EQ(number_of(loop), 0x1234);
  EXPECT_FALSE(number_of("short"));
}

TEST(Message, the_usual_question_is_read_as_any_other) {
  const std::string usual = question("\x05web-1\x04_tcp\x04test");
  const std::string opt("\0\0\x29\x04\xd0\0\0\x80\0\0\x04\0\x0a\0\0", 15);
  std::string with_edns = usual + opt;
  with_edns[11] = 1;
  for (const std::string& packet : {usual, with_edns}) {
    ASSERT_TRUE(plain_question(packet));
    EXPECT_EQ(*plain_question(packet), *unusual_question(packet));
  }
  EXPECT_EQ(plain_question(with_edns)->udp_size, 1232);
  EXPECT_TRUE(plain_question(with_edns)->wants_dnssec);
  for (std::size_t size = 0; size < with_edns.size(); ++size)
    EXPECT_FALSE(plain_question(with_edns.substr(0, size)));
  // Damaged in any way, it is the same question, or one for the library.
  std::minstd_rand chance(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string packet = i % 2 == 0 ? usual : with_edns;
    for (int damage = 0; damage < 1 + i % 3; ++damage)
      packet[chance() % packet.size()] = static_cast<char>(chance());
    if (const auto plain = plain_question(packet)) {
      const auto other = unusual_question(packet);
      ASSERT_TRUE(other && *other == *plain) << i;
    }
  }
  EXPECT_FALSE(plain_question(usual + "x"));
  EXPECT_FALSE(plain_question(question("\x05we.b1\x04test")));
  EXPECT_TRUE(read_question(question("\x05we.b1\x04test")));
}

TEST(Message, a_reply_that_is_too_long_sheds_what_is_needed_least) {
  Question asked;
  asked.name = "web.service.consul.";
  Reply reply;
  for (int i = 0; i < 60; ++i) {
    reply.answers.push_back(address("web.service.consul."));
    reply.additional.push_back(address("n1.node.dc1.consul."));
  }
  const std::string whole = write_reply(asked, reply);
  const std::string cut = write_within(asked, reply, 512, true);
  EXPECT_LE(cut.size(), 512u);
  EXPECT_GT(cut.size(), 400u);
  EXPECT_TRUE(static_cast<unsigned char>(cut[2]) & 2);  // it says so
  EXPECT_EQ(cut[11], 0);                                // no additional record is left
  EXPECT_FALSE(static_cast<unsigned char>(write_within(asked, reply, 512, false)[2]) & 2);
  EXPECT_EQ(write_within(asked, reply, 65'535, true), whole);
}

TEST(Message, what_no_packet_can_hold_is_left_out) {
  Question asked;
  asked.name = "web.service.consul.";
  Reply reply;
  reply.answers = {address(std::string(70, 'x') + ".consul."), address("web.service.consul.")};
  const std::string written = write_reply(asked, reply);
  ASSERT_GT(written.size(), 12u);
  EXPECT_EQ(written[7], 1);
}

}  // namespace
}  // namespace caravan::dns
