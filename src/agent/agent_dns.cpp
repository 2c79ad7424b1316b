// SPDX-License-Identifier: Apache-2.0
// The names that this agent answers: of its own server's state.
#include "agent/agent.hpp"
#include "base/text.hpp"
#include "wire/datacenter_rpc.hpp"

namespace caravan::agent {
namespace {

constexpr std::uint16_t dns_port = 53;
constexpr base::Duration names_timeout{3'000'000'000};
/// Less than that: whoever asks by DNS does not wait for long.
constexpr base::Duration fallback_patience{2'500'000'000};

std::uint32_t seconds(base::Duration duration) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(duration.count(), 0) / 1'000'000'000);
}

}  // namespace

dns::ServerConfig Agent::dns_config() const {
  const config::CatalogConfig& c = options_.config.catalog;
  const config::DnsConfig& d = c.dns_config;
  dns::ServerConfig made;
  dns::Settings& settings = made.settings;
  settings.domain = base::to_lower(c.domain);
  if (!settings.domain.ends_with('.')) settings.domain += '.';
  settings.native_domain = base::to_lower(c.native_domain);
  if (!c.native_domain.empty() && !c.native_domain.ends_with('.')) settings.native_domain += '.';
  settings.datacenter = options_.config.datacenter;
  settings.node_ttl = seconds(d.node_ttl);
  for (const auto& [service, ttl] : d.service_ttl)
    settings.service_ttl[service] = seconds(base::parse_duration(ttl).value_or(base::Duration(0)));
  settings.only_passing = d.only_passing;
  settings.a_record_limit = d.a_record_limit;
  settings.node_meta_txt = d.enable_additional_node_meta_txt;
  settings.soa_refresh = seconds(d.soa.refresh);
  settings.soa_retry = seconds(d.soa.retry);
  settings.soa_expire = seconds(d.soa.expire);
  settings.soa_minimum = seconds(d.soa.min_ttl);
  for (const std::string& text : c.recursors)
    if (const auto address = io::Address::parse(text, dns_port)) made.recursors.push_back(*address);
  made.shuffles_recursors = d.recursor_strategy == "random";
  made.recursor_timeout = d.recursor_timeout;
  made.udp_answer_limit = d.udp_answer_limit;
  made.enable_truncate = d.enable_truncate;
  return made;
}

dns::Abroad Agent::names_abroad() {
  dns::Abroad abroad;
  abroad.is_known = [this](const std::string& datacenter) {
    return !datacenters_->called(datacenter).empty();
  };
  abroad.answer = [this](std::string datacenter, std::string packet, bool by_udp,
                         std::string secret) -> io::Task<std::string> {
    std::string question = server::name_question(packet, by_udp, secret);
    std::string there = datacenters_->called(datacenter);
    return datacenters_->name(std::move(there), std::move(question));
  };
  abroad.find = [this](model::QueryService query, std::string secret) {
    return datacenters_->find(std::move(query), std::move(secret), fallback_patience);
  };
  return abroad;
}

/// Straight from the state where there is one; else a server is asked.
io::Task<base::Status> Agent::start_dns() {
  if (endpoints_.catalog_dns_listen.empty()) co_return base::Status();
  dns::Server::State state;
  if (server_) state = [&store = server_->server().store()] { return store.snapshot(); };
  const auto elsewhere = [this](std::string packet, bool by_udp) -> io::Task<std::string> {
    std::string question = server::name_question(packet, by_udp, default_token_.secret());
    auto asked = uplink_->call(wire::name_method, std::move(question), names_timeout);
    const base::Result<std::string> reply = co_await std::move(asked);
    co_return reply ? *reply : "";
  };
  const auto sight = [this](const std::string& secret) {
    const auto who = std::make_shared<const base::Result<acl::Authorized>>(gate_.who(secret));
    const auto may = [who](acl::Capability capability) -> dns::Visible::Named {
      return [who, capability](const std::string& name) {
        return *who && (*who)->may(capability, name);
      };
    };
    return dns::Visible{may(acl::Capability::catalog_node_read), may(acl::Capability::service_read),
                        may(acl::Capability::find_service)};
  };
  dns_ = std::make_unique<dns::Server>(
      world_, datagrams_, dns_config(), std::move(state), elsewhere, log_.named("dns"),
      [this] { return logs_.is_heard(io::Level::debug); },
      gate_.is_on() ? sight : dns::Server::Sight());
  dns_->show([this] { return default_token_.secret(); });
  if (server_) {
    dns_->reach(names_abroad());
    using Asked = server::ServerService::NameAsked;
    server_->service().answer_names([this](Asked asked) {
      if (asked.is_foreign)
        return dns_->respond_abroad(std::move(asked.packet), asked.by_udp,
                                    std::move(asked.secret));
      return dns_->respond(std::move(asked.packet), asked.by_udp, io::Address(),
                           std::move(asked.secret));
    });
  }
  for (const config::Endpoint& endpoint : endpoints_.catalog_dns_listen) {
    const io::Address address{endpoint.host, static_cast<std::uint16_t>(endpoint.port), false};
    CO_TRY_VOID(co_await dns_->start(address));
    log_.info("names are answered", {{"address", address.to_string()}});
  }
  co_return base::Status();
}

}  // namespace caravan::agent
