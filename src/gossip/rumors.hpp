// SPDX-License-Identifier: Apache-2.0
// News on its way: one claim a member, each told a limited number of times, the least told first,
// so that news spreads as an infection does and then dies out. (SWIM, section 4.1.)
#pragma once

#include <map>
#include <set>
#include <vector>

#include "gossip/packet.hpp"

namespace caravan::gossip {

class Rumors {
 public:
  /// Takes the place of what was to be told about the same member.
  void add(Claim claim);
  bool empty() const { return turns_.empty(); }
  std::size_t size() const { return turns_.size(); }
  /// Adds what fits to the claims of a packet, and counts it as told once. `limit`: how often each
  /// is told. A claim about a member that the packet speaks of already is left for another one.
  void fill(std::vector<Claim>& claims, int limit);

 private:
  struct Turn {
    int told = 0;
    std::int64_t age = 0;  // the newest has the lowest
    MemberId about = 0;
    friend auto operator<=>(const Turn&, const Turn&) = default;
  };
  struct Rumor {
    Claim claim;
    Turn turn;
  };
  std::map<MemberId, Rumor> rumors_;
  std::set<Turn> turns_;
  std::int64_t newest_ = 0;
};

}  // namespace caravan::gossip
