// SPDX-License-Identifier: Apache-2.0
// What a node asks of the servers so that its tasks, and itself, can prove what they are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "wire/binary.hpp"

namespace caravan::wire {

/// "Node.Identities"
struct IdentitiesRequest {
  base::NodeId node_id;
  base::Uuid secret_id;
  base::AllocId alloc_id;
  std::string task;
  std::vector<std::string> names;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, IdentitiesRequest& r) {
  v(1, "NodeID", r.node_id);
  v(2, "SecretID", r.secret_id);
  v(3, "AllocID", r.alloc_id);
  v(4, "Task", r.task);
  v(5, "Names", r.names);
  v.unknown(r.unknown);
}

struct IdentitiesReply {
  std::map<std::string, std::string> tokens;  // by the identity's name
  base::Unknown unknown;
};
template <class V>
void fields(V& v, IdentitiesReply& r) {
  v(1, "Tokens", r.tokens);
  v.unknown(r.unknown);
}

/// "Node.Identity"
struct NodeIdentityRequest {
  base::NodeId node_id;
  base::Uuid secret_id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeIdentityRequest& r) {
  v(1, "NodeID", r.node_id);
  v(2, "SecretID", r.secret_id);
  v.unknown(r.unknown);
}

struct NodeIdentityReply {
  std::string token;
  base::Duration ttl{0};
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeIdentityReply& r) {
  v(1, "Token", r.token);
  v(2, "TTL", r.ttl);
  v.unknown(r.unknown);
}

}  // namespace caravan::wire
