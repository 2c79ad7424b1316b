// SPDX-License-Identifier: Apache-2.0
// Who we are to a registry: the task's own `auth` block, or the operator's config.json and
// credential helpers.
#pragma once

#include "driver/docker/config.hpp"
#include "driver/docker/image.hpp"

namespace caravan::driver::docker {

/// The header that says who pulls; "" for nobody. Errors: invalid, io (a helper failed).
io::Task<base::Result<std::string>> registry_auth(io::World& world, const ImageName& name,
                                                  const Config& config, const Options& options);

/// What a config.json knows of a registry: names and passwords, or the helper to ask ("" = none).
struct RegistryEntry {
  Credentials credentials;
  std::string helper;
};
/// Errors: invalid (an `auth` that is not base64 of NAME:PASSWORD).
base::Result<RegistryEntry> find_registry(const json::Value& file, const std::string& registry);

}  // namespace caravan::driver::docker
