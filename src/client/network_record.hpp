// SPDX-License-Identifier: Apache-2.0
// What a node writes down of an allocation's network, before it makes any of it: enough to take all
// of it down again, whatever has become of the agent, its configuration or the allocation
// meanwhile. A folder per allocation, apart from the allocation's own, which may be forgotten
// first.
#pragma once

#include <map>

#include "base/id.hpp"
#include "io/world.hpp"
#include "model/field.hpp"

namespace caravan::client {

/// A port of the host that leads to one inside.
struct PublishedPort {
  int host = 0, inside = 0;
  std::string host_ip;  // "" = every address of the host
  base::Unknown unknown;
  friend bool operator==(const PublishedPort&, const PublishedPort&) = default;
};
template <class V>
void fields(V& v, PublishedPort& p) {
  v(1, "Host", p.host);
  v(2, "Inside", p.inside);
  v(3, "HostIP", p.host_ip);
  v.unknown(p.unknown);
}

struct NetworkRecord {
  base::AllocId alloc_id;
  std::string mode;            // as in the job
  std::string namespace_path;  // "" in mode host
  std::string boot_id;         // of the kernel that has the namespace
  std::string conflist;        // JSON; "" when no plugin takes part
  std::map<std::string, std::string> args;
  std::vector<PublishedPort> ports;
  bool ready = false;  // all of it was made
  std::string result;  // JSON, what the last plugin said
  int failed_removals = 0;
  base::Unknown unknown;
  friend bool operator==(const NetworkRecord&, const NetworkRecord&) = default;
};
template <class V>
void fields(V& v, NetworkRecord& r) {
  v(1, "AllocID", r.alloc_id);
  v(2, "Mode", r.mode);
  v(3, "NamespacePath", r.namespace_path);
  v(4, "BootID", r.boot_id);
  v(5, "Conflist", r.conflist);
  v(6, "Args", r.args);
  v(7, "Ports", r.ports);
  v(8, "Ready", r.ready);
  v(9, "Result", r.result);
  v(10, "FailedRemovals", r.failed_removals);
  v.unknown(r.unknown);
}

class NetworkRecords {
 public:
  NetworkRecords(io::Disk& disk, std::string folder, io::Logger log);

  /// Every record there is; one that cannot be read is logged and left.
  std::vector<NetworkRecord> all();
  /// Errors: not_found, invalid, io.
  base::Result<NetworkRecord> find(const base::AllocId& alloc);
  io::Task<base::Status> save(const NetworkRecord& record);
  void forget(const base::AllocId& alloc);
  /// The allocation's folder, for files that go with its network.
  std::string folder(const base::AllocId& alloc) const;

 private:
  io::Disk& disk_;
  std::string folder_;
  io::Logger log_;
};

}  // namespace caravan::client
