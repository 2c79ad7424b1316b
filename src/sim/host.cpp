// SPDX-License-Identifier: Apache-2.0
#include "sim/host.hpp"

#include "base/assert.hpp"
#include "sim/world.hpp"

namespace caravan::sim {

Outfit::Outfit(Host& host, LifePtr new_life, SimRandom seed, const base::Duration& skew)
    : life(std::move(new_life)),
      clock(life, skew),
      random(seed),
      executor(life),
      network(host.world().fabric, host.ip, life),
      datagrams(host.world().datagrams, host.ip, life),
      disk(host.disk, life),
      processes(host.processes, life),
      log(host.world().log, life),
      world{clock, random, executor, network, disk, processes, log} {}

Host::Host(World& world, std::string host_name, std::string host_ip, Knobs knobs, SimRandom random)
    : name(std::move(host_name)),
      ip(std::move(host_ip)),
      disk(knobs, random.fork("disk")),
      processes(
          world.programs, [this](const std::string& what) { return make_outfit(what); },
          [&world](LifePtr life) { world.reap(std::move(life)); }),
      world_(world),
      random_(random.fork("host")),
      skew_(random_.between(-knobs.skew_max, knobs.skew_max)) {}

std::shared_ptr<Outfit> Host::make_outfit(const std::string& what) {
  const auto life = std::make_shared<Life>(world_.timeline, world_.executor(), name + ":" + what);
  return std::make_shared<Outfit>(*this, life, random_.fork(what), skew_);
}

namespace {
io::Task<void> run_agent(std::shared_ptr<Outfit> outfit, Host& host, AgentMain main) {
  co_await main(host, outfit->world);
  outfit->life->die(false);
}
}  // namespace

void Host::boot(AgentMain main) {
  ASSERT(!running());
  world_.fabric.set_power(ip, true);
  ++boots_;
  agent_ = make_outfit("agent");
  agent_->life->tasks.spawn(run_agent(agent_, *this, std::move(main)));
}

void Host::kill() {
  if (!running()) return;
  agent_->life->die(false);
  world_.reap(agent_->life);
}

void Host::power_off() {
  world_.fabric.set_power(ip, false);
  if (running()) {
    agent_->life->die(true);
    world_.reap(agent_->life);
  }
  processes.power_off();
  disk.power_cut();
}

void Host::pause(base::Duration duration) {
  if (running()) life().pause_until(world_.timeline.now() + duration);
}

}  // namespace caravan::sim
