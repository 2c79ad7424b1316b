// SPDX-License-Identifier: Apache-2.0
// What nodes and servers say to each other: requests and answers of the rpc methods, in the binary
// form.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "wire/command.hpp"

namespace caravan::wire {

/// "Node.Register"
struct NodeRegisterRequest {
  model::Node node;
  std::string introduction;  // a token, for servers that do not know the node; "" when it has none
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeRegisterRequest& r) {
  v(1, "Node", r.node);
  v(2, "Introduction", r.introduction);
  v.unknown(r.unknown);
}

struct NodeHeartbeatReply {
  base::Duration ttl{0};  // beat again within this time
  std::uint64_t index = 0;
  std::vector<std::string> servers;  // host:port of those that can be asked
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeHeartbeatReply& r) {
  v(1, "TTL", r.ttl);
  v(2, "Index", r.index);
  v(3, "Servers", r.servers);
  v.unknown(r.unknown);
}

/// "Node.Heartbeat". An unknown node is told so (not_found) and registers anew.
struct NodeHeartbeatRequest {
  base::NodeId node_id;
  base::Uuid secret_id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeHeartbeatRequest& r) {
  v(1, "NodeID", r.node_id);
  v(2, "SecretID", r.secret_id);
  v.unknown(r.unknown);
}

/// "Node.Allocs": waits until the node's allocations differ from what it knows. A node says `since`
/// which index it knows them all, or, at first and when it is asked to, which ones it knows.
struct NodeAllocsRequest {
  base::NodeId node_id;
  base::Uuid secret_id;
  std::map<std::string, std::uint64_t> known;  // allocation id → the alloc_modify_index it has
  base::Duration wait{0};
  std::uint64_t since = 0;     // the index of the last answer; 0: `known` tells
  std::uint64_t restored = 0;  // as the last answer said
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeAllocsRequest& r) {
  v(1, "NodeID", r.node_id);
  v(2, "SecretID", r.secret_id);
  v(3, "Known", r.known);
  v(4, "Wait", r.wait);
  v(5, "Since", r.since);
  v(6, "Restored", r.restored);
  v.unknown(r.unknown);
}

struct NodeAllocsReply {
  std::vector<model::Job> jobs;  // the versions that `changed` points at
  std::vector<model::Allocation> changed;
  std::vector<base::AllocId> removed;  // collected: the node may forget them
  std::uint64_t index = 0;
  bool tell_known = false;  // some were collected since: the node is to say which ones it knows
  /// When the servers' state was restored last. With another one than before `changed` is all there
  /// is, and what the node has reported may be forgotten.
  std::uint64_t restored = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeAllocsReply& r) {
  v(1, "Jobs", r.jobs);
  v(2, "Changed", r.changed);
  v(3, "Removed", r.removed);
  v(4, "Index", r.index);
  v(5, "TellKnown", r.tell_known);
  v(6, "Restored", r.restored);
  v.unknown(r.unknown);
}

/// The same reply of nouns that are encoded already: a job version goes to many nodes.
struct EncodedAllocsReply {
  std::string jobs, changed;  // each with its length before it
  std::vector<base::AllocId> removed;
  std::uint64_t index = 0;
  bool tell_known = false;
  std::uint64_t restored = 0;
  base::Unknown unknown;

  bool says_something(const NodeAllocsRequest& to) const {
    return !changed.empty() || !removed.empty() || tell_known || restored != to.restored;
  }
};
template <class V>
void fields(V& v, EncodedAllocsReply& r) {
  v(1, "Jobs", r.jobs);
  v(2, "Changed", r.changed);
  v(3, "Removed", r.removed);
  v(4, "Index", r.index);
  v(5, "TellKnown", r.tell_known);
  v(6, "Restored", r.restored);
  v.unknown(r.unknown);
}

/// Decodes the reply: the jobs in it resolve the allocations in it. Errors: invalid.
base::Result<NodeAllocsReply> decode_allocs_reply(std::string_view bytes);

/// "Node.UpdateAllocs"
struct NodeReportRequest {
  base::NodeId node_id;
  base::Uuid secret_id;
  std::vector<AllocReport> reports;
  std::uint64_t restored = 0;  // as the last answer about allocations said
  std::uint64_t number = 0;    // grows from one to the next, also over the agent's end
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeReportRequest& r) {
  v(1, "NodeID", r.node_id);
  v(2, "SecretID", r.secret_id);
  v(3, "Reports", r.reports);
  v(4, "Restored", r.restored);
  v(5, "Number", r.number);
  v.unknown(r.unknown);
}

/// "Node.SetServices"
struct NodeServicesRequest {
  base::Uuid secret_id;
  SetAllocServices set;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, NodeServicesRequest& r) {
  v(1, "SecretID", r.secret_id);
  v(2, "Set", r.set);
  v.unknown(r.unknown);
}

/// Asked of a node: "Node.Who", which it answers with a NodeHeartbeatRequest; "Alloc.Restart",
/// "Alloc.Signal", "Alloc.Stats", "Alloc.Checks", "Fs.List", "Fs.Stat", and the streams "Fs.Cat",
/// "Fs.Logs", "Alloc.Exec".
struct AllocRequest {
  base::AllocId alloc_id;
  std::string task;      // "" = all
  std::string argument;  // a signal, a path, …
  bool all_tasks = false;
  std::vector<std::string> command;
  bool tty = false, follow = false, from_end = false;
  std::int64_t offset = 0, limit = 0;
  std::string stream;  // stdout or stderr
  base::Unknown unknown;
};
template <class V>
void fields(V& v, AllocRequest& r) {
  v(1, "AllocID", r.alloc_id);
  v(2, "Task", r.task);
  v(3, "Argument", r.argument);
  v(4, "AllTasks", r.all_tasks);
  v(5, "Command", r.command);
  v(6, "TTY", r.tty);
  v(7, "Follow", r.follow);
  v(8, "FromEnd", r.from_end);
  v(9, "Offset", r.offset);
  v(10, "Limit", r.limit);
  v(11, "Stream", r.stream);
  v.unknown(r.unknown);
}

}  // namespace caravan::wire
