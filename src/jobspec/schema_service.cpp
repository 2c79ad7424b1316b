// SPDX-License-Identifier: Apache-2.0
#include "jobspec/schema.hpp"

namespace caravan::jobspec {
namespace {

constexpr AttributeRow check_restart_attributes[] = {
    {"limit", "Limit", Kind::whole},
    {"grace", "Grace", Kind::duration},
    {"ignore_warnings", "IgnoreWarnings", Kind::boolean},
};
constinit const Schema check_restart_schema = {check_restart_attributes, {}};

constexpr AttributeRow check_attributes[] = {
    {"name", "Name"},
    {"type", "Type"},
    {"command", "Command"},
    {"args", "Args", Kind::texts},
    {"path", "Path"},
    {"protocol", "Protocol"},
    {"port", "PortLabel"},
    {"expose", "Expose", Kind::boolean},
    {"address_mode", "AddressMode"},
    {"advertise", "Advertise"},
    {"interval", "Interval", Kind::duration},
    {"timeout", "Timeout", Kind::duration},
    {"initial_status", "InitialStatus"},
    {"notes", "Notes"},
    {"tls_server_name", "TLSServerName"},
    {"tls_skip_verify", "TLSSkipVerify", Kind::boolean},
    {"method", "Method"},
    {"grpc_service", "GRPCService"},
    {"grpc_use_tls", "GRPCUseTLS", Kind::boolean},
    {"task", "TaskName"},
    {"success_before_passing", "SuccessBeforePassing", Kind::whole},
    {"failures_before_critical", "FailuresBeforeCritical", Kind::whole},
    {"failures_before_warning", "FailuresBeforeWarning", Kind::whole},
    {"body", "Body"},
    {"on_update", "OnUpdate"},
};
const BlockRow check_blocks[] = {
    {"header", "Header", Shape::texts_map},
    {"check_restart", "CheckRestart", Shape::object, &check_restart_schema},
};
constinit const Schema check_schema = {check_attributes, check_blocks};

constexpr AttributeRow weights_attributes[] = {
    {"passing", "Passing", Kind::whole},
    {"warning", "Warning", Kind::whole},
};
constinit const Schema weights_schema = {weights_attributes, {}};

constexpr AttributeRow service_attributes[] = {
    {"name", "Name"},
    {"tags", "Tags", Kind::texts},
    {"canary_tags", "CanaryTags", Kind::texts},
    {"enable_tag_override", "EnableTagOverride", Kind::boolean},
    {"port", "PortLabel"},
    {"address_mode", "AddressMode"},
    {"address", "Address"},
    {"task", "TaskName"},
    {"on_update", "OnUpdate"},
    {"provider", "Provider"},
    {"cluster", "Cluster"},
    {"kind", "Kind"},
};
const BlockRow service_blocks[] = {
    {"check", "Checks", Shape::list, &check_schema},
    {"check_restart", "CheckRestart", Shape::object, &check_restart_schema},
    {"connect", "Connect", Shape::object, &connect_schema},
    {"meta", "Meta", Shape::text_map},
    {"canary_meta", "CanaryMeta", Shape::text_map},
    {"tagged_addresses", "TaggedAddresses", Shape::text_map},
    {"identity", "Identity", Shape::object, &identity_schema},
    {"weights", "Weights", Shape::object, &weights_schema},
};

}  // namespace

constinit const Schema service_schema = {service_attributes, service_blocks};

}  // namespace caravan::jobspec
