// SPDX-License-Identifier: Apache-2.0
// The ingress in this agent asks this agent's own API, without a connection in between.
#include <csignal>

#include <fmt/core.h>

#include "agent/agent.hpp"
#include "agent/ingress_settings.hpp"
#include "api/heard.hpp"
#include "json/reader.hpp"

namespace caravan::agent {
namespace {

/// An agent asks in its own name what it has to route. Only other agents are believed to be one:
/// what comes in from outside bears no such header (Agent::listen).
constexpr const char* own_name = "ingress";
constexpr const char* own_path = "/v1/ingress/instances";

/// One that an agent with other settings has left behind.
void end_leftover(io::World& world, const std::string& folder) {
  const base::Result<std::string> text = world.disk.read_file(folder + "/state.json");
  const base::Result<json::Value> state = text ? json::parse(*text) : base::Result<json::Value>();
  if (!text || !state) return;
  const io::ProcessId process{static_cast<int>(state->at("pid").number()),
                              state->at("start_ticks").as_unsigned().value_or(0)};
  (void)world.processes.signal(process, SIGUSR1);
  (void)world.disk.remove(folder);
}

/// What a name that a tag has given it stands for.
std::pair<model::CatalogService, model::CatalogCheck> offered_as(const std::string& name,
                                                                 const std::string& node,
                                                                 const config::Endpoint& at,
                                                                 bool is_up) {
  model::CatalogService service;
  service.node = node;
  service.name = name;
  service.id = fmt::format("_ingress-{}", name);
  service.tags = {"ingress"};
  service.address = at.host;
  service.port = at.port;
  model::CatalogCheck check;
  check.node = node;
  check.id = service.id;
  check.name = "Ingress";
  check.status = is_up ? model::Health::passing : model::Health::critical;
  check.output = is_up ? "the data plane is up" : "the data plane is not up";
  check.service_id = service.id;
  check.service_name = name;
  check.service_tags = service.tags;
  return {std::move(service), std::move(check)};
}

}  // namespace

bool Agent::is_own(const http::Request& request) {
  return request.headers.get(own_header) == own_name && request.path == own_path;
}

io::Task<void> Agent::serve_own(const http::Request& request, http::Responder& responder) const {
  const auto& routes = router_->routes();
  const auto route = std::ranges::find(routes, own_path, &api::Route::path);
  const acl::Gate open{acl::Gate::Now()};  // behind which everybody may see everything
  base::Result<acl::Authorized> caller = open.who("");
  if (route == routes.end() || !caller) co_return;
  api::Call call{request, responder, {}, *caller, route->need.capability};
  base::Result<api::Answer> answer = co_await route->handler(call);
  http::Response response;
  if (answer) {
    response.status = answer->status;
    response.headers.add("Content-Type", answer->content_type);
    response.headers.add("X-Nomad-Index", std::to_string(answer->index));
    response.body = answer->shared ? answer->shared->plain() : std::move(answer->body);
  } else {
    response = router_->face().refusal(answer.error());
  }
  (void)co_await responder.send(std::move(response));
}

void Agent::offer_ingress(const std::set<std::string>& names, bool is_up) {
  config::Endpoint at = endpoints_.http_advertise;
  at.port = options_.config.ingress.ports.proxy;
  std::vector<model::CatalogService> services;
  std::vector<model::CatalogCheck> checks;
  for (const std::string& name : names) {
    auto [service, check] = offered_as(name, name_, at, is_up);
    services.push_back(std::move(service));
    checks.push_back(std::move(check));
  }
  registry_->set_guests(own_name, std::move(services), std::move(checks));
}

io::Task<base::Status> Agent::start_ingress() {
  const std::string folder = data_dir_ + "/ingress";
  if (!options_.config.has_ingress()) {
    end_leftover(world_, folder);
    co_return base::Status();
  }
  const config::IngressConfig& config = options_.config.ingress;
  CO_TRY(ingress::Settings settings,
         ingress_settings(config, options_.config.datacenter, world_.disk));
  // With a token of its own it routes what that may see, and no more.
  const ingress::Ask ask = [this, token = config.token](
                               std::string target) -> io::Task<base::Result<http::Response>> {
    http::Request request;
    request.method = "GET";
    CO_TRY_VOID(request.set_target(std::move(target)));
    if (token.empty())
      request.headers.add(own_header, own_name);
    else
      request.headers.add("X-Nomad-Token", token);
    request.peer = {"127.0.0.1", 0, false};
    api::Heard heard;
    if (server_ && token.empty())
      co_await serve_own(request, heard);
    else
      co_await router_->serve(request, heard);
    co_return heard.take();
  };
  ingress::Offer offer;
  if (registry_)
    offer = [this](std::set<std::string> names, bool is_up) {
      boost::asio::post(
          world_.executor.lane(io::Lane::main),
          [this, names = std::move(names), is_up] { offer_ingress(names, is_up); });
    };
  ingress_ = std::make_unique<ingress::Ingress>(world_, std::move(settings),
                                                ingress_places(config, folder), ask,
                                                std::move(offer), log_.named("ingress"));
  co_return co_await ingress_->start();
}

}  // namespace caravan::agent
