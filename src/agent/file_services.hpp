// SPDX-License-Identifier: Apache-2.0
// The services and checks that a `consul agent` has from its files. Pure.
#pragma once

#include "config/catalog_config.hpp"
#include "registry/registry.hpp"

namespace caravan::agent {

/// Errors: invalid (which definition, and what is wrong with it: also two of one id, and a check
/// of a service that no file has), unsupported (a script where scripts of files are not allowed).
base::Result<std::vector<registry::Resident>> file_services(const config::CatalogConfig& catalog);

}  // namespace caravan::agent
