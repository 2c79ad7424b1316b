// SPDX-License-Identifier: Apache-2.0
#include "sim/machine.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration start_limit = 30s;
constexpr base::Duration stop_limit = 60s;

}  // namespace

void Machine::boot() {
  gave_up_.clear();
  host.boot([this](Host&, io::World& io) -> io::Task<void> { co_await run_agent(io); });
}

void Machine::crash(bool power) {
  // Starting is not interrupted: what stops an agent needs all of its parts.
  if (!world_.run_until([&] { return serves() || !host.running(); }, start_limit))
    throw std::logic_error(host.name + ": the agent does not start");
  if (host.running()) {
    host.pause(0s);
    world_.fabric.set_power(host.ip, false);
    host.processes.agent_is_dying = true;
    io::TaskGroup stopping(world_.executor());
    stopping.spawn(stop_agent());
    if (!world_.run_until([&] { return stopping.running() == 0; }, stop_limit))
      throw std::logic_error(host.name + ": the agent does not stop");
    host.processes.agent_is_dying = false;
    if (!power) world_.fabric.set_power(host.ip, true);
  }
  forget_agent(power);
  power ? host.power_off() : host.kill();
  world_.run_until([] { return true; }, 0s);  // it unwinds
}

}  // namespace caravan::sim
