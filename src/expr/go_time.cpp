// SPDX-License-Identifier: Apache-2.0
#include "expr/go_time.hpp"

#include <array>

#include <fmt/core.h>

namespace caravan::expr {
namespace {

constexpr std::array<std::string_view, 12> months = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> weekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};

struct Moment {
  base::Civil civil;
  std::int64_t nanoseconds;
};

struct Element {
  std::string_view layout;
  std::string (*text)(const Moment&);
};

// Longer ones before those they begin with.
const Element elements[] = {
    {"January", [](const Moment& m) { return std::string(months[m.civil.month - 1]); }},
    {"Monday", [](const Moment& m) { return std::string(weekdays[m.civil.weekday]); }},
    {"Z07:00", [](const Moment&) { return std::string("Z"); }},
    {"-07:00", [](const Moment&) { return std::string("+00:00"); }},
    {"-0700", [](const Moment&) { return std::string("+0000"); }},
    {"2006", [](const Moment& m) { return fmt::format("{:04}", m.civil.year); }},
    {"Jan", [](const Moment& m) { return std::string(months[m.civil.month - 1].substr(0, 3)); }},
    {"Mon", [](const Moment& m) { return std::string(weekdays[m.civil.weekday].substr(0, 3)); }},
    {"MST", [](const Moment&) { return std::string("UTC"); }},
    {"01", [](const Moment& m) { return fmt::format("{:02}", m.civil.month); }},
    {"02", [](const Moment& m) { return fmt::format("{:02}", m.civil.day); }},
    {"03", [](const Moment& m) { return fmt::format("{:02}", (m.civil.hour + 11) % 12 + 1); }},
    {"04", [](const Moment& m) { return fmt::format("{:02}", m.civil.minute); }},
    {"05", [](const Moment& m) { return fmt::format("{:02}", m.civil.second); }},
    {"06", [](const Moment& m) { return fmt::format("{:02}", m.civil.year % 100); }},
    {"15", [](const Moment& m) { return fmt::format("{:02}", m.civil.hour); }},
    {"PM", [](const Moment& m) { return std::string(m.civil.hour < 12 ? "AM" : "PM"); }},
    {"pm", [](const Moment& m) { return std::string(m.civil.hour < 12 ? "am" : "pm"); }},
    {"_2", [](const Moment& m) { return fmt::format("{:2}", m.civil.day); }},
    {"1", [](const Moment& m) { return std::to_string(m.civil.month); }},
    {"2", [](const Moment& m) { return std::to_string(m.civil.day); }},
    {"3", [](const Moment& m) { return std::to_string((m.civil.hour + 11) % 12 + 1); }},
    {"4", [](const Moment& m) { return std::to_string(m.civil.minute); }},
    {"5", [](const Moment& m) { return std::to_string(m.civil.second); }},
};

/// ".000" gives that many digits of the fraction; ".999" drops zeros at its end.
std::string fraction(const Moment& moment, std::size_t digits, bool keep_zeros) {
  std::string text = fmt::format("{:09}", moment.nanoseconds).substr(0, digits);
  while (!keep_zeros && text.ends_with('0')) text.pop_back();
  return text.empty() ? "" : "." + text;
}

}  // namespace

std::string format_go_time(base::Instant instant, std::string_view layout) {
  const std::int64_t nanoseconds =
      (instant.unix_ns % 1'000'000'000 + 1'000'000'000) % 1'000'000'000;
  const Moment moment{base::to_civil(instant), nanoseconds};
  std::string out;
  while (!layout.empty()) {
    if (layout.size() > 1 && layout[0] == '.' && (layout[1] == '0' || layout[1] == '9')) {
      const std::size_t end = std::min(layout.find_first_not_of(layout[1], 1), layout.size());
      out += fraction(moment, std::min<std::size_t>(end - 1, 9), layout[1] == '0');
      layout.remove_prefix(end);
      continue;
    }
    const Element* found = nullptr;
    for (const Element& element : elements)
      if (found == nullptr && layout.starts_with(element.layout)) found = &element;
    if (found == nullptr) {
      out += layout[0];
      layout.remove_prefix(1);
      continue;
    }
    out += found->text(moment);
    layout.remove_prefix(found->layout.size());
  }
  return out;
}

}  // namespace caravan::expr
