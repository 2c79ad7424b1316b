// SPDX-License-Identifier: Apache-2.0
// A whole cluster in one thread and virtual time. Hosts run agents on the twins of the io
// interfaces; nothing outside the seed decides what happens. Time moves only when nobody has
// anything to do.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/host.hpp"
#include "sim/knobs.hpp"

namespace caravan::sim {

class World {
 public:
  explicit World(std::uint64_t seed, Knobs knobs = Knobs::calm());
  ~World();  // kills every host and unwinds what ran

  const std::uint64_t seed;
  const Knobs knobs;
  Timeline timeline;
  SimRandom random;  // for the test's own draws
  Fabric fabric;
  DatagramFabric datagrams;
  SimLog log;
  std::map<std::string, ProgramMain> programs;  // by argv[0], on every host
  /// Checks invariants. Called after every handler and every entry of the timeline.
  std::function<void()> after_each_event;

  /// Addresses count up from 10.0.0.1.
  Host& add_host(const std::string& name);
  Host& host(const std::string& name);

  /// Runs one ready handler or, when there is none, the next entry of the timeline. False when
  /// nothing is left to happen.
  bool step();
  /// Runs until `done` holds; false when `limit` of virtual time passed before.
  bool run_until(const std::function<bool()>& done, base::Duration limit);
  void run_for(base::Duration duration);
  /// Runs a task of the test itself to its end. Fails an assertion after a virtual hour.
  void run(io::Task<void> task);

  base::Duration now() const { return timeline.now(); }
  /// Two runs of a seed must agree on this.
  std::uint64_t trace() const { return timeline.trace(); }
  /// For a failure's message: seed, time and knobs.
  std::string describe() const;

  boost::asio::any_io_executor executor() { return context_.get_executor(); }
  /// Unwinds a life that has ended, before anything else happens.
  void reap(LifePtr life) { dying_.push_back(std::move(life)); }

 private:
  bool run_ready();
  void unwind();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_;
  std::vector<LifePtr> dying_;
  std::vector<LifePtr> buried_;  // what their closures hold may still be looked at
  std::map<std::string, std::unique_ptr<Host>> hosts_;
  bool unwinding_ = false;
};

}  // namespace caravan::sim
