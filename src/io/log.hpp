// SPDX-License-Identifier: Apache-2.0
// One way to log. A line is a level, the part that speaks, a sentence and key=value fields. Secrets
// never go in; ids and paths do.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace caravan::io {

enum class Level { trace, debug, info, warn, error, off };
base::Result<Level> parse_level(std::string_view name);
std::string_view level_name(Level level);

struct LogLine {
  base::Instant time;
  Level level = Level::info;
  std::string_view part;  // "client.alloc"
  std::string_view message;
  std::vector<std::pair<std::string_view, std::string>> fields;
};

/// "2026-01-02T15:04:05.000Z [INFO]  client.alloc: task started: task=web pid=17"
std::string format_line(const LogLine& line);

class LogSink {
 public:
  virtual ~LogSink() = default;
  /// May be called from any thread.
  virtual void write(const LogLine& line) = 0;
};

using LogFields = std::vector<std::pair<std::string_view, std::string>>;

/// What a chapter holds. Copies are cheap; the sink and the clock must outlive it.
class Logger {
 public:
  Logger(LogSink& sink, const class Clock& clock, std::string part)
      : sink_(&sink), clock_(&clock), part_(std::move(part)) {}
  Logger named(std::string_view part) const;

  void trace(std::string_view message, const LogFields& fields = {}) const {
    write(Level::trace, message, fields);
  }
  void debug(std::string_view message, const LogFields& fields = {}) const {
    write(Level::debug, message, fields);
  }
  void info(std::string_view message, const LogFields& fields = {}) const {
    write(Level::info, message, fields);
  }
  void warn(std::string_view message, const LogFields& fields = {}) const {
    write(Level::warn, message, fields);
  }
  void error(std::string_view message, const LogFields& fields = {}) const {
    write(Level::error, message, fields);
  }

 private:
  void write(Level level, std::string_view message, const LogFields& fields) const;

  LogSink* sink_;
  const Clock* clock_;
  std::string part_;
};

}  // namespace caravan::io
