// SPDX-License-Identifier: Apache-2.0
// Packets over the cables of a Fabric: lost, late, repeated, overtaking each other. How bad it is
// follows from the network's knobs, and the draws are of a stream of their own, so that a seed's
// connections live as they do without any packets.
#pragma once

#include "io/datagrams.hpp"
#include "sim/network.hpp"

namespace caravan::sim {

struct DatagramPort;

/// All bound ports of a world.
class DatagramFabric {
 public:
  DatagramFabric(Fabric& cables, SimRandom random) : cables(cables), random(random) {}
  /// Shares per thousand, of packets.
  int loss() const;
  int repeated() const { return cables.knobs.stall / 5; }

  Fabric& cables;
  SimRandom random;
  int more_loss = 0;  // what a test adds
  std::map<std::pair<std::string, std::uint16_t>, std::weak_ptr<DatagramPort>> ports;
};

class SimDatagrams : public io::Datagrams {
 public:
  SimDatagrams(DatagramFabric& fabric, std::string ip, LifePtr life)
      : fabric_(fabric), ip_(std::move(ip)), life_(std::move(life)) {}
  io::Task<base::Result<std::unique_ptr<io::DatagramSocket>>> bind(io::Address address) override;

 private:
  DatagramFabric& fabric_;
  std::string ip_;
  LifePtr life_;
};

}  // namespace caravan::sim
