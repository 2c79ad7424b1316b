// SPDX-License-Identifier: Apache-2.0
// Which ports of a node are taken, and which ones a new allocation gets.
#pragma once

#include <bitset>
#include <expected>
#include <string>
#include <vector>

#include "model/allocation.hpp"

namespace caravan::scheduler {

/// "22,80,8500-8600" as port numbers; what is no number is left out (the node's configuration check
/// has refused it already).
std::vector<int> parse_port_list(std::string_view text);

class PortMap {
 public:
  explicit PortMap(const model::Node& node);
  /// Takes the ports of an allocation that runs, or is planned to.
  void take(const model::Allocation& alloc);
  /// What a stopping allocation still holds: not given out as a dynamic port, yet no obstacle to a
  /// static one, whose new owner waits on the node for the old one to end.
  void avoid(const model::Allocation& alloc);

  /// The ports for one more copy of a group. `seed` decides where the search for dynamic ones
  /// begins, so that freed ports are not reused at once. Errors: the exhausted dimension, as
  /// `DimensionExhausted` names it.
  std::expected<std::vector<model::PortMapping>, std::string> assign(const model::TaskGroup& group,
                                                                     std::uint64_t seed);

 private:
  using Ports = std::bitset<65536>;
  const model::Node& node_;
  Ports taken_, avoided_;
};

}  // namespace caravan::scheduler
