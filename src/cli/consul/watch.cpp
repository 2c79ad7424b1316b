// SPDX-License-Identifier: Apache-2.0
// watch: hands what a query shows to a program, each time it changes.
#include <cstdlib>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "cli/held_program.hpp"
#include "json/writer.hpp"
#include "model/user_event.hpp"

namespace caravan::cli::consul {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration retry_interval = 1s, retry_max = 60s;

/// What is asked, and how its answer is shown.
struct Query {
  std::string path;
  Params params;
  bool is_one_key = false;  // the first of the list, or null
  bool is_events = false;   // those that are new; their indexes have no order
};

/// Errors: invalid (a type that is not known, or lacks what it needs).
base::Result<Query> query_of(const Flags& flags) {
  const std::string type = flags.text("type");
  const auto needs = [&](const char* flag) -> base::Result<std::string> {
    if (flags.text(flag).empty())
      return base::invalid(fmt::format("Must specify -{} for watches of type {}", flag, type));
    return flags.text(flag);
  };
  Query query;
  if (type == "key") {
    TRY(const std::string key, needs("key"));
    query.path = kv_path(key);
    query.is_one_key = true;
  } else if (type == "keyprefix") {
    TRY(const std::string prefix, needs("prefix"));
    query.path = kv_path(prefix);
    query.params.emplace_back("recurse", "");
  } else if (type == "services" || type == "nodes") {
    query.path = "/v1/catalog/" + type;
  } else if (type == "service") {
    TRY(const std::string service, needs("service"));
    query.path = "/v1/health/service/" + base::percent_encode(service);
    for (const std::string& tag : flags.all("tag"))
      query.params.emplace_back("tag", tag);
    if (flags.on("passingonly")) query.params.emplace_back("passing", "true");
  } else if (type == "checks") {
    const std::string service = flags.text("service"), state = flags.text("state");
    if (!service.empty() && !state.empty())
      return base::invalid("Cannot specify both -service and -state");
    query.path = service.empty() ? "/v1/health/state/" + (state.empty() ? "any" : state)
                                 : "/v1/health/checks/" + base::percent_encode(service);
  } else if (type == "event") {
    query.path = "/v1/event/list";
    if (flags.given("name")) query.params.emplace_back("name", flags.text("name"));
    query.is_events = true;
  } else {
    return base::invalid(fmt::format(
        "Unsupported watch type: \"{}\"; key, keyprefix, services, nodes, service, checks and event "
        "are",
        base::printable(type, 40)));
  }
  if (flags.given("filter")) query.params.emplace_back("filter", flags.text("filter"));
  return query;
}

/// What came after the event that `seen` is the index of; all of it when that is not there.
std::string new_events(const Reply& reply, std::uint64_t seen) {
  json::Array fresh;
  for (const json::Value& event : list(reply.body)) {
    fresh.push_back(event);
    const base::Result<base::Uuid> id = base::Uuid::parse(text(event, "ID"));
    if (id && model::user_event_index(*id) == seen) fresh.clear();
  }
  return json::to_string(json::Value(std::move(fresh)));
}

/// `seen`: the index of what was shown before, 0 at first.
std::string shown(const Query& query, const Reply& reply, std::uint64_t seen) {
  if (query.is_events) return new_events(reply, seen);
  if (!query.is_one_key) return json::to_string(reply.body);
  const auto& rows = list(reply.body);
  return rows.empty() ? "null" : json::to_string(rows[0]);
}

/// A key that is not there is an answer, too.
base::Result<Reply> ask(Context& context, const Query& query, std::uint64_t index) {
  Params params = query.params;
  if (index > 0) params.emplace_back("index", fmt::format("{}", index));
  base::Result<Reply> reply = context.api().get(query.path, params);
  const bool is_nothing = !reply && reply.error().code == base::Code::not_found;
  if (!is_nothing) return reply;
  Reply none;
  none.index = index;
  return none;
}

/// The program gets what is shown as its input. Errors: io.
base::Status handle(Context& context, const std::string& input, std::uint64_t index) {
  ::setenv("CONSUL_INDEX", std::to_string(index).c_str(), 1);
  TRY(const int code, run_with_input(context.words, context.flags.on("shell", true), input + "\n"));
  if (code != 0) context.err(fmt::format("the handler ended with code {}", code));
  return {};
}

int run(Context& context) {
  const base::Result<Query> query = query_of(context.flags);
  if (!query) return context.wrong_use(query.error().message);
  const base::Result<Reply> first = ask(context, *query, 0);
  if (!first) return context.fail("Error querying Consul agent", first.error());
  if (context.words.empty()) {
    context.out(json::prettify(shown(*query, *first, 0)));
    return 0;
  }
  std::string before = shown(*query, *first, 0);
  std::uint64_t index = first->index;
  if (const base::Status done = handle(context, before, index); !done)
    return context.fail("Error executing handler", done.error());
  base::Duration again = retry_interval;
  while (true) {
    const base::Result<Reply> reply = ask(context, *query, index);
    if (!reply) {
      context.err(fmt::format("Error querying Consul agent: {}", reply.error().message));
      pause(again);
      again = std::min(2 * again, retry_max);
      index = 0;
      continue;
    }
    again = retry_interval;
    const std::string now = shown(*query, *reply, index);
    // An index that goes back is that of another beginning.
    const bool begins_anew = reply->index < index && !query->is_events;
    index = begins_anew ? 0 : reply->index;
    if (index == 0) pause(retry_interval);  // what is not there cannot be waited for
    if (now == before || (query->is_events && now == "[]")) continue;
    before = now;
    if (const base::Status done = handle(context, now, index); !done)
      return context.fail("Error executing handler", done.error());
  }
}

}  // namespace

Command watch_command() {
  return {.name = "watch",
          .synopsis = "Run a program when something changes",
          .usage = "[options] [program...]",
          .help =
              "Hands what a query shows to the program, as JSON on its standard input, now and\n"
              "each time it changes; CONSUL_INDEX is its index. Without a program, prints it and\n"
              "ends. Types: key, keyprefix, services, nodes, service, checks, event (new ones).",
          .flags = {{"type", "type", "What is watched."},
                    {"key", "key", "Of type key."},
                    {"prefix", "prefix", "Of type keyprefix."},
                    {"service", "name", "Of types service and checks."},
                    {"tag", "tag", "Of type service. May be repeated."},
                    {"passingonly", "", "Of type service: those that are well only."},
                    {"state", "state", "Of type checks: any, passing, warning or critical."},
                    {"name", "name", "Of type event: those of that name only."},
                    {"filter", "expression", "What is shown of it."},
                    {"shell", "", "Run the program by $SHELL, or /bin/sh. Default = true"}},
          .words_max = 4096,
          .takes = "a program, or no arguments",
          .run = run};
}

}  // namespace caravan::cli::consul
