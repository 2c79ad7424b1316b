// SPDX-License-Identifier: Apache-2.0
// Cables between hosts. A stream is ordered and reliable as TCP is: bytes that meet a cut link wait
// and are tried again, and after a while the connection breaks. The other end of a killed program
// hears of it; the other end of a machine without power hears nothing.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "io/network.hpp"
#include "sim/knobs.hpp"
#include "sim/life.hpp"
#include "sim/random.hpp"

namespace caravan::sim {

struct ListenerState;

/// All cables of a world. Hosts are known by their IP address.
class Fabric {
 public:
  Fabric(Timeline& timeline, Knobs knobs, SimRandom random)
      : timeline(timeline), knobs(knobs), random(random) {}

  /// Bytes from `from` no longer reach `to`; the other direction is not touched.
  void cut(const std::string& from, const std::string& to) { cut_.insert({from, to}); }
  void cut_both(const std::string& a, const std::string& b) { cut(a, b), cut(b, a); }
  void isolate(const std::string& host);
  void heal() { cut_.clear(); }
  void add_host(const std::string& ip) { up_[ip] = false; }
  void set_power(const std::string& ip, bool up) { up_[ip] = up; }
  /// Whether bytes get from one host to the other just now.
  bool open(const std::string& from, const std::string& to) const;
  bool has_power(const std::string& ip) const;
  base::Duration latency(bool local);

  Timeline& timeline;
  Knobs knobs;
  SimRandom random;
  std::map<std::pair<std::string, io::Address>, std::weak_ptr<ListenerState>> listeners;
  std::uint16_t next_port = 20000;
  std::uint64_t bytes_carried = 0;

 private:
  std::set<std::pair<std::string, std::string>> cut_;
  std::map<std::string, bool> up_;
};

class SimNetwork : public io::Network {
 public:
  SimNetwork(Fabric& fabric, std::string ip, LifePtr life)
      : fabric_(fabric), ip_(std::move(ip)), life_(std::move(life)) {}
  io::Task<base::Result<std::unique_ptr<io::Listener>>> listen(io::Address address) override;
  io::Task<base::Result<std::unique_ptr<io::Stream>>> connect(io::Address address,
                                                              base::Duration timeout) override;

 private:
  Fabric& fabric_;
  std::string ip_;
  LifePtr life_;
};

}  // namespace caravan::sim
