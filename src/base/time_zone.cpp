// SPDX-License-Identifier: Apache-2.0
#include "base/time_zone.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::base {
namespace {

constexpr std::size_t header_bytes = 44, name_max = 64, footer_max = 256;
constexpr std::int64_t hour = 3600, day = 86400;
constexpr std::int64_t time_most = 1'000'000'000'000;  // thirty thousand years on
constexpr std::int64_t offset_most = 26 * hour;        // RFC 8536, 3.2

std::unexpected<Error> damaged() { return invalid("the time zone's file is damaged"); }

/// Big-endian, signed.
std::int64_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = (static_cast<std::uint8_t>(bytes[at]) & 0x80) ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < width; ++i)
    value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

/// How many of each kind of entry a block has, in the order of its header.
struct Counts {
  std::size_t utc_flags, standard_flags, leaps, changes, types, names;
  std::size_t bytes(std::size_t time_width) const {
    return changes * (time_width + 1) + types * 6 + names + leaps * (time_width + 4) +
           standard_flags + utc_flags;
  }
};

Result<Counts> read_header(std::string_view file) {
  if (file.size() < header_bytes || !file.starts_with("TZif") || file[4] < '2') return damaged();
  std::size_t counts[6];
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t count = number(file, 20 + 4 * i, 4);
    if (count < 0 || static_cast<std::size_t>(count) > file.size()) return damaged();
    counts[i] = static_cast<std::size_t>(count);
  }
  return Counts{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

/// When a year's change is: Mm.w.d, Jn or n, and a time of that day.
struct Day {
  enum class Kind { month_week_weekday, without_leap_day, from_zero } kind = Kind::from_zero;
  int month = 1, week = 1, weekday = 0, number = 0;
  std::int64_t time = 2 * hour;

  /// As if the local time were UTC.
  std::int64_t in(int year) const {
    using namespace std::chrono;
    const auto seconds_of = [this](sys_days date) {
      return date.time_since_epoch().count() * day + time;
    };
    const std::chrono::year y(year);
    if (kind != Kind::month_week_weekday) {
      const bool skips = kind == Kind::without_leap_day && y.is_leap() && number >= 60;
      const int offset = kind == Kind::without_leap_day ? number - 1 + (skips ? 1 : 0) : number;
      return seconds_of(sys_days(y / 1 / 1) + days(offset));
    }
    const auto in_month = y / std::chrono::month(static_cast<unsigned>(month));
    const std::chrono::weekday wanted(static_cast<unsigned>(weekday));
    if (week == 5) return seconds_of(sys_days(in_month / wanted[last]));
    return seconds_of(sys_days(in_month / wanted[static_cast<unsigned>(week)]));
  }
};

/// The rule after the last change of the file, as POSIX writes it: "CET-1CEST,M3.5.0,M10.5.0/3".
class Rule {
 public:
  std::int64_t standard = 0, summer = 0;
  std::optional<Day> begin, end;  // of summer time

  static Result<Rule> parse(std::string_view text) {
    Rule rule;
    rule.rest_ = text;
    if (!rule.read()) return damaged();
    return rule;
  }

 private:
  bool read() {
    if (!name() || !time(standard, true)) return false;
    if (rest_.empty()) return true;
    if (!name()) return false;
    summer = standard + hour;
    if (!rest_.starts_with(',') && !time(summer, true)) return false;
    return date(begin) && date(end) && rest_.empty();
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    while (length < rest_.size() && (quoted ? rest_[length] != '>' : is_letter(rest_[length])))
      ++length;
    rest_.remove_prefix(length);
    return quoted ? take('>') : length > 0;
  }
  static bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
  bool digits(int& value, int most) {
    std::size_t length = 0;
    value = 0;
    for (; length < rest_.size() && length < 3 && rest_[length] >= '0' && rest_[length] <= '9';
         ++length)
      value = value * 10 + (rest_[length] - '0');
    rest_.remove_prefix(length);
    return length > 0 && value <= most;
  }
  /// [+-]h[:m[:s]]. In offsets, west is positive.
  bool time(std::int64_t& seconds, bool is_offset) {
    const bool negative = take('-');
    if (!negative) take('+');
    int h = 0, m = 0, s = 0;
    if (!digits(h, 167)) return false;
    if (take(':') && !digits(m, 59)) return false;
    if (take(':') && !digits(s, 59)) return false;
    seconds = (h * 60 + m) * 60 + s;
    if (negative != is_offset) seconds = -seconds;
    return true;
  }
  bool date(std::optional<Day>& into) {
    if (!take(',')) return false;
    Day read;
    if (take('M')) {
      read.kind = Day::Kind::month_week_weekday;
      if (!digits(read.month, 12) || !take('.') || !digits(read.week, 5) || !take('.') ||
          !digits(read.weekday, 6) || read.month == 0 || read.week == 0)
        return false;
    } else {
      if (take('J')) read.kind = Day::Kind::without_leap_day;
      if (!digits(read.number, 365)) return false;
    }
    if (take('/') && !time(read.time, false)) return false;
    into = read;
    return true;
  }

  std::string_view rest_;
};

int year_of(std::int64_t unix_seconds) {
  using namespace std::chrono;
  return int(year_month_day(floor<days>(sys_seconds(seconds(unix_seconds)))).year());
}

}  // namespace

Result<TimeZone> TimeZone::parse(std::string_view file) {
  TRY(const Counts old, read_header(file));
  const std::size_t skipped = header_bytes + old.bytes(4);  // the first block is for 32 bits
  if (skipped > file.size()) return damaged();
  file.remove_prefix(skipped);
  TRY(const Counts counts, read_header(file));
  file.remove_prefix(header_bytes);
  if (counts.bytes(8) > file.size() || counts.types == 0) return damaged();
  const std::size_t types_at = counts.changes * 9;
  const auto offset_of = [&](std::size_t type) { return number(file, types_at + type * 6, 4); };
  TimeZone zone;
  zone.first_offset_ = offset_of(0);
  if (std::abs(zone.first_offset_) > offset_most) return damaged();
  for (std::size_t i = 0; i < counts.changes; ++i) {
    const auto type = static_cast<std::uint8_t>(file[counts.changes * 8 + i]);
    if (type >= counts.types) return damaged();
    const Change change{number(file, i * 8, 8), offset_of(type)};
    if (change.at > time_most || std::abs(change.offset) > offset_most) return damaged();
    if (!zone.changes_.empty() && change.at <= zone.changes_.back().at) return damaged();
    zone.changes_.push_back(change);
  }
  const std::string_view footer = trim(file.substr(counts.bytes(8)));
  if (footer.empty()) return zone;
  if (footer.size() > footer_max) return damaged();
  TRY(const Rule rule, Rule::parse(footer));
  if (!rule.begin) return zone;  // the last change of the file holds for ever
  // Some files begin with a change at the beginning of time.
  const std::int64_t known =
      zone.changes_.empty() ? 0 : std::max<std::int64_t>(zone.changes_.back().at, 0);
  for (int year = year_of(known); year <= time_zone_year_max; ++year) {
    Change both[] = {{rule.begin->in(year)-rule.standard, rule.summer},
                     {rule.end->in(year)-rule.summer, rule.standard}};
    if (both[1].at < both[0].at) std::swap(both[0], both[1]);
    for (const Change& change : both)
      if (zone.changes_.empty() || change.at > zone.changes_.back().at)
        zone.changes_.push_back(change);
  }
  return zone;
}

std::int64_t TimeZone::offset_at(std::int64_t unix_seconds) const {
  const auto after = std::ranges::upper_bound(changes_, unix_seconds, {}, &Change::at);
  return after == changes_.begin() ? first_offset_ : std::prev(after)->offset;
}

std::optional<std::int64_t> TimeZone::next_change(std::int64_t unix_seconds) const {
  const auto after = std::ranges::upper_bound(changes_, unix_seconds, {}, &Change::at);
  if (after == changes_.end()) return {};
  return after->at;
}

std::int64_t TimeZone::to_unix(std::int64_t local) const {
  const std::int64_t before = offset_at(local - day), after = offset_at(local + day);
  const std::int64_t early = local - std::max(before, after),
                     late = local - std::min(before, after);
  for (const std::int64_t candidate : {early, late})
    if (candidate + offset_at(candidate) == local) return candidate;
  return next_change(early).value_or(late);
}

Result<std::string> time_zone_file(std::string_view name) {
  if (name.empty() || name == "UTC") return std::string();
  if (name == "Local") return std::string("/etc/localtime");
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  if (name.size() > name_max || name.starts_with('/') || !std::ranges::all_of(name, fits))
    return invalid(fmt::format("\"{}\" is no time zone", printable(name, name_max)));
  return fmt::format("/usr/share/zoneinfo/{}", name);
}

}  // namespace caravan::base
