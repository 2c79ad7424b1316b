// SPDX-License-Identifier: Apache-2.0
// What members say of each other. Of two claims about one member the later one counts: that of the
// higher incarnation and, within one, the worse status. Only the member itself raises its
// incarnation, so nobody but it can say "I am alive after all", and a claim heard again, in
// whatever order, changes nothing. (SWIM, Das, Gupta, Motivala 2002, section 4.2.)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "io/network.hpp"

namespace caravan::gossip {

/// Drawn once by a member and kept; 0 is nobody.
using MemberId = std::uint64_t;

enum class Status : std::uint8_t { alive = 0, suspect = 1, failed = 2, left = 3 };
std::string_view to_string(Status status);

/// What a member says of itself. Shared, since every claim and every table holds it.
struct Card {
  MemberId id = 0;
  io::Address address;  // where it hears packets: an IP and a port
  std::string data;     // what the chapter above wants to be known, at most card_data_bytes_max
  friend bool operator==(const Card&, const Card&) = default;
};
using CardPtr = std::shared_ptr<const Card>;

/// A card and a packet's head must fit into one packet.
inline constexpr std::size_t card_data_bytes_max = 768;

struct Claim {
  MemberId about = 0;
  Status status = Status::alive;
  std::uint64_t incarnation = 0;
  MemberId accuser = 0;  // of suspect and failed: who noticed
  CardPtr card;          // of alive; of the others only where the whole table is told
};

}  // namespace caravan::gossip
