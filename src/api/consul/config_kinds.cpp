// SPDX-License-Identifier: Apache-2.0
// Source: the public documentation of each kind.
#include "api/consul/config_shape.hpp"

namespace caravan::api::consul {
namespace {

using enum ConfigMember::Shape;
using Member = ConfigMember;

constexpr std::string_view protocols = "tcp|http|http2|grpc";
constexpr std::string_view actions = "allow|deny";
/// There is one, and it may be named.
constexpr Member name_space = {"Namespace", text, {}, "default"};

constexpr Member mesh_gateway[] = {{"Mode", text, {}, "none|local|remote"}};
constexpr Member expose_path[] = {{"ListenerPort", whole_number},
                                  {"Path", text},
                                  {"LocalPathPort", whole_number},
                                  {"Protocol", text, {}, "http|http2"}};
constexpr Member expose[] = {{"Checks", flag}, {"Paths", objects, expose_path}};

constexpr Member service_defaults[] = {{"Protocol", text, {}, protocols},
                                       {"MeshGateway", object, mesh_gateway, "", true},
                                       {"Expose", object, expose, "", true},
                                       {"ExternalSNI", text},
                                       {"Meta", text_map}};

constexpr Member proxy_defaults[] = {{"Config", free},
                                     {"MeshGateway", object, mesh_gateway, "", true},
                                     {"Expose", object, expose, "", true},
                                     {"Meta", text_map}};

constexpr Member match_header[] = {{"Name", text},   {"Present", flag}, {"Exact", text},
                                   {"Prefix", text}, {"Suffix", text},  {"Regex", text},
                                   {"Invert", flag}};
constexpr Member match_parameter[] = {
    {"Name", text}, {"Present", flag}, {"Exact", text}, {"Regex", text}};
constexpr Member route_match_http[] = {{"PathExact", text},
                                       {"PathPrefix", text},
                                       {"PathRegex", text},
                                       {"Header", objects, match_header},
                                       {"QueryParam", objects, match_parameter},
                                       {"Methods", texts}};
constexpr Member route_match[] = {{"HTTP", object, route_match_http}};
constexpr Member route_destination[] = {{"Service", text},
                                        {"ServiceSubset", text},
                                        name_space,
                                        {"PrefixRewrite", text},
                                        {"RequestTimeout", duration},
                                        {"NumRetries", whole_number},
                                        {"RetryOnConnectFailure", flag},
                                        {"RetryOnStatusCodes", numbers}};
constexpr Member route[] = {{"Match", object, route_match},
                            {"Destination", object, route_destination}};
constexpr Member service_router[] = {{"Routes", objects, route}, {"Meta", text_map}};

constexpr Member split[] = {
    {"Weight", number}, {"Service", text}, {"ServiceSubset", text}, name_space};
constexpr Member service_splitter[] = {{"Splits", objects, split}, {"Meta", text_map}};

constexpr Member subset[] = {{"Filter", text}, {"OnlyPassing", flag}};
constexpr Member redirect[] = {
    {"Service", text}, {"ServiceSubset", text}, name_space, {"Datacenter", text}};
constexpr Member failover[] = {
    {"Service", text}, {"ServiceSubset", text}, name_space, {"Datacenters", texts}};
constexpr Member ring_hash[] = {{"MinimumRingSize", whole_number},
                                {"MaximumRingSize", whole_number}};
constexpr Member least_request[] = {{"ChoiceCount", whole_number}};
constexpr Member cookie[] = {{"Session", flag}, {"TTL", duration}, {"Path", text}};
constexpr Member hash_policy[] = {{"Field", text, {}, "header|cookie|query_parameter"},
                                  {"FieldValue", text},
                                  {"CookieConfig", object, cookie},
                                  {"SourceIP", flag},
                                  {"Terminal", flag}};
constexpr Member load_balancer[] = {
    {"Policy", text, {}, "random|round_robin|least_request|ring_hash|maglev"},
    {"RingHashConfig", object, ring_hash},
    {"LeastRequestConfig", object, least_request},
    {"HashPolicies", objects, hash_policy}};
constexpr Member service_resolver[] = {{"DefaultSubset", text},
                                       {"Subsets", object_map, subset},
                                       {"Redirect", object, redirect},
                                       {"Failover", object_map, failover},
                                       {"ConnectTimeout", duration},
                                       {"LoadBalancer", object, load_balancer},
                                       {"Meta", text_map}};

constexpr Member listener_tls[] = {{"Enabled", flag}};
constexpr Member listener_service[] = {{"Name", text}, {"Hosts", texts}, name_space};
constexpr Member listener[] = {{"Port", whole_number},
                               {"Protocol", text, {}, protocols},
                               {"Services", objects, listener_service}};
constexpr Member ingress_gateway[] = {{"TLS", object, listener_tls, "", true},
                                      {"Listeners", objects, listener},
                                      {"Meta", text_map}};

constexpr Member linked_service[] = {{"Name", text},     name_space, {"CAFile", text},
                                     {"CertFile", text}, {"KeyFile", text},   {"SNI", text}};
constexpr Member terminating_gateway[] = {{"Services", objects, linked_service},
                                          {"Meta", text_map}};

constexpr Member permission_http[] = {{"PathExact", text},
                                      {"PathPrefix", text},
                                      {"PathRegex", text},
                                      {"Header", objects, match_header},
                                      {"Methods", texts}};
constexpr Member permission[] = {{"Action", text, {}, actions},
                                 {"HTTP", object, permission_http}};
constexpr Member source[] = {{"Name", text},
                             {"Action", text, {}, actions},
                             {"Permissions", objects, permission},
                             {"Precedence", whole_number},
                             {"Type", text, {}, "consul"},
                             {"Description", text},
                             name_space,
                             {"LegacyID", text},
                             {"LegacyMeta", text_map},
                             {"LegacyCreateTime", text},
                             {"LegacyUpdateTime", text}};
constexpr Member service_intentions[] = {{"Sources", objects, source}, {"Meta", text_map}};

}  // namespace

std::span<const ConfigMember> config_members(model::ConfigKind kind) {
  switch (kind) {
    case model::ConfigKind::service_defaults:
      return service_defaults;
    case model::ConfigKind::proxy_defaults:
      return proxy_defaults;
    case model::ConfigKind::service_router:
      return service_router;
    case model::ConfigKind::service_splitter:
      return service_splitter;
    case model::ConfigKind::service_resolver:
      return service_resolver;
    case model::ConfigKind::ingress_gateway:
      return ingress_gateway;
    case model::ConfigKind::terminating_gateway:
      return terminating_gateway;
    case model::ConfigKind::service_intentions:
      return service_intentions;
  }
  return {};
}

std::string_view config_without_effect(model::ConfigKind kind) {
  switch (kind) {
    case model::ConfigKind::service_intentions:
      return "";
    case model::ConfigKind::ingress_gateway:
    case model::ConfigKind::terminating_gateway:
      return "has no effect yet: there are no gateways of the mesh";
    default:
      return "has no effect yet: there are no proxies that would follow it";
  }
}

}  // namespace caravan::api::consul
