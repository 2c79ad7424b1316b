// SPDX-License-Identifier: Apache-2.0
#include "base/cron.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::base {
namespace {

struct Field {
  std::string_view name;
  int min, max;
  std::span<const std::string_view> words;  // names of the values from `min` on
};

constexpr std::array<std::string_view, 12> month_names = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> weekday_names = {
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

constexpr Field second_field{"second", 0, 59, {}};
constexpr Field minute_field{"minute", 0, 59, {}};
constexpr Field hour_field{"hour", 0, 23, {}};
constexpr Field day_field{"day", 1, 31, {}};
constexpr Field month_field{"month", 1, 12, month_names};
constexpr Field weekday_field{"weekday", 0, 7, weekday_names};  // 0 and 7 are Sunday
constexpr Field year_field{"year", 1970, 2099, {}};

std::unexpected<Error> wrong(const Field& field, std::string_view why) {
  return invalid(fmt::format("{}: {}", field.name, why));
}

Result<int> value_of(const Field& field, std::string_view text) {
  const std::string word = to_lower(text);
  for (std::size_t i = 0; i < field.words.size(); ++i)
    if (word == field.words[i] || word == field.words[i].substr(0, 3))
      return field.min + static_cast<int>(i);
  const Result<long long> number = parse_int(text);
  if (!number) return wrong(field, fmt::format("\"{}\" is not a value", printable(text, 32)));
  if (*number < field.min || *number > field.max)
    return wrong(field, fmt::format("{} is outside {}..{}", *number, field.min, field.max));
  return static_cast<int>(*number);
}

/// One item of a list: "*", "5", "1-5", each with "/step" behind.
template <class Set>
Status read_item(const Field& field, std::string_view item, Set set) {
  const std::size_t slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  int step = 1, from = field.min, to = field.max;
  if (slash != std::string_view::npos) {
    const Result<long long> given = parse_int(item.substr(slash + 1));
    if (!given || *given < 1 || *given > field.max)
      return wrong(field,
                   fmt::format("\"{}\" has no step of 1..{}", printable(item, 32), field.max));
    step = static_cast<int>(*given);
  }
  if (range != "*" && range != "?") {
    const std::size_t dash = range.find('-');
    TRY(from, value_of(field, range.substr(0, dash)));
    if (dash != std::string_view::npos) {
      TRY(to, value_of(field, range.substr(dash + 1)));
    } else if (slash == std::string_view::npos) {
      to = from;
    }
    if (to < from)
      return wrong(field, fmt::format("\"{}\" ends before it begins", printable(item, 32)));
  } else if (&field == &weekday_field) {
    to = 6;  // or Sunday would count twice in steps
  }
  for (int value = from; value <= to; value += step)
    set(value);
  return {};
}

std::string_view meaning_of(std::string_view word) {
  if (word == "@yearly" || word == "@annually") return "0 0 1 1 *";
  if (word == "@monthly") return "0 0 1 * *";
  if (word == "@weekly") return "0 0 * * 0";
  if (word == "@daily" || word == "@midnight") return "0 0 * * *";
  if (word == "@hourly") return "0 * * * *";
  return "";
}

std::vector<std::string> fields_of(std::string_view text) {
  std::vector<std::string> fields;
  std::string field;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      field += c;
    } else if (!field.empty()) {
      fields.push_back(std::move(field));
      field.clear();
    }
  }
  if (!field.empty()) fields.push_back(std::move(field));
  return fields;
}

}  // namespace

/// Fills an expression field by field.
class CronReader {
 public:
  Cron cron;

  Status read(std::vector<std::string> fields) {
    if (fields.size() < 5 || fields.size() > 7)
      return invalid(fmt::format("{} fields instead of 5 to 7", fields.size()));
    if (fields.size() == 5) fields.emplace_back("*");
    if (fields.size() == 6) fields.insert(fields.begin(), "0");
    TRY_VOID(plain(second_field, fields[0], cron.seconds_));
    TRY_VOID(plain(minute_field, fields[1], cron.minutes_));
    TRY_VOID(plain(hour_field, fields[2], cron.hours_));
    TRY_VOID(days(fields[3]));
    TRY_VOID(plain(month_field, fields[4], cron.months_));
    TRY_VOID(weekdays(fields[5]));
    return list(year_field, fields[6], [this](std::string_view item) {
      return read_item(year_field, item, [this](int year) {
        cron.years_.set(static_cast<std::size_t>(year - Cron::first_year));
      });
    });
  }

 private:
  template <class Read>
  static Status list(const Field& field, std::string_view text, Read read) {
    for (const std::string& item : split(text, ',')) {
      if (item.empty()) return wrong(field, "an item of the list is empty");
      TRY_VOID(read(item));
    }
    return {};
  }

  template <std::size_t n>
  static Status plain(const Field& field, std::string_view text, std::bitset<n>& bits) {
    return list(field, text, [&](std::string_view item) {
      return read_item(field, item, [&](int value) { bits.set(static_cast<std::size_t>(value)); });
    });
  }

  Status days(std::string_view text) {
    cron.any_day_ = text == "*" || text == "?";
    return list(day_field, text, [this](std::string_view item) -> Status {
      if (item == "L") return cron.last_day_ = true, Status();
      if (item == "LW" || item == "WL") return cron.last_workday_ = true, Status();
      if (item.size() > 1 && item.ends_with('W')) {
        TRY(const int number, value_of(day_field, item.substr(0, item.size() - 1)));
        cron.workdays_.set(static_cast<std::size_t>(number));
        return {};
      }
      return read_item(day_field, item,
                       [this](int value) { cron.days_.set(static_cast<std::size_t>(value)); });
    });
  }

  Status weekdays(std::string_view text) {
    cron.any_weekday_ = text == "*" || text == "?";
    const auto weekday = [](std::string_view word) -> Result<std::size_t> {
      TRY(const int value, value_of(weekday_field, word));
      return static_cast<std::size_t>(value % 7);
    };
    return list(weekday_field, text, [&](std::string_view item) -> Status {
      if (item == "L") item = "6";
      if (const std::size_t sharp = item.find('#'); sharp != std::string_view::npos) {
        TRY(const std::size_t value, weekday(item.substr(0, sharp)));
        const Result<long long> nth = parse_int(item.substr(sharp + 1));
        if (!nth || *nth < 1 || *nth > 5)
          return wrong(weekday_field, "what follows # is outside 1..5");
        cron.nth_weekdays_[static_cast<std::size_t>(*nth)].set(value);
        return {};
      }
      if (item.size() > 1 && item.ends_with('L')) {
        TRY(const std::size_t value, weekday(item.substr(0, item.size() - 1)));
        cron.last_weekdays_.set(value);
        return {};
      }
      return read_item(weekday_field, item, [this](int value) {
        cron.weekdays_.set(static_cast<std::size_t>(value % 7));
      });
    });
  }
};

Result<Cron> Cron::parse(std::string_view text) {
  const auto quoted = [&](std::string_view why) {
    return invalid(fmt::format("cron expression \"{}\": {}", printable(text, 64), why));
  };
  if (text.size() > cron_text_max)
    return quoted(fmt::format("{} characters, the limit is {}", text.size(), cron_text_max));
  std::string_view meant = trim(text);
  if (meant.starts_with('@')) {
    meant = meaning_of(to_lower(meant));
    if (meant.empty())
      return quoted("it is none of @hourly, @daily, @weekly, @monthly and @yearly");
  }
  CronReader reader;
  if (const Status read = reader.read(fields_of(meant)); !read) return quoted(read.error().message);
  if (!reader.cron.next_local(-1))
    return quoted("it never fires: none of the days it names exists");
  return reader.cron;
}

}  // namespace caravan::base
