// SPDX-License-Identifier: Apache-2.0
// The engine's log stream as records: one piece of output each, with the time at which the engine
// took it. Pure.
//
// Without a terminal every record is a frame (kind, length, bytes); with one the stream is plain.
// In both a record begins with its time, 30 characters and a space. A line longer than 16 KiB comes
// as several records of one time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace caravan::driver::docker {

struct LogRecord {
  std::int64_t stamp_ns = 0;
  std::string bytes;
};

class LogRecords {
 public:
  explicit LogRecords(bool tty) : tty_(tty) {}
  void feed(std::string_view bytes);
  /// The next whole record; nothing when more bytes are needed. Errors: invalid (no such stream).
  base::Result<std::optional<LogRecord>> next();
  /// At the stream's end: what a terminal left behind without a line end.
  base::Result<std::optional<LogRecord>> last();

 private:
  base::Result<std::optional<LogRecord>> next_frame();
  base::Result<std::optional<LogRecord>> next_line();
  std::string_view rest() const { return std::string_view(heard_).substr(at_); }

  bool tty_;
  std::string heard_;
  std::size_t at_ = 0;  // what is before it was given out
};

/// How much of a stream is in the log files already, and where they were then. It survives the
/// agent: records at or after `stamp_ns` are asked for again, and the first `seen` of that very
/// time are skipped.
struct LogPosition {
  std::int64_t stamp_ns = 0;  // 0 = nothing yet
  std::uint64_t seen = 0;     // records of that time that are written
  std::int64_t file = 0;      // number of the log file
  std::uint64_t size = 0;     // its length; what is behind it is not part of the log

  /// Of constant length, so that a position is replaced by one write.
  std::string to_text() const;
  static std::optional<LogPosition> parse(std::string_view text);
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

/// Chooses the records that are not written yet.
///
/// An engine that rotates its own files repeats records to those who follow. A record of a time and
/// with bytes that were there already is such a repetition; only the parts of one long line share
/// their time and may be alike.
class LogChoice {
 public:
  /// A stream was opened at the position: its first records are known.
  void reopen(const LogPosition& position);
  /// Whether to write the record; the position then says that it is.
  bool take(const LogRecord& record, LogPosition& position);

 private:
  struct Seen {
    std::int64_t stamp_ns = 0;
    std::uint64_t hash = 0;  // of the bytes
    friend auto operator<=>(const Seen&, const Seen&) = default;
  };
  bool is_repeated(const Seen& seen) const;

  std::uint64_t skip_ = 0;
  bool in_line_ = false;     // the last record taken did not end its line
  std::deque<Seen> recent_;  // records taken, their times growing; some thousands
};

}  // namespace caravan::driver::docker
