// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "server/service_choice.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class ServicePage {
 public:
  ServicePage(const Readers& readers, server::Proposals& proposals)
      : readers_(readers), proposals_(proposals) {}

  /// By namespace, each name with the tags of all its instances.
  Task<Result> list_services(Call& call) {
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::map<std::string, std::map<std::string, std::set<std::string>>> found;
      tables.services.each(
          [&](const state::ServiceKey&, const state::Ref<model::ServiceRegistration>& s) {
            if (in_namespace(call, s->ns))
              found[s->ns][s->service_name].insert(s->tags.begin(), s->tags.end());
          });
      json::Array spaces;
      for (const auto& [ns, names] : found) {
        json::Array services;
        for (const auto& [name, tags] : names) {
          json::Array list;
          for (const std::string& tag : tags)
            list.push_back(tag);
          services.push_back(json::Object{{"ServiceName", name}, {"Tags", list}});
        }
        spaces.push_back(json::Object{{"Namespace", ns}, {"Services", services}});
      }
      return View{json::to_string(spaces), tables.index_of(Table::services), ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::services)}, look);
  }

  Task<Result> get_service(Call& call) {
    const std::string ns = call.ns(), name = call.param("name");
    CO_TRY_VOID(check_choose(call));
    const Look look = [&](const Tables& tables) -> base::Result<View> {
      std::vector<Row> rows;
      for (const auto& service : chosen(call, tables.services_named(ns, name)))
        rows.push_back({service->id, wire::to_json(*service)});
      return list(call, std::move(rows), tables.index_of_prefix(state::prefix::service(ns, name)));
    };
    const std::string prefix = state::prefix::service(ns, name);
    const Sharing sharing{
        "service " + prefix + " " + shared_target(call),
        [prefix](const Tables& tables) { return tables.index_of_prefix(prefix); }};
    co_return co_await read(readers_, call, {prefix}, sharing, look);
  }

  Task<Result> delete_service(Call& call) {
    wire::DeleteService command;
    command.ns = call.ns();
    command.service_id = call.param("id");
    Answer answer;
    CO_TRY(answer.index, co_await proposals_.propose(std::move(command)));
    co_return answer;
  }

 private:
  using Services = std::vector<state::Ref<model::ServiceRegistration>>;

  /// ?choose=COUNT|KEY
  static base::Status check_choose(const Call& call) {
    const std::string choose = call.request.query.get("choose");
    if (choose.empty()) return {};
    const base::Result<long long> count = base::parse_int(choose.substr(0, choose.find('|')));
    if (choose.find('|') == std::string::npos || !count || *count < 1)
      return base::invalid("choose: has to be a number above 0, \"|\" and a key");
    return {};
  }
  static Services chosen(const Call& call, Services services) {
    const std::string choose = call.request.query.get("choose");
    if (choose.empty()) return services;
    const std::size_t bar = choose.find('|');
    const auto count = static_cast<std::size_t>(*base::parse_int(choose.substr(0, bar)));
    Services some = server::choose(std::move(services), count, choose.substr(bar + 1));
    std::ranges::sort(some, {}, [](const auto& service) { return service->id; });
    return some;
  }

  Readers readers_;
  server::Proposals& proposals_;
};

}  // namespace

std::vector<Route> service_routes(const Readers& readers, server::Proposals& proposals) {
  const auto page = std::make_shared<ServicePage>(readers, proposals);
  const auto to = handlers_of(page);
  return {
      {"GET",
       "/v1/services",
       {Capability::find_service, Scope::list},
       to(&ServicePage::list_services)},
      {"GET", "/v1/service/:name", Capability::find_service, to(&ServicePage::get_service)},
      {"DELETE", "/v1/service/:name/:id", Capability::delete_service_registration,
       to(&ServicePage::delete_service)},
  };
}

}  // namespace caravan::api::nomad
