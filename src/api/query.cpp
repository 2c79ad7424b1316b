// SPDX-License-Identifier: Apache-2.0
#include "api/query.hpp"
#include "api/waiting.hpp"

#include <charconv>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/filter.hpp"
#include "json/reader.hpp"

namespace caravan::api {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration wait_default = 300s, wait_max = 600s;
constexpr int per_page_max = 10'000;

struct Blocking {
  std::uint64_t index = 0;
  base::Duration wait = wait_default;
};

base::Result<Blocking> blocking_of(const Call& call) {
  Blocking blocking;
  const http::Query& query = call.request.query;
  if (query.has("index")) {
    // Indexes of events have all 64 bits.
    const std::string text = query.get("index");
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, blocking.index);
    if (text.empty() || read.ec != std::errc() || read.ptr != end)
      return base::invalid("Invalid index");
  }
  TRY(blocking.wait, wait_of(call));
  return blocking;
}

/// What the state shows now. `changed`: what a blocking query compares.
base::Result<Answer> look_or_share(const Readers& readers, const Sharing& sharing, const Look& look,
                                   const state::Tables& tables, std::uint64_t& changed) {
  Answer answer;
  answer.is_read = true;
  const bool is_shared = !sharing.key.empty();
  const std::uint64_t index = is_shared ? sharing.index(tables) : 0;
  if (is_shared) {
    SharedAnswers::Entry known = readers.shared->find(sharing.key, index);
    if (known.body) {
      answer.shared = std::move(known.body);
      answer.index = std::max<std::uint64_t>(index, 1);
      answer.next_token = std::move(known.next_token);
      changed = answer.index;
      return answer;
    }
  }
  TRY(View view, look(tables));
  answer.index = std::max<std::uint64_t>(view.index, 1);
  answer.status = view.status;
  changed = view.changed.value_or(answer.index);
  answer.next_token = std::move(view.next_token);
  if (!is_shared) {
    answer.body = std::move(view.body);
    return answer;
  }
  answer.shared = std::make_shared<const http::SharedBody>(std::move(view.body));
  readers.shared->put(sharing.key, {index, answer.shared, answer.next_token});
  return answer;
}

}  // namespace

base::Result<base::Duration> wait_of(const Call& call) {
  const std::string wait = call.request.query.get("wait");
  if (wait.empty()) return wait_default;
  const base::Result<base::Duration> parsed = base::parse_duration(wait);
  if (!parsed || *parsed < 0s) return base::invalid("Invalid wait time");
  return std::min(*parsed, wait_max);
}

io::Task<base::Result<Answer>> read(const Readers& readers, const Call& call,
                                    std::vector<std::string> keys, Look look) {
  return read(readers, call, std::move(keys), Sharing(), std::move(look));
}

io::Task<base::Result<Answer>> read(const Readers& readers, const Call& call,
                                    std::vector<std::string> keys, Sharing sharing, Look look) {
  CO_TRY(const Blocking blocking, blocking_of(call));
  const base::Duration deadline = readers.clock.uptime() + blocking.wait;
  while (true) {
    const std::uint64_t ticket = readers.watches.ticket();
    std::uint64_t changed = 0;
    CO_TRY(Answer answer,
           look_or_share(readers, sharing, look, *readers.store.snapshot(), changed));
    const base::Duration left = deadline - readers.clock.uptime();
    if (blocking.index == 0 || changed > blocking.index || left <= 0s) co_return answer;
    const base::Result<bool> touched = co_await readers.watches.wait(keys, ticket, left);
    if (!touched) co_return std::unexpected(touched.error());
  }
}

std::string shared_target(const Call& call) {
  std::string target = call.request.path + "?";
  for (const auto& [name, value] : call.request.query)
    if (name != "index" && name != "wait" && name != "stale")
      target += fmt::format("{}:{}={}:{}&", name.size(), name, value.size(), value);
  return target;
}

base::Result<View> list(const Call& call, std::vector<Row> rows, std::uint64_t index) {
  const http::Query& query = call.request.query;
  std::ranges::sort(rows, {}, &Row::key);
  TRY(const bool reverse, flag(call, "reverse", false));
  if (reverse) std::ranges::reverse(rows);
  if (const std::string text = query.get("filter"); !text.empty()) {
    TRY(const expr::Filter filter, expr::Filter::parse(text));
    std::vector<Row> kept;
    for (Row& row : rows) {
      TRY(const json::Value value, json::parse(row.json));
      TRY(const bool matches, filter.matches(value));
      if (matches) kept.push_back(std::move(row));
    }
    rows = std::move(kept);
  }
  const base::Result<long long> per_page =
      query.has("per_page") ? base::parse_int(query.get("per_page")) : 0;
  if (!per_page || *per_page < 0 || *per_page > per_page_max)
    return base::invalid(fmt::format("per_page: outside 0..{}", per_page_max));
  View view;
  view.index = index;
  const std::string token = query.get("next_token");
  std::string body = "[";
  long long shown = 0;
  for (const Row& row : rows) {
    if (!token.empty() && (reverse ? row.key > token : row.key < token)) continue;
    if (*per_page > 0 && shown == *per_page) {
      view.next_token = row.key;
      break;
    }
    if (shown++ > 0) body += ',';
    body += row.json;
  }
  view.body = body + "]";
  return view;
}

base::Result<std::string> id_prefix(const Call& call) {
  const std::string prefix = base::to_lower(call.request.query.get("prefix"));
  if (prefix.find_first_not_of("0123456789abcdef-") != std::string::npos || prefix.size() > 36)
    return base::invalid(
        fmt::format("prefix: \"{}\" is not the beginning of an id", base::printable(prefix, 64)));
  return prefix;
}

bool in_namespace(const Call& call, const std::string& ns) {
  const std::string wanted = call.ns();
  return wanted == "*" ? call.caller.may(call.needed, ns) : wanted == ns;
}

base::Result<bool> flag(const Call& call, const char* name, bool otherwise) {
  if (!call.request.query.has(name)) return otherwise;
  const std::string value = base::to_lower(call.request.query.get(name));
  if (value.empty() || value == "true" || value == "1" || value == "t") return true;
  if (value == "false" || value == "0" || value == "f") return false;
  return base::invalid(fmt::format("Failed to parse value of \"{}\" (\"{}\") as a bool", name,
                                   base::printable(value, 64)));
}

base::Result<std::optional<std::uint64_t>> expected_index(const Call& call) {
  if (!call.request.query.has("cas")) return std::nullopt;
  const auto index = base::parse_int(call.request.query.get("cas"));
  if (!index || *index < 0) return base::invalid("can not parse cas: not an index");
  return static_cast<std::uint64_t>(*index);
}

Answer json_answer(const json::Value& value) {
  Answer answer;
  answer.body = json::to_string(value);
  return answer;
}

base::Result<json::Value> body_object(const Call& call) {
  if (base::trim(call.request.body).empty()) return base::invalid("Request body is empty");
  TRY(json::Value value, json::parse(call.request.body));
  if (!value.as_object()) return base::invalid("the request body is not a JSON object");
  return value;
}

}  // namespace caravan::api
