// SPDX-License-Identifier: Apache-2.0
// HAProxy, kept alive and kept near to what the routes want. Servers change by commands; routes by
// a reload, during which no connection is refused. What does not pass its own check never
// replaces what runs. It outlives this process, and is found again by it.
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "ingress/control_socket.hpp"
#include "ingress/haproxy_config.hpp"
#include "io/log.hpp"
#include "io/task.hpp"

namespace caravan::ingress {

/// Of HAProxy, where it may be; "" when it is nowhere. `wanted`: of the configuration, or "".
std::string find_program(io::Disk& disk, const std::string& wanted);
/// What HAProxy sees of ours.
std::vector<std::string> program_environment();

struct DataPlaneCounts {
  std::uint64_t starts = 0, reloads = 0, commands = 0, refused = 0;
};

/// Everything on one lane.
class DataPlane {
 public:
  /// `folder` holds all that it writes. References outlive it.
  DataPlane(io::World& world, Settings settings, std::string folder, std::string program,
            io::Logger log);

  /// Errors: invalid (a folder whose name is too long for sockets), io.
  base::Status open();
  void want(RoutingTable table);
  /// New certificates: they are read with the next reload.
  void read_again();
  /// Until it is cancelled.
  io::Task<void> run();
  /// Lets what is under way end, then ends it.
  io::Task<void> end();

  /// What could not be done of the table that is wanted.
  const std::vector<Problem>& problems() const { return problems_; }
  const DataPlaneCounts& counts() const { return counts_; }
  bool is_up() const { return is_up_; }
  const std::string& metrics_socket() const { return paths_.metrics; }
  /// Called on its lane when what it says of itself has changed.
  std::function<void()> on_change;

 private:
  // data_plane_draft.cpp
  /// Writes the next configuration and has it checked. False: there is none that is good.
  io::Task<bool> prepare(const RoutingTable& asked, const std::set<std::string>& taken);
  RoutingTable without_ports(RoutingTable table, const std::set<std::string>& taken) const;
  io::Task<std::set<std::string>> taken_ports();
  std::string shape(const RoutingTable& table, const Placement& placement) const;
  void report(std::vector<Problem> problems);

  // data_plane.cpp
  io::Task<void> step();
  io::Task<bool> gives_up_silent();
  io::Task<void> start_anew();
  io::Task<void> reload();
  io::Task<bool> arrives(const std::string& generation);
  base::Status spawn();
  void find_again();
  io::Task<void> remember();
  io::Task<void> limit_log();
  std::size_t workers() const;
  base::Duration reload_interval() const;

  io::World& world_;
  const Settings settings_;
  const std::string folder_, program_;
  io::Logger log_;
  DataPlanePaths paths_;
  ControlSocket control_;
  io::Event changed_;

  std::optional<RoutingTable> wanted_;  // none: nothing has been heard yet
  RoutingTable possible_;               // what of it can be
  io::ProcessId process_;
  Placement placement_;   // of what runs
  std::string shape_;     // of what runs; "" when that is not known
  std::string bad_shape_; // that was refused
  std::set<std::string> bound_;   // "host:port" that what runs listens on
  std::uint64_t generation_ = 0;
  bool reads_again_ = false, is_up_ = false;
  base::Duration last_reload_{0}, next_start_{0}, start_pause_{0}, next_due_{0}, retry_at_{0};
  std::optional<base::Duration> held_since_;  // uptime from which a reload waited for the silent
  std::vector<Problem> problems_;
  DataPlaneCounts counts_;
};

}  // namespace caravan::ingress
