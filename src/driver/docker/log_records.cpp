// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/log_records.hpp"

#include <fmt/core.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace caravan::driver::docker {
namespace {

constexpr std::size_t header_bytes = 8;
constexpr std::size_t stamp_bytes = 31;           // "2026-01-02T15:04:05.000000000Z "
constexpr std::size_t frame_bytes_max = 4 << 20;  // the engine cuts at 16 KiB
/// An engine repeats what it had read ahead when it rotated: tens of records.
constexpr std::size_t recent_max = 4096;
constexpr std::size_t line_bytes_max = 16 * 1024;  // where the engine cuts

base::Result<LogRecord> record_of(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos)
    return base::invalid("the engine's log has a record without a time");
  TRY(const base::Instant stamp, base::parse_rfc3339(text.substr(0, space)));
  return LogRecord{stamp.unix_ns, std::string(text.substr(space + 1))};
}

}  // namespace

base::Result<std::optional<LogRecord>> LogRecords::next() {
  return tty_ ? next_line() : next_frame();
}

void LogRecords::feed(std::string_view bytes) {
  heard_.erase(0, std::exchange(at_, 0));
  heard_ += bytes;
}

base::Result<std::optional<LogRecord>> LogRecords::next_frame() {
  const std::string_view bytes = rest();
  if (bytes.size() < header_bytes) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 4; i < header_bytes; ++i)
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  if (length > frame_bytes_max) return base::invalid("the engine's log is not framed as it should");
  if (bytes.size() < header_bytes + length) return std::nullopt;
  at_ += header_bytes + length;
  TRY(LogRecord record, record_of(bytes.substr(header_bytes, length)));
  return record;
}

base::Result<std::optional<LogRecord>> LogRecords::next_line() {
  const std::string_view bytes = rest();
  const std::size_t end = bytes.find('\n');
  std::size_t length = end == std::string_view::npos ? end : end + 1;
  if (bytes.size() > stamp_bytes + line_bytes_max)
    length = std::min(length, stamp_bytes + line_bytes_max);
  if (length == std::string_view::npos) return std::nullopt;
  at_ += length;
  TRY(LogRecord record, record_of(bytes.substr(0, length)));
  return record;
}

base::Result<std::optional<LogRecord>> LogRecords::last() {
  const std::string_view bytes = rest();
  if (!tty_ || bytes.empty()) return std::nullopt;
  at_ += bytes.size();
  TRY(LogRecord record, record_of(bytes));
  return record;
}

std::string LogPosition::to_text() const {
  return fmt::format("1 {:020} {:020} {:020} {:020}\n", stamp_ns, seen, file, size);
}

std::optional<LogPosition> LogPosition::parse(std::string_view text) {
  const std::vector<std::string> words = base::split(base::trim(text), ' ');
  if (words.size() != 5 || words[0] != "1") return {};
  std::int64_t numbers[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const base::Result<long long> number = base::parse_int(words[i + 1]);
    if (!number || *number < 0) return {};
    numbers[i] = *number;
  }
  return LogPosition{numbers[0], static_cast<std::uint64_t>(numbers[1]), numbers[2],
                     static_cast<std::uint64_t>(numbers[3])};
}

void LogChoice::reopen(const LogPosition& position) { skip_ = position.seen; }

bool LogChoice::is_repeated(const Seen& seen) const {
  const auto of_that_time = std::ranges::equal_range(recent_, seen.stamp_ns, {}, &Seen::stamp_ns);
  return std::ranges::find(of_that_time, seen) != of_that_time.end();
}

bool LogChoice::take(const LogRecord& record, LogPosition& position) {
  const bool is_same = record.stamp_ns == position.stamp_ns;
  if (is_same && skip_ > 0) {
    --skip_;
    return false;
  }
  const bool goes_on = is_same && in_line_;
  const Seen seen{record.stamp_ns, base::hash64(record.bytes)};
  if (!goes_on && is_repeated(seen)) return false;
  skip_ = 0;
  if (!recent_.empty() && seen.stamp_ns < recent_.back().stamp_ns)
    recent_.clear();  // the clock went back
  recent_.push_back(seen);
  if (recent_.size() > recent_max) recent_.pop_front();
  in_line_ = !record.bytes.ends_with('\n');
  if (!is_same) position.seen = 0;
  position.stamp_ns = record.stamp_ns;
  ++position.seen;
  return true;
}

}  // namespace caravan::driver::docker
