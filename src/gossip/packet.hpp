// SPDX-License-Identifier: Apache-2.0
// What goes through the network, before it is sealed. The first byte is the version; a packet of
// another version is refused, and so is one with anything left over. Then comes the label of the
// sender's region, which was once a reason to refuse a packet: who speaks with whom is a matter of
// the key ring.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "gossip/claim.hpp"

namespace caravan::gossip {

inline constexpr std::uint8_t packet_version = 1;
/// Of claims in a packet, encoded: what is left of a datagram beside the head and the seal.
inline constexpr std::size_t claims_bytes_max = 1240;
inline constexpr std::size_t claims_max = 64;

enum class Kind : std::uint8_t {
  gossip = 0,  // claims, and no answer
  ping = 1,    // answered by ack, by the member that it is for
  ack = 2,     // of a ping or of a relay
  relay = 3,   // asks to ping a third one and to pass its ack on
  nack = 4,    // of a relay: the third one has not answered in time
};

struct Packet {
  Kind kind = Kind::gossip;
  std::uint64_t nonce = 0;  // ties an answer to its question; drawn, so that no old answer fits
  MemberId from = 0, to = 0;
  MemberId third = 0;  // of a relay
  std::vector<Claim> claims;
};

std::string encode(const Packet& packet, std::uint32_t label);
/// Errors: invalid (what is wrong with it).
base::Result<Packet> decode_packet(std::string_view bytes);

/// A whole table, for an exchange over a stream.
inline constexpr std::size_t table_members_max = 100'000;
std::string encode_table(MemberId from, const std::vector<Claim>& claims, std::uint32_t label);
struct Table {
  MemberId from = 0;
  std::vector<Claim> claims;
};
/// Errors: invalid (what is wrong with it).
base::Result<Table> decode_table(std::string_view bytes);

/// How many bytes it takes in a packet.
std::size_t encoded_size(const Claim& claim);

}  // namespace caravan::gossip
