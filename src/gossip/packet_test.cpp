// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "gossip/packet.hpp"

namespace caravan::gossip {
namespace {

constexpr std::uint32_t label = 0xcafe;

Packet sample() {
  Packet packet;
  packet.kind = Kind::relay;
  packet.nonce = 0x0123456789abcdef;
  packet.from = 1, packet.to = 2, packet.third = 3;
  packet.claims.push_back({4, Status::suspect, 9, 1, nullptr});
  packet.claims.push_back({5, Status::alive, 7, 0,
                           std::make_shared<const Card>(Card{5, {"fd00::5", 4648}, "about me"})});
  return packet;
}

TEST(Packet, survives_its_bytes) {
  const Packet packet = sample(), again = decode_packet(encode(packet, label)).value();
  EXPECT_EQ(encode(again, label), encode(packet, label));
  EXPECT_EQ(again.third, 3u);
  EXPECT_EQ(again.claims[0].status, Status::suspect);
  EXPECT_EQ(*again.claims[1].card, *packet.claims[1].card);
}

TEST(Packet, every_shorter_and_longer_one_is_refused) {
  const std::string bytes = encode(sample(), label);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_packet(bytes.substr(0, size))) << size;
  EXPECT_FALSE(decode_packet(bytes + "x"));
}

TEST(Packet, of_another_region_is_heard) {
  EXPECT_EQ(encode(decode_packet(encode(sample(), label + 1)).value(), label),
            encode(sample(), label));
}

TEST(Packet, of_another_version_is_refused_with_the_reason) {
  std::string bytes = encode(sample(), label);
  bytes[0] = 9;
  EXPECT_EQ(decode_packet(bytes).error().message,
            "a gossip message has version 9, this agent speaks 1");
}

TEST(Packet, a_size_counts_what_is_written) {
  Packet packet = sample();
  const std::size_t with = encode(packet, label).size();
  const Claim last = packet.claims.back();
  packet.claims.pop_back();
  EXPECT_EQ(with - encode(packet, label).size(), encoded_size(last));
}

TEST(Table, survives_its_bytes_and_no_count_is_believed) {
  const Packet packet = sample();
  const std::string bytes = encode_table(1, packet.claims, label);
  EXPECT_EQ(decode_table(bytes)->claims.size(), 2u);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_table(bytes.substr(0, size))) << size;
  std::string many = bytes;
  many[13] = many[14] = many[15] = many[16] = '\xff';
  EXPECT_FALSE(decode_table(many));
}

}  // namespace
}  // namespace caravan::gossip
