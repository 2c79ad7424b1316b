// SPDX-License-Identifier: Apache-2.0
// A time zone: which offset from UTC holds when. Read from the compiled files that every system
// has under /usr/share/zoneinfo (TZif, RFC 8536); the file's last rule is drawn out up to
// `time_zone_year_max`, so that reading an offset is one search.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace caravan::base {

inline constexpr int time_zone_year_max = 2100;

class TimeZone {
 public:
  TimeZone() = default;  // UTC

  /// Errors: invalid (no TZif file, or a damaged one).
  static Result<TimeZone> parse(std::string_view file);

  /// Seconds east of UTC.
  std::int64_t offset_at(std::int64_t unix_seconds) const;
  /// The next moment after this one at which the offset changes.
  std::optional<std::int64_t> next_change(std::int64_t unix_seconds) const;
  /// The moment at which clocks there show `local`, given as if it were UTC. The earlier one when
  /// there are two; when they never do, the moment at which they jump over it.
  std::int64_t to_unix(std::int64_t local) const;

 private:
  struct Change {
    std::int64_t at, offset;
  };
  std::vector<Change> changes_;  // by time
  std::int64_t first_offset_ = 0;
};

/// Where the file of a zone such as "Europe/Berlin" is; "" for UTC, which needs none. Errors:
/// invalid (no name of a zone).
Result<std::string> time_zone_file(std::string_view name);

}  // namespace caravan::base
