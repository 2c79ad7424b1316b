// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::base {
namespace {

constexpr std::size_t length_max = 128;

std::uint64_t number_at(const Version& v, std::size_t i) {
  return i < v.numbers.size() ? v.numbers[i] : 0;
}

std::weak_ordering compare_identifiers(const std::string& a, const std::string& b) {
  const Result<long long> x = parse_int(a), y = parse_int(b);
  if (x && y) return *x <=> *y;
  if (x.has_value() != y.has_value())
    return x ? std::weak_ordering::less : std::weak_ordering::greater;
  return a <=> b;
}

struct Range {
  std::string op;
  Version version;
};

Result<std::vector<Range>> parse_ranges(std::string_view text, bool strict) {
  std::vector<Range> ranges;
  for (const std::string& part : split(text, ',')) {
    std::string_view rest = trim(part);
    std::string op = "=";
    for (const std::string_view known : {">=", "<=", "!=", "~>", "=", ">", "<"}) {
      if (!rest.starts_with(known)) continue;
      op = known;
      rest = trim(rest.substr(known.size()));
      break;
    }
    TRY(Version version, Version::parse(rest, strict));
    ranges.push_back({op, std::move(version)});
  }
  return ranges;
}

/// "~> 1.4" allows 1.x from 1.4 on; "~> 1.4.2" allows 1.4.x from 1.4.2 on.
bool pessimistic(const Version& v, const Version& floor) {
  if (v < floor) return false;
  for (std::size_t i = 0; i + 1 < floor.numbers.size(); ++i)
    if (number_at(v, i) != floor.numbers[i]) return false;
  return floor.numbers.size() > 1 || number_at(v, 0) == number_at(floor, 0);
}

bool same_numbers(const Version& a, const Version& b) {
  for (std::size_t i = 0; i < std::max(a.numbers.size(), b.numbers.size()); ++i)
    if (number_at(a, i) != number_at(b, i)) return false;
  return true;
}

bool in_range(const Version& v, const Range& range, VersionRules rules) {
  if (range.op == "=") return v == range.version;
  if (range.op == "!=") return v != range.version;
  if (rules == VersionRules::loose && !v.prerelease.empty() &&
      (range.version.prerelease.empty() || !same_numbers(v, range.version)))
    return false;
  if (range.op == ">") return v > range.version;
  if (range.op == ">=") return v >= range.version;
  if (range.op == "<") return v < range.version;
  if (range.op == "<=") return v <= range.version;
  return pessimistic(v, range.version);
}

}  // namespace

Result<Version> Version::parse(std::string_view text, bool strict) {
  const auto bad = [&] {
    return invalid(fmt::format("\"{}\" is not a version", printable(text, 64)));
  };
  std::string_view rest = trim(text);
  if (rest.size() > length_max || rest.empty()) return bad();
  if (!strict && rest.front() == 'v') rest.remove_prefix(1);
  rest = rest.substr(0, rest.find('+'));
  const std::size_t dash = rest.find('-');
  Version version;
  for (const std::string& part : split(rest.substr(0, dash), '.')) {
    const Result<long long> number = parse_int(part);
    if (!number || *number < 0) return bad();
    version.numbers.push_back(static_cast<std::uint64_t>(*number));
  }
  if (strict && version.numbers.size() != 3) return bad();
  if (dash != std::string_view::npos) {
    version.prerelease = split(rest.substr(dash + 1), '.');
    if (std::ranges::any_of(version.prerelease, &std::string::empty)) return bad();
  }
  return version;
}

std::weak_ordering operator<=>(const Version& a, const Version& b) {
  for (std::size_t i = 0; i < std::max(a.numbers.size(), b.numbers.size()); ++i)
    if (const auto order = number_at(a, i) <=> number_at(b, i); order != 0) return order;
  if (a.prerelease.empty() != b.prerelease.empty())
    return a.prerelease.empty() ? std::weak_ordering::greater : std::weak_ordering::less;
  for (std::size_t i = 0; i < std::min(a.prerelease.size(), b.prerelease.size()); ++i)
    if (const auto order = compare_identifiers(a.prerelease[i], b.prerelease[i]); order != 0)
      return order;
  return a.prerelease.size() <=> b.prerelease.size();
}

Result<bool> satisfies(std::string_view version, std::string_view constraints, VersionRules rules) {
  TRY(const Version parsed, Version::parse(version, false));
  TRY(const std::vector<Range> ranges, parse_ranges(constraints, false));
  return std::ranges::all_of(ranges,
                             [&](const Range& range) { return in_range(parsed, range, rules); });
}

}  // namespace caravan::base
