// SPDX-License-Identifier: Apache-2.0
// What somebody tells all agents. Clients know of the original that a list's index tells its newest
// event, and nothing of an order: who waits is woken when that is another one.
#include <limits>

#include <boost/asio/awaitable.hpp>

#include "api/consul/kv_shapes.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"
#include "catalog/user_events.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;
using EventRef = state::Ref<model::UserEvent>;

constexpr int version = 1;                    // of the shape of an event
constexpr std::uint64_t index_of_nothing = 1;  // of a list without events

/// What a list is asked for. Parameters name expressions that the event's own filters match.
struct Wanted {
  std::string name;
  std::vector<std::pair<std::string model::UserEvent::*, catalog::Pattern>> filters;

  bool fits(const model::UserEvent& event) const {
    if (!name.empty() && event.name != name) return false;
    return std::ranges::all_of(filters, [&](const auto& filter) {
      return filter.second.matches(event.*filter.first);
    });
  }
};

base::Result<Wanted> wanted_of(const Call& call) {
  Wanted wanted;
  wanted.name = call.request.query.get("name");
  for (const auto& [parameter, member] :
       {std::pair("node", &model::UserEvent::node_filter),
        std::pair("service", &model::UserEvent::service_filter),
        std::pair("tag", &model::UserEvent::tag_filter)}) {
    const std::string text = call.request.query.get(parameter);
    if (text.empty()) continue;
    if (text.size() > model::user_event_filter_max)
      return base::invalid(std::string("Invalid ") + parameter + " filter: too long");
    base::Result<catalog::Pattern> pattern = catalog::Pattern::parse(text);
    if (!pattern)
      return base::invalid(std::string("Invalid ") + parameter +
                           " filter: " + pattern.error().message);
    wanted.filters.emplace_back(member, *std::move(pattern));
  }
  return wanted;
}

class EventPage {
 public:
  EventPage(const Readers& readers, server::UserEvents& events, Nodes nodes)
      : readers_(readers), events_(events), nodes_(std::move(nodes)) {}

  Task<Result> fire(Call& call) {
    model::UserEvent event;
    event.name = call.param("name");
    CO_TRY_VOID(call.caller.require(Capability::event_write, event.name));
    event.payload = call.request.body;
    event.node_filter = call.request.query.get("node");
    event.service_filter = call.request.query.get("service");
    event.tag_filter = call.request.query.get("tag");
    CO_TRY(const model::UserEvent fired, co_await events_.fire(std::move(event)));
    co_return json_answer(event_json(fired));
  }

  Task<Result> list_events(Call& call) {
    CO_TRY(const Wanted wanted, wanted_of(call));
    const std::uint64_t seen = unsigned_param(call, "index").value_or(0);  // read() complains
    const std::string node = nodes_.asked(call.request);
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      const catalog::Hearing hearing(tables, patterns_, node);
      json::Array rows;
      std::uint64_t newest = index_of_nothing;
      tables.user_events.each([&](std::uint64_t, const EventRef& event) {
        if (!wanted.fits(*event) || !call.caller.may(Capability::event_read, event->name) ||
            !hearing.hears(*event))
          return;
        rows.emplace_back(event_json(*event));
        newest = model::user_event_index(event->id);
      });
      TRY(View view, filtered(call, std::move(rows), newest));
      view.changed = newest == seen ? seen : std::numeric_limits<std::uint64_t>::max();
      return view;
    };
    base::Result<Answer> answer =
        co_await read(readers_, call, {state::key::table(Table::user_events)}, look);
    if (answer) answer->is_read = false;  // the agent itself is asked, as it was recorded
    co_return answer;
  }

 private:
  const Readers readers_;
  server::UserEvents& events_;
  const Nodes nodes_;
  catalog::Patterns patterns_;  // of the filters of events
};

}  // namespace

json::Object event_json(const model::UserEvent& event) {
  return {{"ID", event.id.to_string()},
          {"Name", event.name},
          {"Payload", event.payload.empty() ? json::Value()
                                            : json::Value(base::base64_encode(event.payload))},
          {"NodeFilter", event.node_filter},
          {"ServiceFilter", event.service_filter},
          {"TagFilter", event.tag_filter},
          {"Version", version},
          {"LTime", event.ltime}};
}

std::vector<Route> event_routes(const Readers& readers, server::UserEvents& events, Nodes nodes) {
  const auto to =
      handlers_of(std::make_shared<EventPage>(readers, events, std::move(nodes)));
  const Need reads{Capability::anyone, Scope::handler, "event:read; others are left out"};
  const Need writes{Capability::anyone, Scope::handler, "event:write"};
  return {{"PUT", "/v1/event/fire/:name", writes, to(&EventPage::fire)},
          {"GET", "/v1/event/list", reads, to(&EventPage::list_events)}};
}

}  // namespace caravan::api::consul
