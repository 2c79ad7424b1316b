// SPDX-License-Identifier: Apache-2.0
// This agent's own services and checks. The registry is on the main lane; requests come on any.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/own.hpp"
#include "api/consul/registration.hpp"
#include "api/consul/shapes.hpp"
#include "api/waiting.hpp"
#include "base/hash.hpp"
#include "io/task.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using registry::CheckDefinition;
using registry::CheckKind;
using registry::Registry;
using Result = base::Result<Answer>;
using Services = std::map<std::string, model::CatalogService>;
using Checks = std::map<std::string, model::CatalogCheck>;

/// Waiters that nobody listens to any more are gone after so long.
constexpr base::Duration hash_slice{2'000'000'000};
constexpr const char* hash_header = "X-Consul-Contenthash";

struct Own {
  Services services;
  Checks checks;
  std::uint64_t version = 0;  // of the registry
};

Task<bool> wait_there(Registry& registry, std::uint64_t version, base::Duration patience) {
  co_await registry.wait_for_other(version, patience);
  co_return true;
}

Task<Own> look_there(const Registry& registry) {
  const registry::Inventory& known = registry.inventory();
  co_return Own{known.services(), known.checks(registry::Inventory::Words::newest),
                registry.version()};
}

/// Of one service that is named, or the services of one name, with their checks and the node's.
Task<Own> look_at_there(const Registry& registry, std::string id, std::string name) {
  const registry::Inventory& known = registry.inventory();
  Own own;
  own.version = registry.version();
  if (const model::CatalogService* service = known.service(id)) own.services.emplace(id, *service);
  if (!name.empty())
    for (auto& [each, service] : known.services())
      if (service.name == name) own.services.emplace(each, service);
  const auto add = [&](const std::string& service) {
    for (model::CatalogCheck& check : known.checks_of(service))
      own.checks.emplace(check.id, std::move(check));
  };
  add("");
  for (const auto& [each, service] : own.services)
    add(each);
  co_return own;
}
Task<std::optional<model::CatalogCheck>> check_there(const Registry& registry, std::string id) {
  co_return registry.inventory().check(id, registry::Inventory::Words::newest);
}
Task<base::Status> note_there(Registry& registry, std::string id, model::Health health,
                              std::string output) {
  co_return registry.note(id, health, std::move(output));
}

class AgentPage {
 public:
  explicit AgentPage(OwnAgent own) : own_(std::move(own)) {}

  Task<Result> services(Call& call) {
    const Own own = co_await look();
    json::Object shown;
    for (const auto& [id, service] : own.services)
      if (call.caller.may(Capability::service_read, service.name))
        shown[id] = own_service_json(service);
    CO_TRY(json::Object wanted, filtered(call, std::move(shown)));
    co_return json_answer(std::move(wanted));
  }

  /// With ?hash=, answered when the service is another than that, or the time is over.
  Task<Result> service(Call& call) {
    const std::string asked = call.request.query.get("hash");
    CO_TRY(const base::Duration wait, wait_of(call));
    const base::Duration deadline = own_.world.clock.uptime() + wait;
    while (true) {
      const Own own = co_await look_at(call.param("id"));
      CO_TRY(Answer answer, shown(call, own));
      const base::Duration left = deadline - own_.world.clock.uptime();
      const bool is_same = !asked.empty() && answer.headers.get(hash_header) == asked;
      if (!is_same || left.count() <= 0) co_return answer;
      const base::Duration slice = std::min(left, hash_slice);
      co_await io::on(lane(), wait_there(own_.registry, own.version, slice));
    }
  }

  Task<Result> checks(Call& call) {
    const Own own = co_await look();
    json::Object shown;
    for (const auto& [id, check] : own.checks)
      if (may_read(call, check)) shown[id] = check_json(check);
    CO_TRY(json::Object wanted, filtered(call, std::move(shown)));
    co_return json_answer(std::move(wanted));
  }

  Task<Result> add_service(Call& call) {
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(OwnRegistration asked, own_registration_of(std::move(body)));
    CO_TRY_VOID(call.caller.require(Capability::service_write, asked.service.name));
    for (const CheckDefinition& check : asked.checks)
      CO_TRY_VOID(may_be_run(check));
    const bool replaces = call.request.query.has("replace-existing-checks");
    co_return co_await done(
        own_.registry.add(std::move(asked.service), std::move(asked.checks), replaces));
  }

  Task<Result> remove_service(Call& call) {
    const Own own = co_await look_at(call.param("id"));
    const auto found = own.services.find(call.param("id"));
    if (found != own.services.end())
      CO_TRY_VOID(call.caller.require(Capability::service_write, found->second.name));
    co_return co_await done(own_.registry.remove_service(call.param("id")));
  }

  Task<Result> add_check(Call& call) {
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(CheckDefinition check, check_definition_of(std::move(body)));
    CO_TRY_VOID(may_be_run(check));
    const Own own = co_await look_at(check.service_id);
    CO_TRY_VOID(may_write(call, own, check.service_id));
    co_return co_await done(own_.registry.add_check(std::move(check)));
  }

  Task<Result> remove_check(Call& call) {
    CO_TRY_VOID(co_await may_touch(call));
    co_return co_await done(own_.registry.remove_check(call.param("id")));
  }

  Task<Result> pass(Call& call) { return note(call, model::Health::passing); }
  Task<Result> warn(Call& call) { return note(call, model::Health::warning); }
  Task<Result> fail(Call& call) { return note(call, model::Health::critical); }

  Task<Result> update(Call& call) {
    CO_TRY(const json::Object body, body_of(call));
    const auto text = [&](const char* name) {
      const json::Value* value = body.find(name);
      return value && value->as_string() ? *value->as_string() : std::string();
    };
    CO_TRY(const model::Health health, health_of(text("Status")));
    co_return co_await note_as(call, health, text("Output"));
  }

  Task<Result> service_maintenance(Call& call) {
    const std::string id = call.param("id");
    const Own own = co_await look_at(id);
    const auto found = own.services.find(id);
    if (found == own.services.end())
      co_return base::fail(base::Code::not_found,
                           fmt::format("No service registered with ID \"{}\"", id));
    CO_TRY_VOID(call.caller.require(Capability::service_write, found->second.name));
    co_return co_await maintain(call, own, "_service_maintenance:" + id, "Service Maintenance Mode",
                                id);
  }

  Task<Result> node_maintenance(Call& call) {
    CO_TRY_VOID(call.caller.require(Capability::catalog_node_write, own_.registry.node()));
    const Own own = co_await look_at("");
    co_return co_await maintain(call, own, "_node_maintenance", "Node Maintenance Mode", "");
  }

  Task<Result> health_by_name(Call& call) {
    const Own own = co_await look_at("", call.param("name"));
    json::Array rows;
    model::Health worst = model::Health::passing;
    for (const auto& [id, service] : own.services) {
      if (service.name != call.param("name")) continue;
      const model::Health health = health_in(own, id);
      worst = model::worse(worst, health);
      rows.emplace_back(row(own, service, health));
    }
    const bool is_there = !rows.empty();
    co_return with_health(call, is_there, worst, std::move(rows));
  }

  Task<Result> health_by_id(Call& call) {
    const Own own = co_await look_at(call.param("id"));
    const auto found = own.services.find(call.param("id"));
    if (found == own.services.end()) co_return unknown_service(call);
    const model::Health health = health_in(own, found->first);
    co_return with_health(call, true, health, row(own, found->second, health));
  }

 private:
  static base::Result<Answer> shown(const Call& call, const Own& own) {
    const auto found = own.services.find(call.param("id"));
    if (found == own.services.end())
      return base::fail(base::Code::not_found, "unknown service ID: " + call.param("id"));
    TRY_VOID(call.caller.require(Capability::service_read, found->second.name));
    json::Object body = own_service_json(found->second);
    const std::string hash =
        fmt::format("{:016x}", base::hash64(json::to_string(json::Value(body)), 0));
    body["ContentHash"] = hash;
    Answer answer = json_answer(std::move(body));
    answer.headers.add(hash_header, hash);
    return answer;
  }

  boost::asio::any_io_executor lane() const {
    return own_.world.executor.lane(io::Lane::main);
  }
  Task<Own> look_at(const std::string& id, const std::string& name = "") const {
    co_return co_await io::on(lane(), look_at_there(own_.registry, id, name));
  }
  Task<Own> look() const { co_return co_await io::on(lane(), look_there(own_.registry)); }

  Task<Result> done(Task<base::Status> work) const {
    CO_TRY_VOID(co_await io::on(lane(), std::move(work)));
    co_return empty_answer();
  }

  base::Status may_be_run(const CheckDefinition& check) const {
    const bool is_script = check.kind == CheckKind::script || check.kind == CheckKind::docker;
    if (!is_script || own_.runs_scripts) return {};
    return base::fail(base::Code::internal,
                      "Scripts are disabled on this agent from remote calls; to enable, set "
                      "enable_script_checks in its catalog block");
  }

  bool may_read(const Call& call, const model::CatalogCheck& check) const {
    return check.service_id.empty()
               ? call.caller.may(Capability::catalog_node_read, own_.registry.node())
               : call.caller.may(Capability::service_read, check.service_name);
  }

  /// Checks of the node, or of one of its services.
  base::Status may_write(const Call& call, const Own& own, const std::string& service) const {
    if (service.empty())
      return call.caller.require(Capability::catalog_node_write, own_.registry.node());
    const auto found = own.services.find(service);
    if (found == own.services.end())
      return base::fail(base::Code::internal,
                        fmt::format("ServiceID \"{}\" does not exist", service));
    return call.caller.require(Capability::service_write, found->second.name);
  }

  Task<base::Status> may_touch(const Call& call) const {
    std::string id = call.param("id");
    const std::optional<model::CatalogCheck> found =
        co_await io::on(lane(), check_there(own_.registry, std::move(id)));
    if (!found)
      co_return base::fail(base::Code::not_found,
                           fmt::format("Unknown check ID \"{}\"", call.param("id")));
    const Own own = co_await look_at(found->service_id);
    co_return may_write(call, own, found->service_id);
  }

  Task<Result> note(Call& call, model::Health health) {
    return note_as(call, health, call.request.query.get("note"));
  }

  Task<Result> note_as(Call& call, model::Health health, std::string output) {
    CO_TRY_VOID(co_await may_touch(call));
    co_return co_await done(note_there(own_.registry, call.param("id"), health, std::move(output)));
  }

  Task<Result> maintain(Call& call, const Own& own, std::string id, std::string name,
                        std::string service) {
    if (call.request.query.get("enable").empty())
      co_return base::invalid("Missing value for enable");
    CO_TRY(const bool enable, flag(call, "enable", false));
    const bool stands = own.checks.contains(id);
    if (enable == stands) co_return empty_answer();
    if (!enable) co_return co_await done(own_.registry.remove_check(std::move(id)));
    CheckDefinition check;
    check.id = std::move(id);
    check.name = std::move(name);
    check.service_id = std::move(service);
    check.kind = CheckKind::maintenance;
    const std::string reason = call.request.query.get("reason");
    check.notes = reason.empty() ? fmt::format(
                                       "Maintenance mode is enabled for this {}, but no reason was "
                                       "provided. This is a default message.",
                                       check.service_id.empty() ? "node" : "service")
                                 : reason;
    co_return co_await done(own_.registry.add_check(std::move(check)));
  }

  /// The worst of the checks of a service, and of those of the node.
  static model::Health health_in(const Own& own, const std::string& service) {
    model::Health worst = model::Health::passing;
    for (const auto& [id, check] : own.checks)
      if (check.service_id == service || check.service_id.empty())
        worst = model::worse(worst, check.status);
    return worst;
  }

  static json::Object row(const Own& own, const model::CatalogService& service,
                          model::Health health) {
    json::Array checks;
    for (const auto& [id, check] : own.checks)
      if (check.service_id == service.id || check.service_id.empty())
        checks.emplace_back(check_json(check));
    return {{"AggregatedStatus", model::name_of(health)},
            {"Service", own_service_json(service)},
            {"Checks", std::move(checks)}};
  }

  static Answer unknown_service(const Call& call) {
    Answer answer = with_health(call, false, model::Health::critical,
                                json::Object{{"AggregatedStatus", "critical"},
                                             {"Service", json::Value()},
                                             {"Checks", json::Value()}});
    answer.headers.set("X-Consul-Reason", fmt::format("ServiceId {} not found", call.param("id")));
    return answer;
  }

  static Answer with_health(const Call& call, bool is_there, model::Health health,
                            json::Value body) {
    const std::string word(model::name_of(health));
    Answer answer = json_answer(std::move(body));
    answer.status = !is_there                          ? 404
                    : health == model::Health::passing ? 200
                    : health == model::Health::warning ? 429
                                                       : 503;
    answer.headers.add("X-Consul-Reason", word);
    if (call.request.query.get("format") != "text") return answer;
    answer.content_type = "text/plain";
    answer.body = is_there ? word : "ServiceId not found";
    return answer;
  }

  OwnAgent own_;
};

}  // namespace

std::vector<Route> agent_routes(OwnAgent own) {
  const auto handle = handlers_of(std::make_shared<AgentPage>(std::move(own)));
  using enum Capability;
  const Need reads{anyone, Scope::handler, "service: read, or node: read; others are left out"};
  const Need writes{anyone, Scope::handler, "service: write, or of the node's own node: write"};
  using P = AgentPage;
  std::vector<Route> all = {
      {"GET", "/v1/agent/services", reads, handle(&P::services)},
      {"GET", "/v1/agent/service/:id", reads, handle(&P::service)},
      {"GET", "/v1/agent/checks", reads, handle(&P::checks)},
      {"PUT", "/v1/agent/service/register", writes, handle(&P::add_service)},
      {"PUT", "/v1/agent/service/deregister/:id", writes, handle(&P::remove_service)},
      {"PUT", "/v1/agent/service/maintenance/:id", writes, handle(&P::service_maintenance)},
      {"PUT", "/v1/agent/maintenance", writes, handle(&P::node_maintenance)},
      {"PUT", "/v1/agent/check/register", writes, handle(&P::add_check)},
      {"PUT", "/v1/agent/check/deregister/:id", writes, handle(&P::remove_check)},
      {"PUT", "/v1/agent/check/pass/:id", writes, handle(&P::pass)},
      {"PUT", "/v1/agent/check/warn/:id", writes, handle(&P::warn)},
      {"PUT", "/v1/agent/check/fail/:id", writes, handle(&P::fail)},
      {"PUT", "/v1/agent/check/update/:id", writes, handle(&P::update)},
      {"GET", "/v1/agent/health/service/name/:name", reads, handle(&P::health_by_name)},
      {"GET", "/v1/agent/health/service/id/:id", reads, handle(&P::health_by_id)}};
  for (Route& route : all)
    route.is_here = true;
  return all;
}

}  // namespace caravan::api::consul
