// SPDX-License-Identifier: Apache-2.0
// The roots of the service mesh, and how its authority is configured.
#include "api/consul/connect_ca.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/members.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"
#include "catalog/intentions.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

constexpr std::string_view provider = "consul";
constexpr const char* key_type = "ec";
constexpr int key_bits = 256;

json::Value list_json(const std::vector<std::string>& list) {
  return list.empty() ? json::Value() : json::Value(json::Array(list.begin(), list.end()));
}

json::Object root_json(const model::ConnectRoot& root, const model::ConnectCa& ca) {
  return {{"ID", root.id},
          {"Name", root.name},
          {"SerialNumber", root.serial},
          {"SigningKeyID", root.signing_key_id},
          {"ExternalTrustDomain", ca.cluster.to_string()},
          {"NotBefore", base::format_rfc3339(root.not_before)},
          {"NotAfter", base::format_rfc3339(root.not_after)},
          {"RootCert", root.certificate},
          {"IntermediateCerts", list_json(root.intermediates)},
          {"Active", root.is_active},
          {"PrivateKeyType", key_type},
          {"PrivateKeyBits", key_bits},
          {"CreateIndex", root.create_index},
          {"ModifyIndex", root.modify_index}};
}

base::Status read_config(Members& members, server::ConnectSettings& settings) {
  TRY_VOID(members.duration("LeafCertTTL", settings.config.leaf_ttl));
  if (settings.config.leaf_ttl < model::leaf_ttl_min ||
      settings.config.leaf_ttl > model::leaf_ttl_max)
    return base::invalid(fmt::format("Config.LeafCertTTL: is outside {}..{}",
                                     base::format_duration(model::leaf_ttl_min),
                                     base::format_duration(model::leaf_ttl_max)));
  for (auto [name, into] : {std::pair("IntermediateCertTTL", &settings.config.intermediate_ttl),
                            std::pair("RotationPeriod", &settings.config.rotation_period)}) {
    std::string given = *into;
    TRY_VOID(members.text(name, given));
    if (!base::parse_duration(given))
      return base::invalid(fmt::format("Config.{}: is not a duration such as 72h", name));
    *into = given;
  }
  std::string type = key_type;
  int bits = key_bits;
  TRY_VOID(members.text("PrivateKeyType", type));
  TRY_VOID(members.number("PrivateKeyBits", bits, 0, 1 << 16));
  if ((!type.empty() && type != key_type) || (bits != 0 && bits != key_bits))
    return base::invalid("Config.PrivateKeyType, Config.PrivateKeyBits: only \"ec\" of 256 is built");
  TRY_VOID(members.text("PrivateKey", settings.private_key));
  TRY_VOID(members.text("RootCert", settings.root_certificate));
  if (settings.private_key.empty() != settings.root_certificate.empty())
    return base::invalid("Config.PrivateKey and Config.RootCert go together");
  // How many may be signed at once needs no limit here: an agent asks for its own services only.
  for (const char* needless : {"CSRMaxPerSecond", "CSRMaxConcurrent"})
    (void)members.take(needless);
  if (const std::string left = members.left(); !left.empty())
    return base::invalid(fmt::format("Config.{}: is not known", base::printable(left, 80)));
  return {};
}

class ConnectPage {
 public:
  ConnectPage(const Readers& readers, server::Connect& connect, bool allows_by_default)
      : readers_(readers), connect_(connect), allows_by_default_(allows_by_default) {}

  Task<Result> roots(Call& call) {
    CO_TRY_VOID(co_await connect_.ca());
    const Look look = [](const Tables& tables) -> base::Result<View> {
      const auto ca = tables.connect_ca();
      return View{ca ? json::to_string(roots_json(*ca)) : "null",
                  tables.index_of(Table::connect_ca)};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::connect_ca)}, look);
  }

  Task<Result> configuration(Call&) {
    CO_TRY(const auto ca, co_await connect_.ca());
    co_return json_answer(connect_config_json(*ca));
  }

  Task<Result> configure(Call& call) {
    CO_TRY(const auto ca, co_await connect_.ca());
    CO_TRY(json::Object body, body_of(call));
    CO_TRY(server::ConnectSettings settings, connect_settings_of(std::move(body), ca->config));
    CO_TRY_VOID(co_await connect_.configure(std::move(settings)));
    Answer answer;
    answer.content_type = "text/plain; charset=utf-8";
    co_return answer;
  }

  /// Whether whoever has shown a certificate may connect: said to the proxy, or the program, that
  /// was connected to.
  Task<Result> authorize(Call& call) {
    CO_TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    std::string target, uri, serial;
    CO_TRY_VOID(members.text("Target", target));
    CO_TRY_VOID(members.text("ClientCertURI", uri));
    CO_TRY_VOID(members.text("ClientCertSerial", serial));
    if (target.empty()) co_return base::invalid("Target service must be specified");
    if (uri.empty()) co_return base::invalid("ClientCertURI must be specified");
    base::Result<model::SpiffeService> client = model::SpiffeService::parse(uri);
    if (!client)
      co_return base::invalid("ClientCertURI not a valid Connect identifier: " +
                              client.error().message);
    CO_TRY_VOID(call.caller.require(Capability::service_write, target));
    CO_TRY(const auto ca, co_await connect_.ca());
    const Verdict verdict = decide(*readers_.store.snapshot(), *ca, *client, target);
    co_return json_answer(
        json::Object{{"Authorized", verdict.is_allowed}, {"Reason", verdict.reason}});
  }

 private:
  struct Verdict {
    bool is_allowed = false;
    std::string reason;
  };
  Verdict decide(const Tables& tables, const model::ConnectCa& ca,
                 const model::SpiffeService& client, const std::string& target) const {
    if (client.trust_domain != ca.trust_domain())
      return {false, "Identity from an external trust domain: " + client.trust_domain};
    const auto deciding = catalog::deciding_intention(tables, client.service, target);
    if (!deciding)
      return {allows_by_default_, allows_by_default_ ? "ACLs disabled, access is allowed by default"
                                                     : "Default behavior configured by ACLs"};
    const char* action = deciding->is_about_requests() ? "permissions"
                         : deciding->allows            ? "allow"
                                                       : "deny";
    return {deciding->allows_connection(),
            fmt::format("Matched intention: {} => {} ({})", deciding->source,
                        deciding->destination, action)};
  }

  const Readers readers_;
  server::Connect& connect_;
  const bool allows_by_default_;
};

}  // namespace

json::Object roots_json(const model::ConnectCa& ca) {
  json::Array roots;
  for (const model::ConnectRoot& root : ca.roots)
    roots.emplace_back(root_json(root, ca));
  const model::ConnectRoot* active = ca.active();
  return {{"ActiveRootID", active ? active->id : ""},
          {"TrustDomain", ca.trust_domain()},
          {"Roots", std::move(roots)}};
}

json::Object connect_config_json(const model::ConnectCa& ca) {
  const json::Object config{{"IntermediateCertTTL", ca.config.intermediate_ttl},
                            {"LeafCertTTL", base::format_duration(ca.config.leaf_ttl)},
                            {"RotationPeriod", ca.config.rotation_period}};
  return {{"Provider", provider},
          {"Config", config},
          {"State", json::Value()},
          {"ForceWithoutCrossSigning", false},
          {"CreateIndex", ca.create_index},
          {"ModifyIndex", ca.modify_index}};
}

base::Result<server::ConnectSettings> connect_settings_of(json::Object body,
                                                          const model::ConnectConfig& before) {
  Members members(std::move(body));
  server::ConnectSettings settings;
  settings.config = before;
  std::string named(provider);
  TRY_VOID(members.text("Provider", named));
  if (named != provider)
    return base::fail(base::Code::unsupported,
                      fmt::format("Provider: \"{}\" is not built: only \"{}\" is",
                                  base::printable(named, 40), provider));
  TRY_VOID(members.flag("ForceWithoutCrossSigning", settings.without_cross_signing));
  TRY(json::Object config, object_in("Config", members.take("Config")));
  for (const char* said : {"State", "CreateIndex", "ModifyIndex"})
    (void)members.take(said);
  if (const std::string left = members.left(); !left.empty())
    return base::invalid(fmt::format("{}: is not known", base::printable(left, 80)));
  Members inside(std::move(config));
  TRY_VOID(read_config(inside, settings));
  return settings;
}

std::vector<Route> connect_routes(const Readers& readers, server::Connect& connect,
                                  bool allows_by_default) {
  using P = ConnectPage;
  const auto handle = handlers_of(std::make_shared<P>(readers, connect, allows_by_default));
  const Need target{Capability::anyone, Scope::handler, "service: write, of the target"};
  using enum Capability;
  return {{"GET", "/v1/connect/ca/roots", anyone, handle(&P::roots)},
          {"GET", "/v1/agent/connect/ca/roots", anyone, handle(&P::roots)},
          {"GET", "/v1/connect/ca/configuration", operator_read, handle(&P::configuration)},
          {"PUT", "/v1/connect/ca/configuration", operator_write, handle(&P::configure)},
          {"POST", "/v1/agent/connect/authorize", target, handle(&P::authorize)}};
}

}  // namespace caravan::api::consul
