// SPDX-License-Identifier: Apache-2.0
// The small twins: clock, lanes, log. The disk, the network and the process table have their own
// files.
#pragma once

#include <deque>

#include "io/clock.hpp"
#include "io/executor.hpp"
#include "io/log.hpp"
#include "sim/life.hpp"

namespace caravan::sim {

class SimClock : public io::Clock {
 public:
  /// `skew`: of the host's wall clock, read at each look; outlives it.
  SimClock(LifePtr life, const base::Duration& skew) : life_(std::move(life)), skew_(skew) {}
  base::Instant now() const override;
  base::Duration uptime() const override;
  io::Task<void> sleep(base::Duration duration) override;

 private:
  LifePtr life_;
  const base::Duration& skew_;
};

/// Every lane is the one context; it runs what is ready in the order in which it became so.
class SimExecutor : public io::Executor {
 public:
  explicit SimExecutor(LifePtr life) : life_(std::move(life)) {}
  boost::asio::any_io_executor lane(io::Lane) override { return life_->executor; }
  std::size_t fronts() const override { return 1; }
  boost::asio::any_io_executor front(std::size_t) override { return life_->executor; }

 private:
  LifePtr life_;
};

/// Keeps the newest lines of all hosts, for the report of a failure.
class SimLog {
 public:
  void add(const std::string& host, const io::LogLine& line);
  std::string tail(std::size_t lines) const;
  bool echo = false;  // also to stderr, at once

 private:
  static constexpr std::size_t lines_max = 2000;
  std::deque<std::string> lines_;
};

class SimLogSink : public io::LogSink {
 public:
  SimLogSink(SimLog& log, LifePtr life) : log_(log), life_(std::move(life)) {}
  void write(const io::LogLine& line) override { log_.add(life_->name, line); }

 private:
  SimLog& log_;
  LifePtr life_;
};

}  // namespace caravan::sim
