// SPDX-License-Identifier: Apache-2.0
#include "io/log.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/clock.hpp"

namespace caravan::io {
namespace {

constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error", "off"};
constexpr std::string_view tags[] = {"[TRACE]", "[DEBUG]", "[INFO] ", "[WARN] ", "[ERROR]", ""};

/// A line is cut here: no message of ours is longer, and what users send is not worth more.
constexpr std::size_t field_max = 4096;

}  // namespace

base::Result<Level> parse_level(std::string_view name) {
  const std::string lower = base::to_lower(name);
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (lower == names[i]) return static_cast<Level>(i);
  if (lower == "err") return Level::error;
  return base::invalid(
      fmt::format("log level \"{}\" is none of trace, debug, info, warn, error, off", name));
}

std::string_view level_name(Level level) { return names[static_cast<std::size_t>(level)]; }

std::string format_line(const LogLine& line) {
  const base::Civil c = base::to_civil(line.time);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {} {}: {}", c.year, c.month, c.day,
                  c.hour, c.minute, c.second, line.time.unix_ns / 1'000'000 % 1000,
                  tags[static_cast<std::size_t>(line.level)], line.part, line.message);
  for (std::size_t i = 0; i < line.fields.size(); ++i) {
    const auto& [key, value] = line.fields[i];
    const bool quoted = value.empty() || value.find_first_of(" =\"\n") != std::string::npos;
    text += fmt::format(
        "{}{}={}", i == 0 ? ": " : " ", key,
        quoted ? '"' + base::printable(value, field_max) + '"' : base::printable(value, field_max));
  }
  return text;
}

Logger Logger::named(std::string_view part) const {
  return Logger(*sink_, *clock_,
                part_.empty() ? std::string(part) : fmt::format("{}.{}", part_, part));
}

void Logger::write(Level level, std::string_view message, const LogFields& fields) const {
  sink_->write({clock_->now(), level, part_, message, fields});
}

}  // namespace caravan::io
