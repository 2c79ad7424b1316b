// SPDX-License-Identifier: Apache-2.0
// What operators say about the cluster as a whole: how to schedule, who votes, which pools and
// which namespaces there are, and that everything is to be as it was at another time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/autopilot.hpp"
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

/// With an index, only when the configuration is still the one of that index.
struct SetAutopilotConfig {
  model::AutopilotConfig config;
  std::optional<std::uint64_t> expected_index;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetAutopilotConfig& c) {
  v(1, "Config", c.config);
  v(2, "ExpectedIndex", c.expected_index);
  v.unknown(c.unknown);
}

/// All servers know this version of the log, and commands up to it may be proposed. Never goes
/// back.
struct SetLogVersion {
  std::uint64_t version = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetLogVersion& c) {
  v(1, "Version", c.version);
  v.unknown(c.unknown);
}

/// Another command, which counts only if none came before it under the same request (ADR 40).
struct ApplyOnce {
  base::Uuid request;
  std::string command;  // encoded
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ApplyOnce& c) {
  v(1, "Request", c.request);
  v(2, "Command", c.command);
  v.unknown(c.unknown);
}

/// A part of a state that is to take the place of the one there is. The one at offset 0 ends
/// whatever was brought before.
struct RestorePiece {
  base::Uuid restore;  // which of them it belongs to
  std::uint64_t offset = 0;
  std::string bytes;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, RestorePiece& p) {
  v(1, "Restore", p.restore);
  v(2, "Offset", p.offset);
  v(3, "Bytes", p.bytes);
  v.unknown(p.unknown);
}

struct BringRestorePiece {
  RestorePiece piece;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, BringRestorePiece& c) {
  v(1, "Piece", c.piece);
  v.unknown(c.unknown);
}

/// The pieces take the place of everything, when they are all there.
struct RestoreState {
  base::Uuid restore;
  std::uint64_t bytes = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, RestoreState& c) {
  v(1, "Restore", c.restore);
  v(2, "Bytes", c.bytes);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
