// SPDX-License-Identifier: Apache-2.0
// What operators say about the cluster as a whole: how to schedule, which pools and which
// namespaces there are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/namespace.hpp"
#include "model/node_pool.hpp"
#include "model/quota.hpp"
#include "model/scheduler_config.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// With an index, only when the configuration is still the one of that index.
struct SetSchedulerConfig {
  model::SchedulerConfig config;
  std::optional<std::uint64_t> expected_index;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetSchedulerConfig& c) {
  v(1, "Config", c.config);
  v(2, "ExpectedIndex", c.expected_index);
  v.unknown(c.unknown);
}

struct UpsertNodePools {
  std::vector<model::NodePool> pools;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertNodePools& c) {
  v(1, "Pools", c.pools);
  v.unknown(c.unknown);
}

/// Pools that are in use by then stay.
struct DeleteNodePools {
  std::vector<std::string> names;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteNodePools& c) {
  v(1, "Names", c.names);
  v.unknown(c.unknown);
}

struct UpsertNamespaces {
  std::vector<model::Namespace> namespaces;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertNamespaces& c) {
  v(1, "Namespaces", c.namespaces);
  v.unknown(c.unknown);
}

/// Those that have jobs by then stay.
struct DeleteNamespaces {
  std::vector<std::string> names;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteNamespaces& c) {
  v(1, "Names", c.names);
  v.unknown(c.unknown);
}

struct UpsertQuotas {
  std::vector<model::Quota> quotas;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertQuotas& c) {
  v(1, "Quotas", c.quotas);
  v.unknown(c.unknown);
}

/// Those that a namespace names by then stay.
struct DeleteQuotas {
  std::vector<std::string> names;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteQuotas& c) {
  v(1, "Names", c.names);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
