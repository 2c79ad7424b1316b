// SPDX-License-Identifier: Apache-2.0
// The registry's entries as its API shows them.
#pragma once

#include "api/query.hpp"
#include "catalog/instances.hpp"

namespace caravan::api::consul {

json::Object node_json(const model::CatalogNode& node, const std::string& datacenter);
/// As `health` and `catalog/node` show it.
json::Object service_json(const model::CatalogService& service);
/// As the agent shows its own: without indexes and what is for sidecars.
json::Object own_service_json(const model::CatalogService& service);
/// Node and service in one, as `catalog/service` shows them.
json::Object flat_json(const catalog::Instance& instance, const std::string& datacenter);
json::Object check_json(const model::CatalogCheck& check);
json::Object event_json(const model::UserEvent& event);
json::Object place_json(const model::Coordinate& place);
json::Object instance_json(const catalog::Instance& instance, const std::string& datacenter);

/// Those that ?filter= lets through. Errors: invalid.
base::Result<json::Object> filtered(const Call& call, json::Object rows);
base::Result<View> filtered(const Call& call, json::Array rows, std::uint64_t index);
/// The rows of the node that is named come first, and then those of the nearest ones, as far as is
/// known how far they are; the others keep their order. "_agent" is `asked`, whom the request came
/// to. `near`: of ?near= or of a prepared query; "" names nobody.
void sort_near(const state::Tables& tables, const std::string& near, const std::string& asked,
               json::Array& rows);
void sort_near(const Call& call, const state::Tables& tables, const std::string& asked,
               json::Array& rows);
/// Whether the node has every ?node-meta=key:value.
bool has_node_meta(const Call& call, const model::CatalogNode& node);

/// Done, and nothing to say about it.
Answer empty_answer();

/// The body, whose members are known by these names whatever their case. Errors: invalid, with the
/// words that clients of the registry know.
base::Result<json::Object> body_of(const Call& call);

}  // namespace caravan::api::consul
