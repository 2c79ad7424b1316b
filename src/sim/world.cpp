// SPDX-License-Identifier: Apache-2.0
#include "sim/world.hpp"

#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include "base/assert.hpp"

namespace caravan::sim {

World::World(std::uint64_t seed, Knobs knobs)
    : seed(seed),
      knobs(knobs),
      random(seed),
      fabric(timeline, knobs, random.fork("fabric")),
      datagrams(fabric, SimRandom(mix(seed, "datagrams"))),
      busy_(context_.get_executor()) {}

World::~World() {
  after_each_event = nullptr;
  for (auto& [name, host] : hosts_) host->disk.at_boundary = nullptr;
  for (auto& [name, host] : hosts_) host->power_off();
  unwind();
  while (context_.poll_one() > 0) {
  }
  timeline.clear();
}

Host& World::add_host(const std::string& name) {
  const std::string ip = fmt::format("10.0.0.{}", hosts_.size() + 1);
  fabric.add_host(ip);
  auto& host = hosts_[name];
  ASSERT(!host);
  host = std::make_unique<Host>(*this, name, ip, knobs, random.fork(name));
  return *host;
}

Host& World::host(const std::string& name) { return *hosts_.at(name); }

bool World::run_ready() {
  if (context_.poll_one() == 0) return false;
  if (after_each_event) after_each_event();
  return true;
}

void World::unwind() {
  if (unwinding_) return;
  unwinding_ = true;
  while (!dying_.empty()) {
    const LifePtr life = dying_.back();
    dying_.pop_back();
    // On the context: from outside, Asio would deliver the signal later, maybe to a task that
    // ended.
    boost::asio::post(context_, [life] { life->tasks.cancel(); });
    run_ready();
    while (life->tasks.running() > 0 && run_ready()) {
    }
    // A task that catches its cancellation and goes on would live for ever; the bug is its own.
    ASSERT(life->tasks.running() == 0);
    buried_.push_back(life);
  }
  unwinding_ = false;
}

bool World::step() {
  unwind();
  if (run_ready()) return true;
  if (timeline.empty()) return false;
  timeline.run_one();
  if (after_each_event) after_each_event();
  return true;
}

bool World::run_until(const std::function<bool()>& done, base::Duration limit) {
  const base::Duration deadline = now() + limit;
  while (!done()) {
    unwind();
    if (run_ready()) continue;
    if (timeline.empty() || timeline.next() > deadline) {
      timeline.pass_to(deadline);
      return done();
    }
    step();
  }
  unwind();
  return true;
}

void World::run_for(base::Duration duration) {
  run_until([] { return false; }, duration);
}

void World::run(io::Task<void> task) {
  io::TaskGroup group(executor());
  group.spawn(std::move(task));
  const bool ended = run_until([&] { return group.running() == 0; }, std::chrono::hours(1));
  ASSERT(ended);
}

std::string World::describe() const {
  return fmt::format("seed {} at {}: {}", seed, base::format_duration(now()), knobs.to_string());
}

}  // namespace caravan::sim
