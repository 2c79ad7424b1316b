// SPDX-License-Identifier: Apache-2.0
// Services of an allocation as the catalog shows them. Pure.
#pragma once

#include "model/allocation.hpp"
#include "model/catalog.hpp"

namespace caravan::client {

/// `owner`: the task's name, or "group-<group>".
model::ServiceRegistration registration(const model::Allocation& alloc, const model::Node& node,
                                        const std::string& owner, const model::Service& service,
                                        const std::string& region);

/// The same in the registry: with what only that knows.
model::CatalogService catalog_service(const model::Allocation& alloc, const model::Node& node,
                                      const std::string& owner, const model::Service& service,
                                      const std::string& region);

/// Whether any service of the group goes to the native catalog.
bool has_services(const model::TaskGroup& group);

}  // namespace caravan::client
