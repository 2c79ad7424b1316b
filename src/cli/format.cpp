// SPDX-License-Identifier: Apache-2.0
#include "cli/format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include <fmt/core.h>

#include "json/writer.hpp"

namespace caravan::cli {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

/// Code points: what a terminal shows of plain text.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

json::Value sorted(const json::Value& value) {
  if (const json::Array* array = value.as_array()) {
    json::Array copy;
    for (const json::Value& item : *array)
      copy.push_back(sorted(item));
    return copy;
  }
  if (!value.as_object()) return value;
  json::Object copy;
  for (const json::Member* member : sorted_members(value))
    copy[member->name] = sorted(member->value);
  return copy;
}

}  // namespace

std::string table(const Rows& rows, std::string_view empty) {
  std::vector<std::size_t> widths;
  const auto shown = [&](const std::string& cell) {
    return cell.empty() ? empty : std::string_view(cell);
  };
  for (const auto& row : rows) {
    if (widths.size() < row.size()) widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(shown(row[i])));
  }
  std::string out;
  for (const auto& row : rows) {
    if (!out.empty()) out += '\n';
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += shown(row[i]);
      if (i + 1 < row.size()) out.append(widths[i] - width_of(shown(row[i])) + 2, ' ');
    }
  }
  return out;
}

std::string key_values(const Pairs& pairs) {
  std::size_t width = 0;
  for (const auto& [key, value] : pairs)
    width = std::max(width, width_of(key));
  std::string out;
  for (const auto& [key, value] : pairs) {
    if (!out.empty()) out += '\n';
    out += key;
    out.append(width - width_of(key), ' ');
    out += " = " + (value.empty() ? "<none>" : value);
  }
  return out;
}

std::string short_id(std::string_view id, bool whole) {
  return std::string(whole ? id : id.substr(0, 8));
}

std::string format_time(std::int64_t unix_ns) {
  if (unix_ns <= 0) return "N/A";
  const std::time_t seconds = unix_ns / second_ns;
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return "N/A";
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1,
                  local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
  const long minutes = local.tm_gmtoff / 60;
  if (minutes == 0) return out + "Z";
  return out + fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                           std::abs(minutes) % 60);
}

std::string format_time(const json::Value& text) {
  const std::string* written = text.as_string();
  const auto instant =
      written ? base::parse_rfc3339(*written) : base::Result<base::Instant>(base::Instant());
  return instant ? format_time(instant->unix_ns) : "N/A";
}

std::string time_ago(std::int64_t unix_ns, std::int64_t now_ns) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  static constexpr std::array<Unit, 6> units = {
      {{365 * 86400, "y"}, {30 * 86400, "mo"}, {86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
  if (unix_ns <= 0) return "";
  std::int64_t rest = (std::abs(now_ns - unix_ns) + second_ns / 2) / second_ns;
  std::string out;
  int parts = 0;
  for (const Unit& unit : units) {
    const std::int64_t count = rest / unit.seconds;
    rest %= unit.seconds;
    if (count > 0) out += fmt::format("{}{}", count, unit.name);
    if ((count > 0 || parts > 0) && ++parts == 2) break;
  }
  if (out.empty()) out = "0s";
  return out + (unix_ns > now_ns + second_ns ? " from now" : " ago");
}

std::string show_time(std::int64_t unix_ns, bool verbose, std::int64_t now) {
  return verbose ? format_time(unix_ns) : time_ago(unix_ns, now);
}

std::int64_t now_ns() {
  std::timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * second_ns + now.tv_nsec;
}

std::string format_bytes(double bytes) {
  static constexpr std::array<const char*, 7> units = {"B",   "KiB", "MiB", "GiB",
                                                       "TiB", "PiB", "EiB"};
  if (!(bytes >= 10)) return fmt::format("{:.0f} B", std::max(bytes, 0.0));
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  const double rounded = std::floor(bytes * 10 + 0.5) / 10;
  return rounded < 10 ? fmt::format("{:.1f} {}", rounded, units[unit])
                      : fmt::format("{:.0f} {}", rounded, units[unit]);
}

std::string text(const json::Value& object, std::string_view name) {
  const std::string* found = object.at(name).as_string();
  return found ? *found : "";
}

std::int64_t integer(const json::Value& object, std::string_view name) {
  const json::Value& found = object.at(name);
  if (const std::int64_t* number = found.as_int()) return *number;
  return static_cast<std::int64_t>(found.number());
}

bool boolean(const json::Value& object, std::string_view name) {
  const bool* found = object.at(name).as_bool();
  return found && *found;
}

const json::Array& list(const json::Value& value) {
  static const json::Array nothing;
  return value.as_array() ? *value.as_array() : nothing;
}
const json::Array& list(const json::Value& object, std::string_view name) {
  return list(object.at(name));
}

std::vector<const json::Member*> sorted_members(const json::Value& object) {
  std::vector<const json::Member*> members;
  if (const json::Object* o = object.as_object())
    for (const json::Member& member : *o)
      members.push_back(&member);
  std::ranges::sort(members, {}, &json::Member::name);
  return members;
}

std::vector<std::string> texts(const json::Value& array) {
  std::vector<std::string> out;
  for (const json::Value& item : list(array))
    if (const std::string* each = item.as_string()) out.push_back(*each);
  return out;
}

std::string yes_no(bool value) { return value ? "true" : "false"; }

std::string pretty_json(const json::Value& value) { return json::to_pretty(sorted(value), 4); }

}  // namespace caravan::cli
