// SPDX-License-Identifier: Apache-2.0
#include "config/watch.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "json/writer.hpp"
#include "model/user_event.hpp"

namespace caravan::config {
namespace {

/// A leading slash is no part of a key.
std::string key_path(std::string_view key) {
  return "/v1/kv/" + base::percent_encode(key.starts_with('/') ? key.substr(1) : key);
}

bool is_check_state(std::string_view text) {
  return text == "any" || text == "passing" || text == "warning" || text == "critical";
}

base::Result<WatchQuestion> checks_question(const WatchSubject& s, std::string_view mark) {
  if (!s.service.empty() && !s.state.empty())
    return base::invalid(fmt::format("Cannot specify both {0}service and {0}state", mark));
  if (!s.service.empty())
    return WatchQuestion{"/v1/health/checks/" + base::percent_encode(s.service), {}};
  if (!s.state.empty() && !is_check_state(s.state))
    return base::invalid(
        fmt::format("Invalid {}state \"{}\": it is any, passing, warning or critical", mark,
                    base::printable(s.state, 40)));
  return WatchQuestion{"/v1/health/state/" + (s.state.empty() ? "any" : s.state), {}};
}

/// Without the filter.
base::Result<WatchQuestion> bare_question(const WatchSubject& s, std::string_view mark) {
  using Shows = WatchQuestion::Shows;
  const auto lacks = [&](std::string_view parameter) {
    return base::invalid(
        fmt::format("Must specify {}{} for watches of type {}", mark, parameter, s.type));
  };
  if (s.type == "key") {
    if (s.key.empty()) return lacks("key");
    return WatchQuestion{key_path(s.key), {}, Shows::first_row};
  }
  if (s.type == "keyprefix") {
    if (s.prefix.empty()) return lacks("prefix");
    return WatchQuestion{key_path(s.prefix), {{"recurse", ""}}};
  }
  if (s.type == "services" || s.type == "nodes") return WatchQuestion{"/v1/catalog/" + s.type, {}};
  if (s.type == "service") {
    if (s.service.empty()) return lacks("service");
    WatchQuestion question{"/v1/health/service/" + base::percent_encode(s.service), {}};
    for (const std::string& tag : s.tags)
      question.params.emplace_back("tag", tag);
    if (s.passing_only) question.params.emplace_back("passing", "true");
    return question;
  }
  if (s.type == "checks") return checks_question(s, mark);
  if (s.type == "event") {
    WatchQuestion question{"/v1/event/list", {}, Shows::new_events};
    if (!s.name.empty()) question.params.emplace_back("name", s.name);
    return question;
  }
  return base::invalid(fmt::format(
      "Unsupported watch type: \"{}\"; key, keyprefix, services, nodes, service, checks and event "
      "are",
      base::printable(s.type, 40)));
}

/// What came after the event that `seen` is the index of; all of it when that is not there.
json::Array events_after(const json::Value& answer, std::uint64_t seen) {
  json::Array fresh;
  const json::Array* all = answer.as_array();
  for (const json::Value& event : all ? *all : json::Array()) {
    fresh.push_back(event);
    const base::Result<base::Uuid> id = base::Uuid::parse(event.text_at("ID"));
    if (id && model::user_event_index(*id) == seen) fresh.clear();
  }
  return fresh;
}

std::string shown(WatchQuestion::Shows shows, const json::Value& answer) {
  if (shows == WatchQuestion::Shows::answer) return json::to_string(answer);
  const json::Array* rows = answer.as_array();
  return rows && !rows->empty() ? json::to_string(rows->front()) : "null";
}

}  // namespace

base::Result<WatchQuestion> watch_question(const WatchSubject& subject, std::string_view mark) {
  TRY(WatchQuestion question, bare_question(subject, mark));
  if (!subject.filter.empty()) question.params.emplace_back("filter", subject.filter);
  return question;
}

std::optional<std::string> Watching::see(const json::Value& answer, std::uint64_t index) {
  if (question_.shows == WatchQuestion::Shows::new_events) {
    json::Array fresh = events_after(answer, std::exchange(index_, index));
    const bool is_first = !std::exchange(before_, "").has_value();
    if (fresh.empty() && !is_first) return {};
    return json::to_string(json::Value(std::move(fresh)));
  }
  // One that goes back is that of another beginning.
  index_ = index < index_ ? 0 : index;
  std::string now = shown(question_.shows, answer);
  if (before_ == now) return {};
  before_ = now;
  return now;
}

}  // namespace caravan::config
