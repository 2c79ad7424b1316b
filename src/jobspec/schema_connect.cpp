// SPDX-License-Identifier: Apache-2.0
// Consul's service mesh, as jobs ask for it.
#include "jobspec/schema.hpp"

namespace caravan::jobspec {
namespace {

constexpr AttributeRow path_attributes[] = {
    {"path", "Path"},
    {"protocol", "Protocol"},
    {"local_path_port", "LocalPathPort", Kind::whole},
    {"listener_port", "ListenerPort"},
};
constinit const Schema path_schema = {path_attributes, {}};
const BlockRow expose_blocks[] = {{"path", "Paths", Shape::list, &path_schema}};
constinit const Schema expose_schema = {{}, expose_blocks};

constexpr AttributeRow mesh_gateway_attributes[] = {{"mode", "Mode"}};
constinit const Schema mesh_gateway_schema = {mesh_gateway_attributes, {}};
constexpr AttributeRow upstream_attributes[] = {
    {"destination_name", "DestinationName"},
    {"destination_namespace", "DestinationNamespace"},
    {"destination_peer", "DestinationPeer"},
    {"destination_partition", "DestinationPartition"},
    {"destination_type", "DestinationType"},
    {"local_bind_port", "LocalBindPort", Kind::whole},
    {"datacenter", "Datacenter"},
    {"local_bind_address", "LocalBindAddress"},
    {"local_bind_socket_path", "LocalBindSocketPath"},
    {"local_bind_socket_mode", "LocalBindSocketMode"},
};
const BlockRow upstream_blocks[] = {
    {"mesh_gateway", "MeshGateway", Shape::object, &mesh_gateway_schema},
    {"config", "Config", Shape::free_form},
};
constinit const Schema upstream_schema = {upstream_attributes, upstream_blocks};

constexpr AttributeRow transparent_proxy_attributes[] = {
    {"uid", "UID"},
    {"outbound_port", "OutboundPort", Kind::whole},
    {"exclude_inbound_ports", "ExcludeInboundPorts", Kind::texts},
    {"exclude_outbound_ports", "ExcludeOutboundPorts", Kind::wholes},
    {"exclude_outbound_cidrs", "ExcludeOutboundCIDRs", Kind::texts},
    {"exclude_uids", "ExcludeUIDs", Kind::texts},
    {"no_dns", "NoDNS", Kind::boolean},
};
constinit const Schema transparent_proxy_schema = {transparent_proxy_attributes, {}};

constexpr AttributeRow proxy_attributes[] = {
    {"local_service_address", "LocalServiceAddress"},
    {"local_service_port", "LocalServicePort", Kind::whole},
};
const BlockRow proxy_blocks[] = {
    {"expose", "Expose", Shape::object, &expose_schema},
    {"upstreams", "Upstreams", Shape::list, &upstream_schema},
    {"transparent_proxy", "TransparentProxy", Shape::object, &transparent_proxy_schema},
    {"config", "Config", Shape::free_form},
};
constinit const Schema proxy_schema = {proxy_attributes, proxy_blocks};

constexpr AttributeRow sidecar_service_attributes[] = {
    {"tags", "Tags", Kind::texts},
    {"port", "Port"},
    {"disable_default_tcp_check", "DisableDefaultTCPCheck", Kind::boolean},
};
const BlockRow sidecar_service_blocks[] = {
    {"proxy", "Proxy", Shape::object, &proxy_schema},
    {"meta", "Meta", Shape::text_map},
};
constinit const Schema sidecar_service_schema = {sidecar_service_attributes,
                                                 sidecar_service_blocks};

constexpr AttributeRow sidecar_task_attributes[] = {
    {"name", "Name"},
    {"driver", "Driver"},
    {"user", "User"},
    {"kill_timeout", "KillTimeout", Kind::duration},
    {"shutdown_delay", "ShutdownDelay", Kind::duration},
    {"kill_signal", "KillSignal"},
};
const BlockRow sidecar_task_blocks[] = {
    {"config", "Config", Shape::free_form},
    {"env", "Env", Shape::text_map},
    {"resources", "Resources", Shape::object, &resources_schema},
    {"meta", "Meta", Shape::text_map},
    {"logs", "LogConfig", Shape::object, &logs_schema},
    {"volume_mount", "VolumeMounts", Shape::list, &volume_mount_schema},
    {"identity", "Identities", Shape::list, &identity_schema},
};
constinit const Schema sidecar_task_schema = {sidecar_task_attributes, sidecar_task_blocks};

constexpr AttributeRow bind_address_attributes[] = {
    {"address", "Address"},
    {"port", "Port", Kind::whole},
};
constinit const Schema bind_address_schema = {bind_address_attributes, {}};
constexpr AttributeRow gateway_proxy_attributes[] = {
    {"connect_timeout", "ConnectTimeout", Kind::duration},
    {"envoy_gateway_bind_tagged_addresses", "EnvoyGatewayBindTaggedAddresses", Kind::boolean},
    {"envoy_gateway_no_default_bind", "EnvoyGatewayNoDefaultBind", Kind::boolean},
    {"envoy_dns_discovery_type", "EnvoyDNSDiscoveryType"},
};
const BlockRow gateway_proxy_blocks[] = {
    {"envoy_gateway_bind_addresses", "EnvoyGatewayBindAddresses", Shape::labelled_map,
     &bind_address_schema, "Name"},
    {"config", "Config", Shape::free_form},
};
constinit const Schema gateway_proxy_schema = {gateway_proxy_attributes, gateway_proxy_blocks};

constexpr AttributeRow sds_attributes[] = {
    {"cluster_name", "ClusterName"},
    {"cert_resource", "CertResource"},
};
constinit const Schema sds_schema = {sds_attributes, {}};
constexpr AttributeRow tls_attributes[] = {
    {"enabled", "Enabled", Kind::boolean},
    {"tls_min_version", "TLSMinVersion"},
    {"tls_max_version", "TLSMaxVersion"},
    {"cipher_suites", "CipherSuites", Kind::texts},
};
const BlockRow tls_blocks[] = {{"sds", "SDS", Shape::object, &sds_schema}};
constinit const Schema tls_schema = {tls_attributes, tls_blocks};

constexpr AttributeRow headers_attributes[] = {{"remove", "Remove", Kind::texts}};
const BlockRow headers_blocks[] = {
    {"add", "Add", Shape::text_map},
    {"set", "Set", Shape::text_map},
};
constinit const Schema headers_schema = {headers_attributes, headers_blocks};

constexpr AttributeRow ingress_service_attributes[] = {
    {"name", "Name"},
    {"hosts", "Hosts", Kind::texts},
    {"max_connections", "MaxConnections", Kind::whole},
    {"max_pending_requests", "MaxPendingRequests", Kind::whole},
    {"max_concurrent_requests", "MaxConcurrentRequests", Kind::whole},
};
const BlockRow ingress_service_blocks[] = {
    {"tls", "TLS", Shape::object, &tls_schema},
    {"request_headers", "RequestHeaders", Shape::object, &headers_schema},
    {"response_headers", "ResponseHeaders", Shape::object, &headers_schema},
};
constinit const Schema ingress_service_schema = {ingress_service_attributes,
                                                 ingress_service_blocks};
constexpr AttributeRow listener_attributes[] = {
    {"port", "Port", Kind::whole},
    {"protocol", "Protocol"},
};
const BlockRow listener_blocks[] = {
    {"service", "Services", Shape::list, &ingress_service_schema},
};
constinit const Schema listener_schema = {listener_attributes, listener_blocks};
const BlockRow ingress_blocks[] = {
    {"tls", "TLS", Shape::object, &tls_schema},
    {"listener", "Listeners", Shape::list, &listener_schema},
};
constinit const Schema ingress_schema = {{}, ingress_blocks};

constexpr AttributeRow linked_service_attributes[] = {
    {"name", "Name"},        {"ca_file", "CAFile"}, {"cert_file", "CertFile"},
    {"key_file", "KeyFile"}, {"sni", "SNI"},
};
constinit const Schema linked_service_schema = {linked_service_attributes, {}};
const BlockRow terminating_blocks[] = {
    {"service", "Services", Shape::list, &linked_service_schema},
};
constinit const Schema terminating_schema = {{}, terminating_blocks};
constinit const Schema mesh_schema = {{}, {}};

const BlockRow gateway_blocks[] = {
    {"proxy", "Proxy", Shape::object, &gateway_proxy_schema},
    {"ingress", "Ingress", Shape::object, &ingress_schema},
    {"terminating", "Terminating", Shape::object, &terminating_schema},
    {"mesh", "Mesh", Shape::object, &mesh_schema},
};
constinit const Schema gateway_schema = {{}, gateway_blocks};

constexpr AttributeRow connect_attributes[] = {{"native", "Native", Kind::boolean}};
const BlockRow connect_blocks[] = {
    {"gateway", "Gateway", Shape::object, &gateway_schema},
    {"sidecar_service", "SidecarService", Shape::object, &sidecar_service_schema},
    {"sidecar_task", "SidecarTask", Shape::object, &sidecar_task_schema},
};

}  // namespace

constinit const Schema connect_schema = {connect_attributes, connect_blocks};

}  // namespace caravan::jobspec
