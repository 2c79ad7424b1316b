// SPDX-License-Identifier: Apache-2.0
// How an agent finds out how well something is, as it was registered.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/field.hpp"

namespace caravan::registry {

/// The shortest time between two probes; shorter ones are made this long.
inline constexpr base::Duration interval_min{1'000'000'000};
inline constexpr base::Duration probe_timeout_default{10'000'000'000};
/// A service that stays critical is not taken away earlier than this.
inline constexpr base::Duration deregister_after_min{60'000'000'000};

enum class CheckKind {
  ttl,
  http,
  tcp,
  alias,
  maintenance,
  script,
  grpc,
  h2ping,
  udp,
  docker
};
constexpr auto enum_names(CheckKind) {
  using namespace std::string_view_literals;
  return std::array{"ttl"sv,    "http"sv, "tcp"sv,    "alias"sv, "maintenance"sv,
                    "script"sv, "grpc"sv, "h2ping"sv, "udp"sv,   "docker"sv};
}

struct CheckDefinition {
  std::string id, name, notes, service_id;
  CheckKind kind = CheckKind::ttl;
  model::Health initial = model::Health::critical;
  base::Duration ttl{0}, interval{0}, timeout{0};
  std::string http, method, body;
  std::map<std::string, std::vector<std::string>> header;
  bool disable_redirects = false;  // of http: a page that leads elsewhere is judged as it is
  std::string tcp, udp, h2ping;    // host:port
  std::string grpc;                // host:port, or host:port/service
  bool uses_tls = false;           // grpc and h2ping
  std::string alias_node;          // of alias: "" is this agent's
  std::string alias_service;       // of alias: "" is the node itself
  std::vector<std::string> args;   // script, docker: the program, and what it is given
  std::string container, shell;    // docker: where, and by what, when not by itself
  bool tls_skip_verify = false;    // any certificate will do
  std::string tls_server_name;     // whom it has to be for, when not the host
  int success_before_passing = 0, failures_before_warning = 0, failures_before_critical = 0;
  base::Duration deregister_after{0};  // of the service, once critical for so long; 0: never
  int output_max = static_cast<int>(model::check_output_max);  // bytes that are kept
  base::Unknown unknown;
  friend bool operator==(const CheckDefinition&, const CheckDefinition&) = default;
};
template <class V>
void fields(V& v, CheckDefinition& d) {
  v(1, "ID", d.id);
  v(2, "Name", d.name);
  v(3, "Notes", d.notes);
  v(4, "ServiceID", d.service_id);
  v(5, "Kind", d.kind);
  v(6, "Initial", d.initial);
  v(7, "TTL", d.ttl);
  v(8, "Interval", d.interval);
  v(9, "Timeout", d.timeout);
  v(10, "HTTP", d.http);
  v(11, "Method", d.method);
  v(12, "Body", d.body);
  v(13, "Header", d.header);
  v(14, "TCP", d.tcp);
  v(16, "AliasService", d.alias_service);
  v(17, "SuccessBeforePassing", d.success_before_passing);
  v(18, "FailuresBeforeWarning", d.failures_before_warning);
  v(19, "FailuresBeforeCritical", d.failures_before_critical);
  v(20, "DeregisterAfter", d.deregister_after);
  v(21, "Args", d.args);
  v(22, "TLSSkipVerify", d.tls_skip_verify);
  v(23, "TLSServerName", d.tls_server_name);
  v(24, "DisableRedirects", d.disable_redirects);
  v(25, "UDP", d.udp);
  v(26, "H2Ping", d.h2ping);
  v(27, "GRPC", d.grpc);
  v(28, "UsesTLS", d.uses_tls);
  v(29, "AliasNode", d.alias_node);
  v(30, "Container", d.container);
  v(31, "Shell", d.shell);
  v(32, "OutputMax", d.output_max);
  v.unknown(d.unknown);
}

}  // namespace caravan::registry
