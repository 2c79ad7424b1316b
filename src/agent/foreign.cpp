// SPDX-License-Identifier: Apache-2.0
#include "agent/foreign.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "agent/agent.hpp"
#include "agent/own_services.hpp"
#include "base/text.hpp"

namespace caravan::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t default_port = 8500;
/// It may be starting at the same time.
constexpr int self_attempts = 5;
constexpr base::Duration self_retry = 1s;

struct Place {
  io::Address address;
  bool is_secure = false;
};

/// "host", "host:port", "https://host:port".
base::Result<Place> place_of(const config::ConsulConfig& said) {
  std::string_view text = said.address;
  Place place;
  place.is_secure = said.ssl || text.starts_with("https://");
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  auto address = io::Address::parse(text, default_port);
  if (!address) return base::invalid("consul.address: " + address.error().message);
  place.address = *std::move(address);
  return place;
}

bool is_local(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string member(const json::Value& self, const char* name) {
  const std::string* text = self.at("Config").at(name).as_string();
  return text ? *text : "";
}

}  // namespace

bool names_foreign_consul(const config::AgentConfig& config) {
  const auto found = config.consul.find("default");
  if (found == config.consul.end() || !found->second.enabled || !config.is_set("consul.address"))
    return false;
  if (!config.has_catalog()) return true;
  const base::Result<Place> place = place_of(found->second);
  if (!place) return true;
  const int own = place->is_secure ? config.catalog.ports.https : config.catalog.ports.http;
  const std::vector<std::string> hosts = base::split(
      place->is_secure ? config.catalog.addresses.https : config.catalog.addresses.http, ' ');
  const std::string& host = place->address.host;
  const bool is_here = is_local(host) || std::ranges::find(hosts, host) != hosts.end();
  return place->address.port != own || !is_here;
}

base::Result<client::ForeignConfig> foreign_config(const config::ConsulConfig& said,
                                                   io::Disk& disk) {
  TRY(Place place, place_of(said));
  client::ForeignConfig made;
  made.address = std::move(place.address);
  made.token = said.token;
  made.user_and_password = said.auth;
  made.timeout = said.timeout;
  if (!place.is_secure) return made;
  http::TlsMaterial material;
  material.checks_peer = made.checks_name = said.verify_ssl;
  for (const auto& [key, path, into] :
       {std::tuple("ca_file", &said.ca_file, &material.authorities),
        std::tuple("cert_file", &said.cert_file, &material.certificate),
        std::tuple("key_file", &said.key_file, &material.key)}) {
    if (path->empty()) continue;
    auto text = disk.read_file(*path);
    if (!text) return base::invalid(fmt::format("consul.{}: {}", key, text.error().message));
    *into = *std::move(text);
  }
  auto tls = http::Tls::make(material);
  if (!tls) return base::invalid("consul.ssl: " + tls.error().message);
  made.tls = *std::move(tls);
  return made;
}

std::vector<client::ForeignService> foreign_residents(
    const std::vector<registry::Resident>& residents) {
  std::vector<client::ForeignService> all;
  for (const registry::Resident& resident : residents) {
    client::ForeignService& made = all.emplace_back();
    made.id = resident.service.id;
    made.definition = client::foreign_definition(resident.service);
    json::Array checks;
    for (const registry::CheckDefinition& check : resident.checks) {
      json::Object definition{{"CheckID", check.id},
                              {"Name", check.name},
                              {"Interval", base::format_duration(check.interval)},
                              {"Timeout", base::format_duration(check.timeout)}};
      if (check.kind == registry::CheckKind::http) {
        definition["HTTP"] = check.http;
        definition["TLSSkipVerify"] = check.tls_skip_verify;
      } else {
        definition["TCP"] = check.tcp;
      }
      checks.emplace_back(std::move(definition));
    }
    made.definition["Checks"] = std::move(checks);
  }
  return all;
}

Foreign::Foreign(io::World& world, client::ForeignConfig config, const json::Value& self,
                 io::Logger log)
    : agent(world, std::move(config)),
      services(world, agent, log.named("services")),
      data(world, agent, member(self, "NodeName"), log.named("templates")),
      attributes(client::attributes_of(self)) {}

/// Before the client, whose node tells of it.
io::Task<base::Status> Agent::start_foreign() {
  if (!names_foreign_consul(options_.config)) co_return base::Status();
  CO_TRY(client::ForeignConfig config,
         foreign_config(options_.config.consul.at("default"), world_.disk));
  client::ForeignAgent asked(world_, config);
  json::Value self;
  for (int attempt = 1;; ++attempt) {
    auto reply = co_await asked.ask("GET", "/v1/agent/self");
    if (reply) self = std::move(reply->body);
    if (reply) break;
    log_.warn("Consul, which the configuration names, does not say who it is",
              {{"address", asked.place()}, {"error", reply.error().message}});
    if (attempt == self_attempts) break;
    co_await world_.clock.sleep(self_retry);
  }
  foreign_ = std::make_unique<Foreign>(world_, std::move(config), self, log_.named("consul"));
  co_return base::Status();
}

io::Task<void> Agent::offer_to_foreign() {
  foreign_->services.set(
      client::ForeignServices::own,
      foreign_residents(own_services(options_.config, endpoints_,
                                     {server_ != nullptr, client_ != nullptr}, name_)));
  foreign_->services.start();
  co_return;
}

io::Task<void> Agent::stop_foreign() {
  co_await foreign_->services.stop();
  co_await foreign_->data.stop();
}

}  // namespace caravan::agent
