// SPDX-License-Identifier: Apache-2.0
// Intentions: who may connect to whom.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/intention_shapes.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "catalog/intentions.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using model::Intention;
using state::Tables;
using Result = base::Result<Answer>;

constexpr std::size_t names_max = 64;  // of one question for matches

/// What all of them are watched by.
std::string prefix() {
  return state::prefix::config_entries(model::ConfigKind::service_intentions);
}

/// Whoever may read those of one of both ends.
bool may_read(const acl::Authorized& caller, const std::string& source,
              const std::string& destination) {
  return may_read_intentions(caller, destination) || may_read_intentions(caller, source);
}
bool may_read(const acl::Authorized& caller, const Intention& intention) {
  return may_read(caller, intention.source, intention.destination);
}

base::Result<base::Uuid> id_of(const Call& call) {
  const std::string& text = call.param("id");
  const base::Result<base::Uuid> id = base::Uuid::parse(text);
  if (text.size() == base::Uuid::characters && id && !id->is_nil()) return *id;
  return base::invalid("failed intention lookup: index error: UUID must be 36 characters");
}

View not_found(const Tables& tables) {
  return {.body = "Intention not found", .index = tables.index_of_prefix(prefix()), .status = 404};
}

using Find = std::function<std::optional<Intention>(const Tables&)>;

class IntentionsPage {
 public:
  IntentionsPage(const Readers& readers, server::ConfigEntries& entries, bool allows_by_default)
      : readers_(readers), entries_(entries), allows_by_default_(allows_by_default) {}

  Task<Result> list(Call& call) {
    const Look look = [&call](const Tables& tables) {
      json::Array rows;
      for (const Intention& intention : catalog::all_intentions(tables))
        if (may_read(call.caller, intention)) rows.emplace_back(intention_json(intention));
      return filtered(call, std::move(rows), tables.index_of_prefix(prefix()));
    };
    co_return co_await read(readers_, call, {prefix()}, look);
  }

  Task<Result> create(Call& call) {
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(Intention intention, intention_of(std::move(body)));
    if (!intention.id.is_nil())
      co_return base::invalid("ID must be empty when creating a new intention");
    CO_TRY_VOID(may_write_intentions(call.caller, intention.destination));
    CO_TRY(const base::Uuid id, co_await entries_.create(std::move(intention)));
    co_return json_answer(json::Object{{"ID", id.to_string()}});
  }

  Task<Result> get(Call& call) {
    CO_TRY(const base::Uuid id, id_of(call));
    const Find find = [id](const Tables& tables) { return catalog::intention_of(tables, id); };
    co_return co_await one(call, find);
  }

  Task<Result> update(Call& call) {
    CO_TRY(const base::Uuid id, id_of(call));
    const std::optional<Intention> old =
        catalog::intention_of(*readers_.store.snapshot(), id);
    if (!old) co_return base::fail(base::Code::not_found, "Intention not found");
    CO_TRY_VOID(may_write_intentions(call.caller, old->destination));
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(Intention intention, intention_of(std::move(body), old->source, old->destination));
    CO_TRY_VOID(may_write_intentions(call.caller, intention.destination));
    intention.id = id;
    CO_TRY_VOID(co_await entries_.update(std::move(intention)));
    co_return json_answer(json::Object{{"ID", id.to_string()}});
  }

  Task<Result> remove(Call& call) {
    CO_TRY(const base::Uuid id, id_of(call));
    const std::optional<Intention> old =
        catalog::intention_of(*readers_.store.snapshot(), id);
    if (!old) co_return base::fail(base::Code::not_found, "Intention not found");
    CO_TRY_VOID(may_write_intentions(call.caller, old->destination));
    CO_TRY_VOID(co_await entries_.remove(id));
    co_return json_answer(true);
  }

  Task<Result> get_exact(Call& call) {
    CO_TRY(const Ends ends, ends_of(call));
    const Find find = [ends](const Tables& tables) {
      return catalog::intention_between(tables, ends.source, ends.destination);
    };
    co_return co_await one(call, find);
  }

  Task<Result> put_exact(Call& call) {
    CO_TRY(const Ends ends, ends_of(call));
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(Intention intention, intention_of(std::move(body), ends.source, ends.destination));
    if (intention.source != ends.source || intention.destination != ends.destination)
      co_return base::invalid("SourceName and DestinationName must be those of the parameters");
    CO_TRY_VOID(may_write_intentions(call.caller, ends.destination));
    intention.id = {};
    CO_TRY_VOID(co_await entries_.put(std::move(intention)));
    co_return json_answer(true);
  }

  Task<Result> remove_exact(Call& call) {
    CO_TRY(Ends ends, ends_of(call));
    CO_TRY_VOID(may_write_intentions(call.caller, ends.destination));
    CO_TRY_VOID(co_await entries_.remove(std::move(ends.source), std::move(ends.destination)));
    co_return json_answer(true);
  }

  Task<Result> match(Call& call) {
    const std::string by = call.request.query.get("by");
    if (by != "source" && by != "destination")
      co_return base::invalid("'by' must be one of 'source' or 'destination'");
    CO_TRY(const std::vector<std::string> names, names_of(call));
    const Look look = [by, names](const Tables& tables) -> base::Result<View> {
      json::Object shown;
      for (const std::string& name : names) {
        json::Array rows;
        for (const Intention& intention : by == "source"
                                              ? catalog::intentions_from(tables, name)
                                              : catalog::intentions_to(tables, name))
          rows.emplace_back(intention_json(intention));
        shown[name] = std::move(rows);
      }
      return View{json::to_string(shown), tables.index_of_prefix(prefix())};
    };
    co_return co_await read(readers_, call, {prefix()}, look);
  }

  Task<Result> check(Call& call) {
    CO_TRY(const Ends ends, ends_of(call));
    const std::string type = call.request.query.get("source-type");
    if (!type.empty() && type != "consul")
      co_return base::invalid("source-type: only \"consul\" is known");
    if (!may_read(call.caller, ends.source, ends.destination))
      co_return base::fail(base::Code::denied, acl::permission_denied);
    const bool otherwise = allows_by_default_;
    const Look look = [ends, otherwise](const Tables& tables) -> base::Result<View> {
      const auto deciding = catalog::deciding_intention(tables, ends.source, ends.destination);
      const bool is_allowed = deciding ? deciding->allows_connection() : otherwise;
      return View{json::to_string(json::Object{{"Allowed", is_allowed}}),
                  tables.index_of_prefix(prefix())};
    };
    co_return co_await read(readers_, call, {prefix()}, look);
  }

 private:
  struct Ends {
    std::string source, destination;
  };
  static base::Result<Ends> ends_of(const Call& call) {
    Ends ends;
    TRY(ends.source, service_named(call.request.query.get("source"), "source"));
    TRY(ends.destination, service_named(call.request.query.get("destination"), "destination"));
    return ends;
  }
  static base::Result<std::vector<std::string>> names_of(const Call& call) {
    const std::vector<std::string> given = call.request.query.all("name");
    if (given.empty()) return base::invalid("required query parameter 'name' not set");
    if (given.size() > names_max)
      return base::invalid(fmt::format("name: more than {} of them", names_max));
    std::vector<std::string> names;
    for (const std::string& text : given) {
      TRY(std::string name, service_named(text, "name"));
      if (!may_read_intentions(call.caller, name))
        return base::fail(base::Code::denied, acl::permission_denied);
      names.push_back(std::move(name));
    }
    return names;
  }

  Task<Result> one(Call& call, const Find& find) {
    const Look look = [&call, &find](const Tables& tables) -> base::Result<View> {
      const std::optional<Intention> found = find(tables);
      if (!found) return not_found(tables);
      if (!may_read(call.caller, *found))
        return base::fail(base::Code::denied, acl::permission_denied);
      return View{json::to_string(intention_json(*found)), found->modify_index};
    };
    CO_TRY(Answer answer, co_await read(readers_, call, {prefix()}, look));
    if (answer.status == 404) answer.content_type = "text/plain; charset=utf-8";
    co_return answer;
  }

  const Readers readers_;
  server::ConfigEntries& entries_;
  const bool allows_by_default_;
};

}  // namespace

std::vector<Route> intention_routes(const Readers& readers, server::ConfigEntries& entries,
                                    bool allows_by_default) {
  using P = IntentionsPage;
  const auto handle = handlers_of(std::make_shared<P>(readers, entries, allows_by_default));
  const Need reads{Capability::anyone, Scope::handler,
                   "intentions: read of the source or the destination; others are left out"};
  const Need writes{Capability::anyone, Scope::handler, "intentions: write of the destination"};
  const std::string all = "/v1/connect/intentions", exact = all + "/exact";
  return {{"GET", all, reads, handle(&P::list)},
          {"POST", all, writes, handle(&P::create)},
          {"GET", exact, reads, handle(&P::get_exact)},
          {"PUT", exact, writes, handle(&P::put_exact)},
          {"DELETE", exact, writes, handle(&P::remove_exact)},
          {"GET", all + "/match", reads, handle(&P::match)},
          {"GET", all + "/check", reads, handle(&P::check)},
          {"GET", all + "/:id", reads, handle(&P::get)},
          {"PUT", all + "/:id", writes, handle(&P::update)},
          {"DELETE", all + "/:id", writes, handle(&P::remove)}};
}

}  // namespace caravan::api::consul
