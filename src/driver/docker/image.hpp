// SPDX-License-Identifier: Apache-2.0
// Images: names, and how one comes to this node.
#pragma once

#include "driver/docker/api.hpp"
#include "driver/docker/config.hpp"
#include "driver/driver.hpp"

namespace caravan::driver::docker {

/// "registry:5000/team/app:1.2" or "app@sha256:…" in its parts.
struct ImageName {
  std::string repository;  // with the registry
  std::string tag;         // "latest" when neither tag nor digest is named
  std::string digest;      // "sha256:…" or ""
  /// "docker.io" when the name tells none.
  std::string registry() const;
  /// What the tag names may have changed since it was fetched.
  bool is_latest() const { return digest.empty() && tag == "latest"; }
};

ImageName parse_image(std::string_view name);

/// Makes the task's image present: from the task's own archive, from what the engine has, or from
/// its registry. Errors: invalid (there is no such image, bad name), io, timeout.
io::Task<base::Status> provide_image(Api& api, const TaskSpec& spec, const Config& config,
                                     const Options& options, const Tell& tell);

}  // namespace caravan::driver::docker
