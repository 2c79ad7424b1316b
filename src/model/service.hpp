// SPDX-License-Identifier: Apache-2.0
// A service that a group or task offers, and the checks that say whether it is well.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/field.hpp"

namespace caravan::model {

/// Restarts the task when the check stays unhealthy `limit` times in a row; 0 = off.
struct CheckRestart {
  int limit = 0;
  base::Duration grace = base::Duration(1'000'000'000);
  bool ignore_warnings = false;
  base::Unknown unknown;
  friend bool operator==(const CheckRestart&, const CheckRestart&) = default;
};
template <class V>
void fields(V& v, CheckRestart& c) {
  v(1, "Limit", c.limit);
  v(2, "Grace", c.grace);
  v(3, "IgnoreWarnings", c.ignore_warnings);
  v.unknown(c.unknown);
}

struct ServiceCheck {
  std::string name, type, command;
  std::vector<std::string> args;
  std::string path, protocol, port_label;
  bool expose = false;
  std::string address_mode, advertise;
  base::Duration interval{0}, timeout{0};
  std::string initial_status, notes, tls_server_name;
  bool tls_skip_verify = false;
  std::string method, body;
  std::map<std::string, std::vector<std::string>> header;
  std::optional<CheckRestart> check_restart;
  std::string grpc_service;
  bool grpc_use_tls = false;
  std::string task_name;
  int success_before_passing = 0, failures_before_critical = 0, failures_before_warning = 0;
  std::string on_update;
  base::Unknown unknown;
  friend bool operator==(const ServiceCheck&, const ServiceCheck&) = default;
};
template <class V>
void fields(V& v, ServiceCheck& c) {
  v(1, "Name", c.name);
  v(2, "Type", c.type);
  v(3, "Command", c.command);
  v(4, "Args", c.args);
  v(5, "Path", c.path);
  v(6, "Protocol", c.protocol);
  v(7, "PortLabel", c.port_label);
  v(8, "Expose", c.expose);
  v(9, "AddressMode", c.address_mode);
  v(10, "Interval", c.interval);
  v(11, "Timeout", c.timeout);
  v(12, "InitialStatus", c.initial_status);
  v(13, "Notes", c.notes);
  v(14, "TLSServerName", c.tls_server_name);
  v(15, "TLSSkipVerify", c.tls_skip_verify);
  v(16, "Method", c.method);
  v(17, "Header", c.header);
  v(18, "CheckRestart", c.check_restart);
  v(19, "GRPCService", c.grpc_service);
  v(20, "GRPCUseTLS", c.grpc_use_tls);
  v(21, "TaskName", c.task_name);
  v(22, "SuccessBeforePassing", c.success_before_passing);
  v(23, "FailuresBeforeCritical", c.failures_before_critical);
  v(24, "FailuresBeforeWarning", c.failures_before_warning);
  v(25, "Body", c.body);
  v(26, "OnUpdate", c.on_update);
  v(27, "Advertise", c.advertise, omit_empty);
  v.unknown(c.unknown);
}

struct ServiceWeights {
  int passing = 1, warning = 1;
  base::Unknown unknown;
  friend bool operator==(const ServiceWeights&, const ServiceWeights&) = default;
};
template <class V>
void fields(V& v, ServiceWeights& w) {
  v(1, "Passing", w.passing);
  v(2, "Warning", w.warning);
  v.unknown(w.unknown);
}

struct Service {
  std::string name;
  std::vector<std::string> tags, canary_tags;
  bool enable_tag_override = false;
  std::string port_label, address_mode = "auto", address, task_name;
  std::string on_update = "require_healthy", provider = "consul", cluster = "default", kind;
  std::vector<ServiceCheck> checks;
  std::optional<CheckRestart> check_restart;  // merged into the checks
  json::Value connect, identity;
  std::map<std::string, std::string> meta, canary_meta, tagged_addresses;
  std::optional<ServiceWeights> weights;
  std::string ns;
  base::Unknown unknown;
  friend bool operator==(const Service&, const Service&) = default;
};
template <class V>
void fields(V& v, Service& s) {
  v(1, "Name", s.name);
  v(2, "Tags", s.tags);
  v(3, "CanaryTags", s.canary_tags);
  v(4, "EnableTagOverride", s.enable_tag_override);
  v(5, "PortLabel", s.port_label);
  v(6, "AddressMode", s.address_mode);
  v(7, "Address", s.address);
  v(8, "TaskName", s.task_name);
  v(9, "OnUpdate", s.on_update);
  v(10, "Provider", s.provider);
  v(11, "Cluster", s.cluster);
  v(12, "Kind", s.kind, omit_empty);
  v(13, "Checks", s.checks);
  v(14, "CheckRestart", s.check_restart, omit_empty);
  v(15, "Connect", s.connect);
  v(16, "Identity", s.identity);
  v(17, "Meta", s.meta);
  v(18, "CanaryMeta", s.canary_meta);
  v(19, "TaggedAddresses", s.tagged_addresses);
  v(20, "Weights", s.weights);
  v(21, "Namespace", s.ns);
  v.unknown(s.unknown);
}

/// An instance as the catalog's native door shows it (`/v1/service/:name`).
struct ServiceRegistration {
  std::string id, service_name, ns;
  base::NodeId node_id;
  std::string datacenter, job_id;
  base::AllocId alloc_id;
  std::vector<std::string> tags;
  std::string address;
  int port = 0;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const ServiceRegistration&, const ServiceRegistration&) = default;
};
template <class V>
void fields(V& v, ServiceRegistration& s) {
  v(1, "ID", s.id);
  v(2, "ServiceName", s.service_name);
  v(3, "Namespace", s.ns);
  v(4, "NodeID", s.node_id);
  v(5, "Datacenter", s.datacenter);
  v(6, "JobID", s.job_id);
  v(7, "AllocID", s.alloc_id);
  v(8, "Tags", s.tags);
  v(9, "Address", s.address);
  v(10, "Port", s.port);
  v(11, "CreateIndex", s.create_index);
  v(12, "ModifyIndex", s.modify_index);
  v.unknown(s.unknown);
}

}  // namespace caravan::model
