// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/log_records.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "base/time.hpp"

namespace caravan::driver::docker {
namespace {

constexpr std::size_t header_bytes = 8;
constexpr std::size_t stamp_bytes = 31;            // "2026-01-02T15:04:05.000000000Z "
constexpr std::size_t frame_bytes_max = 4 << 20;   // the engine cuts at 16 KiB
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

bool LogResume::take(const LogRecord& record) {
  if (!past_ && record.stamp_ns == position_.stamp_ns && skip_ > 0) {
    --skip_;
    return false;
  }
  past_ = true;
  if (record.stamp_ns != position_.stamp_ns) {
    position_.stamp_ns = record.stamp_ns;
    position_.seen = 0;
  }
  ++position_.seen;
  return true;
}

}  // namespace caravan::driver::docker
