// SPDX-License-Identifier: Apache-2.0
// What somebody wants to register, read from its JSON: names in any case, durations as texts.
#pragma once

#include "json/value.hpp"
#include "registry/check_definition.hpp"
#include "wire/catalog_commands.hpp"

namespace caravan::api::consul {

/// Of `catalog/register`. Errors: invalid.
base::Result<wire::CatalogPut> registration_of(json::Object body);
/// Of `catalog/deregister`. Errors: invalid.
base::Result<wire::CatalogErase> removal_of(json::Object body);

/// What a transaction says of a node, a service or a check, its index among it. Of what is only
/// read or taken away, the name or id is enough. Errors: invalid.
base::Result<model::CatalogNode> node_of(json::Object body, bool is_whole);
base::Result<model::CatalogService> service_of(json::Object body, bool is_whole);
base::Result<model::CatalogCheck> check_of(json::Object body);

struct OwnRegistration {
  model::CatalogService service;
  std::vector<registry::CheckDefinition> checks;
};
/// Of `agent/service/register`: a member that is not known is refused. Errors: invalid.
base::Result<OwnRegistration> own_registration_of(json::Object body);
/// Of `agent/check/register`. Errors: invalid, unsupported (a kind that is not built).
base::Result<registry::CheckDefinition> check_definition_of(json::Object body);

/// "passing", "warning", "critical", and the short forms of them. Errors: invalid.
base::Result<model::Health> health_of(std::string_view text);

}  // namespace caravan::api::consul
