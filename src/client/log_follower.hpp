// SPDX-License-Identifier: Apache-2.0
// An agent's own log, for somebody who watches: lines of a level and above, as text or as JSON.
#pragma once

#include <memory>
#include <string>

#include "io/log_source.hpp"
#include "io/task.hpp"

namespace caravan::client {

struct LogWish {
  io::Level level = io::Level::info;
  bool json = false;  // one object a line, in the form that log collectors know
};
/// "debug json", "info text": how a wish travels to another agent.
std::string to_text(const LogWish& wish);
/// Errors: invalid.
base::Result<LogWish> parse_wish(std::string_view text);

/// One lane. Whoever reads too slowly misses lines, and is told how many.
class LogFollower {
 public:
  /// `source` outlives it.
  LogFollower(io::LogSource& source, LogWish wish, boost::asio::any_io_executor lane);
  ~LogFollower();
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  /// Waits for lines, and returns all that are there, each with its end.
  io::Task<std::string> next();

 private:
  struct Heard;
  io::LogSource& source_;
  std::shared_ptr<Heard> heard_;
  int number_;
};

}  // namespace caravan::client
