// SPDX-License-Identifier: Apache-2.0
#include "ingress/ingress.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "http/client.hpp"
#include "ingress/rawdata.hpp"
#include "ingress/report.hpp"
#include "ingress/traefik_rule.hpp"
#include "json/writer.hpp"

namespace caravan::ingress {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration certificates_look = 10s;
constexpr base::Duration metrics_timeout = 5s;
constexpr std::size_t metrics_bytes_max = 64 << 20;

http::Response answer_of(int status, const char* type, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", type);
  response.body = std::move(body);
  return response;
}

constexpr const char* plain = "text/plain; charset=utf-8";
constexpr const char* json_type = "application/json";

bool is_local(const io::Address& peer) {
  return peer.is_unix || peer.host == "::1" || peer.host.starts_with("127.") ||
         peer.host.starts_with("::ffff:127.");
}

}  // namespace

/// What the pages show at one moment; made on the client lane, read on all.
struct Ingress::Shown {
  RoutingTable table;
  std::vector<Problem> problems;
  DataPlaneCounts counts;
  bool is_up = false;
};

Ingress::Ingress(io::World& world, Settings settings, Places places, Ask ask, Offer offer,
                 io::Logger log)
    : world_(world),
      settings_(std::move(settings)),
      places_(std::move(places)),
      offer_(std::move(offer)),
      log_(std::move(log)),
      store_(world, places_.certificates, places_.folder + "/certificates"),
      feed_(world, std::move(ask), settings_,
            [this](std::vector<Instance> instances) { take(std::move(instances)); }, log_),
      shown_(std::make_shared<Shown>()) {}

Ingress::~Ingress() = default;

io::Task<base::Status> Ingress::start() {
  const std::string program = find_program(world_.disk, places_.program);
  if (program.empty())
    co_return base::fail(
        base::Code::not_found,
        places_.program.empty()
            ? "ingress: HAProxy is not installed (apt install haproxy, 2.6 or newer), or not where "
              "it usually is: set ingress { haproxy = \"/path\" }"
            : fmt::format("ingress.haproxy: {} is not there", places_.program));
  plane_ = std::make_unique<DataPlane>(world_, settings_, places_.folder, program, log_);
  CO_TRY_VOID(plane_->open());
  if (places_.admin.port != 0) {
    admin_ = std::make_unique<http::Server>(
        world_, http::Limits(),
        [this](const http::Request& request, http::Responder& responder) {
          return answer(request, responder);
        },
        log_.named("ingress.http"));
    CO_TRY_VOID(co_await admin_->start(places_.admin));
    log_.info("the ingress shows its routes", {{"address", places_.admin.to_string()}});
  }
  co_await io::on(world_.executor.lane(io::Lane::client), begin());
  co_return base::Status();
}

io::Task<void> Ingress::begin() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::client));
  plane_->on_change = [this] { show(); };
  const base::Result<bool> made = co_await store_.refresh({});
  if (!made) log_.error("no certificates can be written", {{"error", made.error().message}});
  tasks_->spawn(plane_->run());
  tasks_->spawn(feed_.run());
  tasks_->spawn(look_after_certificates());
}

io::Task<void> Ingress::stop(bool with_data_plane) {
  if (admin_) co_await admin_->stop();
  if (tasks_) co_await io::on(world_.executor.lane(io::Lane::client), halt(with_data_plane));
}

io::Task<void> Ingress::halt(bool with_data_plane) {
  co_await tasks_->stop();
  if (with_data_plane) co_await plane_->end();
}

io::Task<void> Ingress::look_after_certificates() {
  std::vector<Problem> known;
  while (true) {
    std::vector<std::string> hosts;
    for (const Route& route : table_.routes) {
      if (route.rule) {
        const std::vector<std::string> named = hosts_of(*route.rule);
        hosts.insert(hosts.end(), named.begin(), named.end());
      } else if (!route.host.empty() && route.protocol == Protocol::http) {
        hosts.push_back(route.host);
      }
    }
    const bool has_tls =
        std::ranges::any_of(settings_.entry_points, [](const EntryPoint& e) { return e.is_tls; });
    const base::Result<bool> changed = co_await store_.refresh(hosts);
    if (changed && *changed && has_tls) plane_->read_again();
    if (store_.problems() != known) {
      known = store_.problems();
      for (const Problem& problem : known)
        log_.error(problem.where, {{"error", problem.what}});
      show();
    }
    co_await world_.clock.sleep(certificates_look);
  }
}

void Ingress::take(std::vector<Instance> instances) {
  RoutingTable table = make_routing_table(instances, settings_);
  const std::vector<Problem>& known = table_.problems;  // of before
  for (const Problem& problem : table.problems)
    if (!std::ranges::binary_search(known, problem))
      log_.warn("not routed", {{"service", problem.service},
                               {"tag", problem.where},
                               {"error", problem.what}});
  table_ = table;
  plane_->want(std::move(table));
  show();
}

void Ingress::offer_names() {
  std::pair<std::set<std::string>, bool> now;
  for (const Route& route : table_.routes)
    if (!route.register_as.empty()) now.first.insert(route.register_as);
  now.second = plane_->is_up();
  if (!offer_ || now == offered_) return;
  offered_ = now;
  offer_(std::move(now.first), now.second);
}

void Ingress::show() {
  offer_names();
  auto now = std::make_shared<Shown>();
  now->table = table_;
  now->problems = table_.problems;
  for (const std::vector<Problem>* more : {&plane_->problems(), &store_.problems()})
    now->problems.insert(now->problems.end(), more->begin(), more->end());
  now->counts = plane_->counts();
  now->is_up = plane_->is_up();
  const std::scoped_lock lock(mutex_);
  shown_ = std::move(now);
}

std::shared_ptr<const Ingress::Shown> Ingress::shown() const {
  const std::scoped_lock lock(mutex_);
  return shown_;
}

io::Task<void> Ingress::answer(const http::Request& request, http::Responder& responder) {
  http::Response response = co_await page(request);
  (void)co_await responder.send(std::move(response));
}

io::Task<http::Response> Ingress::page(const http::Request& request) {
  const std::shared_ptr<const Shown> now = shown();
  if (request.path == "/health")
    co_return answer_of(now->is_up ? 200 : 503, plain, now->is_up ? "OK\n" : "not up yet\n");
  if (!places_.admin_is_open && !is_local(request.peer))
    co_return answer_of(403, plain,
                        "only this machine may ask; set ingress { admin_open = true }\n");
  if (request.method != "GET" && request.method != "HEAD")
    co_return answer_of(405, plain, "only GET is answered here\n");
  if (request.path == "/") {
    http::Response there = answer_of(303, plain, "");
    there.headers.add("Location", "/routes");
    co_return there;
  }
  if (request.path == "/routes")
    co_return answer_of(200, "text/html; charset=utf-8", routes_page(now->table, now->problems));
  if (request.path == "/api/routes") {
    if (request.query.has("raw")) co_return answer_of(200, plain, routes_text(now->table));
    co_return answer_of(200, json_type, json::to_string(routes_json(now->table)) + "\n");
  }
  if (request.path == "/api/rawdata")
    co_return answer_of(200, json_type,
                        json::to_string(rawdata_json(now->table, settings_)) + "\n");
  if (request.path == "/api/errors")
    co_return answer_of(200, json_type, json::to_string(problems_json(now->problems)) + "\n");
  if (request.path == "/metrics") co_return co_await metrics();
  co_return answer_of(404, plain,
                      "there are /health, /routes, /api/routes, /api/rawdata, /api/errors, "
                      "/metrics\n");
}

/// HAProxy's own figures, and ours behind them.
io::Task<http::Response> Ingress::metrics() {
  const std::shared_ptr<const Shown> now = shown();
  http::Request request;
  request.method = "GET";
  request.target = request.path = "/metrics";
  request.headers.add("Host", "ingress");
  const io::Address at = io::Address::unix_socket(plane_->metrics_socket());
  const base::Result<http::Response> theirs = co_await http::fetch(
      world_.network, world_.clock, at, std::move(request), metrics_timeout, metrics_bytes_max);
  std::string text = theirs && theirs->status == 200 ? theirs->body : "";
  const auto add = [&](const char* name, const char* kind, std::uint64_t value) {
    text += fmt::format("# TYPE caravan_ingress_{0} {1}\ncaravan_ingress_{0} {2}\n", name, kind, value);
  };
  add("up", "gauge", now->is_up ? 1 : 0);
  add("routes", "gauge", now->table.routes.size());
  add("problems", "gauge", now->problems.size());
  add("starts_total", "counter", now->counts.starts);
  add("reloads_total", "counter", now->counts.reloads);
  add("server_commands_total", "counter", now->counts.commands);
  add("refused_configurations_total", "counter", now->counts.refused);
  co_return answer_of(200, "text/plain; version=0.0.4", std::move(text));
}

}  // namespace caravan::ingress
