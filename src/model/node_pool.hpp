// SPDX-License-Identifier: Apache-2.0
// A set of nodes that jobs ask for by name, with its own scheduler settings. Two are always there:
// `default`, where nodes and jobs are that name none, and `all`, which is every node.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "model/scheduler_config.hpp"

namespace caravan::model {

inline constexpr const char* pool_default = "default";
inline constexpr const char* pool_all = "all";
/// How long the identity of a node of the pool counts, unless the pool says otherwise.
inline constexpr base::Duration node_identity_ttl_default = std::chrono::hours(24);
inline bool is_built_in_pool(std::string_view name) {
  return name == pool_default || name == pool_all;
}

/// What replaces the cluster's settings for jobs of the pool, where it is set.
struct NodePoolScheduling {
  std::optional<SchedulerAlgorithm> algorithm;
  std::optional<bool> memory_oversubscription;
  base::Unknown unknown;
  friend bool operator==(const NodePoolScheduling&, const NodePoolScheduling&) = default;
};
template <class V>
void fields(V& v, NodePoolScheduling& s) {
  v(1, "SchedulerAlgorithm", s.algorithm);
  v(2, "MemoryOversubscriptionEnabled", s.memory_oversubscription);
  v.unknown(s.unknown);
}

struct NodePool {
  std::string name, description;
  std::map<std::string, std::string> meta;
  std::optional<NodePoolScheduling> scheduling;
  base::Duration node_identity_ttl = node_identity_ttl_default;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const NodePool&, const NodePool&) = default;
};
template <class V>
void fields(V& v, NodePool& p) {
  v(1, "Name", p.name);
  v(2, "Description", p.description);
  v(3, "Meta", p.meta);
  v(4, "SchedulerConfiguration", p.scheduling);
  v(5, "CreateIndex", p.create_index);
  v(6, "ModifyIndex", p.modify_index);
  v(7, "NodeIdentityTTL", p.node_identity_ttl);
  v.unknown(p.unknown);
}

/// The pool that is there without anybody having made it. Precondition: is_built_in_pool().
NodePool built_in_pool(std::string_view name);

/// What is wrong with it, "" when nothing is.
std::string complaint(const NodePool& pool);

}  // namespace caravan::model
