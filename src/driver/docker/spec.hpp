// SPDX-License-Identifier: Apache-2.0
// From a task to the engine's "create a container". Pure.
#pragma once

#include "driver/docker/config.hpp"
#include "driver/driver.hpp"

namespace caravan::driver::docker {

/// The labels that say whose a container is, and which run of its task it is.
inline constexpr const char* alloc_label = "com.hashicorp.nomad.alloc_id";
inline constexpr const char* run_label = "caravan.run";

/// "<task>-<alloc id>", with what the engine does not take in names replaced.
std::string container_name(const TaskSpec& spec);
/// The container that lends it the group's network, when it joins one (network_holder.hpp).
std::string holder_name(const TaskSpec& spec);
bool joins_group_network(const TaskSpec& spec, const Config& config);

struct Bind {
  std::string source, target, options;  // options: "ro" and the like, or ""
  bool must_stay_inside = false;        // of the allocation's folder, links followed
};

/// The folders that the container gets: its own first, then those of `volumes` and of mounts of
/// type bind. Errors: invalid (a host path where the operator allows none).
base::Result<std::vector<Bind>> binds(const TaskSpec& spec, const Config& config,
                                      const Options& options);

/// What the owner of a network says of names: its hostname, its resolver, more hosts.
void add_names(json::Object& body, json::Object& host, const TaskSpec& spec, const Config& config);

/// The request's body. `binds` as they came from above, or with their links followed.
/// Errors: invalid (a port that the group does not have, capabilities).
base::Result<json::Value> create_request(const TaskSpec& spec, const Config& config,
                                         const Options& options, const std::vector<Bind>& binds,
                                         const std::string& run);

}  // namespace caravan::driver::docker
