// SPDX-License-Identifier: Apache-2.0
#include "config/consul_form.hpp"

#include <array>

#include <fmt/core.h>

#include "base/text.hpp"
#include "config/key_reader.hpp"
#include "config/load.hpp"
#include "config/service_definitions.hpp"
#include "config/watch_definition.hpp"

namespace caravan::config {
namespace {

/// Keys that do something here; of every other one that is set a warning tells.
constexpr std::array used_of_consul = {
    "acl.default_policy",
    "acl.enable_token_persistence",
    "acl.enabled",
    "acl.tokens.default",
    "acl.tokens.initial_management",
    "acl.tokens.master",
    "addresses.dns",
    "addresses.http",
    "addresses.https",
    "advertise_addr",
    "autopilot.cleanup_dead_servers",
    "autopilot.max_trailing_logs",
    "autopilot.min_quorum",
    "autopilot.server_stabilization_time",
    "bind_addr",
    "bootstrap",
    "bootstrap_expect",
    "ca_file",
    "cert_file",
    "check",
    "checks",
    "client_addr",
    "data_dir",
    "datacenter",
    "dns_config.a_record_limit",
    "dns_config.enable_additional_node_meta_txt",
    "dns_config.enable_truncate",
    "dns_config.node_ttl",
    "dns_config.only_passing",
    "dns_config.recursor_strategy",
    "dns_config.recursor_timeout",
    "dns_config.service_ttl*",
    "dns_config.soa.*",
    "dns_config.udp_answer_limit",
    "domain",
    "enable_local_script_checks",
    "enable_script_checks",
    "encrypt",
    "key_file",
    "leave_on_terminate",
    "log_level",
    "node_meta*",
    "node_name",
    "ports.dns",
    "ports.http",
    "ports.https",
    "ports.serf_lan",
    "ports.server",
    "reconnect_timeout",
    "recursors",
    "retry_join",
    "server",
    "service",
    "services",
    "skip_leave_on_interrupt",
    "start_join",
    "tls.defaults.*_file",
    "tls.defaults.verify_*",
    "tls.https.verify_incoming",
    "tls.internal_rpc.*_file",
    "tls.internal_rpc.verify_*",
    "verify_incoming",
    "verify_incoming_https",
    "verify_incoming_rpc",
    "verify_outgoing",
    "verify_server_hostname",
    "watches",
};

std::string or_else(const std::string& text, const std::string& otherwise) {
  return text.empty() ? otherwise : text;
}

/// A port of 0 turns what listens on it off, as -1 does.
int port_or_off(int port) { return port > 0 ? port : -1; }

TlsConfig tls_of(const ConsulForm& form) {
  const ConsulTls& top = form.tls_at_top;
  const ConsulTls &all = form.tls.defaults, &rpc = form.tls.internal_rpc, &https = form.tls.https;
  TlsConfig tls;
  tls.ca_file = or_else(rpc.ca_file, or_else(all.ca_file, top.ca_file));
  tls.cert_file = or_else(rpc.cert_file, or_else(all.cert_file, top.cert_file));
  tls.key_file = or_else(rpc.key_file, or_else(all.key_file, top.key_file));
  tls.rpc = top.verify_incoming || top.verify_outgoing || form.verify_incoming_rpc ||
            all.verify_incoming || all.verify_outgoing || rpc.verify_incoming ||
            rpc.verify_outgoing;
  tls.verify_server_hostname =
      top.verify_server_hostname || all.verify_server_hostname || rpc.verify_server_hostname;
  tls.http = form.ports.https > 0;
  tls.verify_https_client = top.verify_incoming || form.verify_incoming_https ||
                            all.verify_incoming || https.verify_incoming;
  return tls;
}

CatalogConfig catalog_of(const ConsulForm& form) {
  CatalogConfig catalog;
  catalog.ports = {port_or_off(form.ports.http), port_or_off(form.ports.https),
                   port_or_off(form.ports.dns)};
  catalog.addresses = {or_else(form.addresses.http, form.client_addr),
                       or_else(form.addresses.https, form.client_addr),
                       or_else(form.addresses.dns, form.client_addr)};
  catalog.domain = form.domain;
  while (catalog.domain.ends_with('.'))
    catalog.domain.pop_back();
  catalog.native_domain.clear();  // it has none
  catalog.recursors = form.recursors;
  catalog.dns_config = form.dns_config;
  catalog.enable_script_checks = form.enable_script_checks;
  catalog.enable_local_script_checks = form.enable_local_script_checks;
  catalog.node_meta = form.node_meta;
  const auto list = [](const std::vector<json::Value>& values) {
    return json::Value(json::Array(values.begin(), values.end()));
  };
  catalog.services = definitions(list(form.service), list(form.services));
  catalog.checks = definitions(list(form.check), list(form.checks));
  catalog.reconnect_timeout = form.reconnect_timeout;
  catalog.default_token = form.acl.tokens.def;
  catalog.keeps_tokens = form.acl.enable_token_persistence;
  catalog.watches = form.watches;
  return catalog;
}

}  // namespace

void apply(ConsulForm& form, std::string file_name, std::string text,
           hcl::Diagnostics& diagnostics) {
  read_keys(form, std::move(file_name), std::move(text), diagnostics);
}

AgentConfig agent_config(const ConsulForm& form) {
  AgentConfig c;
  c.is_registry = true;
  c.region = c.datacenter = form.datacenter;
  c.name = form.node_name;
  c.data_dir = form.data_dir;
  c.bind_addr = form.bind_addr;
  c.ports = {.http = -1, .rpc = form.ports.server, .serf = form.ports.serf_lan};
  c.advertise.rpc = c.advertise.serf = form.advertise_addr;
  c.log.level = form.log_level;
  c.log.json = form.log_json;
  // A server is expected back, a client is not.
  const bool says_interrupt = form.set.contains("skip_leave_on_interrupt");
  const bool says_terminate = form.set.contains("leave_on_terminate");
  c.leave_on_interrupt = says_interrupt ? !form.skip_leave_on_interrupt : !form.server;
  c.leave_on_terminate = says_terminate ? form.leave_on_terminate : !form.server;
  c.server.enabled = form.server;
  c.server.bootstrap_expect = form.bootstrap ? 1 : form.bootstrap_expect;
  c.server.encrypt = form.encrypt;
  JoinConfig& join = form.server ? c.server.server_join : c.client.server_join;
  join.retry_join = form.retry_join;
  join.start_join = form.start_join;
  c.acl.enabled = form.acl.enabled;
  c.first_token = or_else(form.acl.tokens.initial_management, form.acl.tokens.master);
  c.tls = tls_of(form);
  c.autopilot = form.autopilot;
  c.consul["default"].auto_advertise = false;
  c.catalog = catalog_of(form);
  c.set["catalog"] = "consul agent";
  return c;
}

std::vector<std::string> problems(const ConsulForm& form) {
  std::vector<std::string> found;
  if (form.acl.enabled && form.acl.default_policy != "deny")
    found.push_back(
        fmt::format("acl.default_policy: \"{}\" is not built: with access control on, "
                    "what no policy allows is denied; set it to \"deny\"",
                    base::printable(form.acl.default_policy, 40)));
  if (!form.server && form.retry_join.empty() && form.start_join.empty())
    found.emplace_back("retry_join: a client needs a server; or set server = true, or use -dev");
  if (form.reconnect_timeout < reconnect_timeout_min)
    found.push_back(fmt::format("reconnect_timeout: {} is less than {}",
                                base::format_duration(form.reconnect_timeout),
                                base::format_duration(reconnect_timeout_min)));
  if (!is_default_token(form.acl.tokens.def))
    found.push_back(fmt::format("acl.tokens.default: at most {} printable characters without blanks",
                                default_token_max));
  std::vector<KeyProblem> of_watches;
  (void)watch_definitions(form.watches, of_watches);
  for (const KeyProblem& problem : of_watches)
    found.push_back(fmt::format("{}: {}: {}", form.set.at("watches"), problem.key, problem.what));
  return found;
}

std::vector<std::string> not_built(const ConsulForm& form) {
  return without_effect(form.set, used_of_consul);
}

}  // namespace caravan::config
