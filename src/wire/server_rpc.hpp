// SPDX-License-Identifier: Apache-2.0
// What servers say to each other besides the log: requests and answers of the rpc methods, in the
// binary form.
#pragma once

#include <string>
#include <vector>

#include "wire/binary.hpp"

namespace caravan::wire {

/// A server, as it presents itself: what its gossip card says.
struct ServerInfo {
  std::uint64_t id = 0;  // in the log; drawn once and kept on its disk
  std::string name;
  std::string rpc_address, http_address;  // host:port, as others reach it
  std::string region, datacenter, version;
  base::Uuid cluster;  // nil until it belongs to one
  int expect = 0;      // bootstrap_expect
  bool has_left = false;
  std::uint64_t log_version = 1;  // the newest that it understands; see log_version.hpp
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ServerInfo& s) {
  v(1, "ID", s.id);
  v(2, "Name", s.name);
  v(3, "RPCAddress", s.rpc_address);
  v(4, "HTTPAddress", s.http_address);
  v(5, "Region", s.region);
  v(6, "Datacenter", s.datacenter);
  v(7, "Version", s.version);
  v(8, "Cluster", s.cluster);
  v(9, "Expect", s.expect);
  v(10, "HasLeft", s.has_left);
  v(11, "LogVersion", s.log_version);
  v.unknown(s.unknown);
}

/// "Server.Found": asks a server without a cluster to belong to this one. The answer is empty.
struct ServerFound {
  base::Uuid cluster;
  std::uint64_t founder = 0;
  std::vector<std::uint64_t> voters;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ServerFound& f) {
  v(1, "Cluster", f.cluster);
  v(2, "Founder", f.founder);
  v(3, "Voters", f.voters);
  v.unknown(f.unknown);
}

/// "Server.Secrets": what all servers of a cluster share and no log holds.
struct ServerSecrets {
  base::Uuid cluster;
  std::string key_encryption_key;
  std::string
      authority;  // certificate and key in PEM form; "" when the cluster has none of its own
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ServerSecrets& s) {
  v(1, "Cluster", s.cluster);
  v(2, "KeyEncryptionKey", s.key_encryption_key);
  v(3, "Authority", s.authority);
  v.unknown(s.unknown);
}

/// "Server.Status": where a server stands in the log.
struct ServerStatus {
  std::uint64_t term = 0, leader = 0, last_index = 0, applied = 0;
  base::Uuid cluster;      // nil: it belongs to none yet
  bool slow_disk = false;  // its log takes too long for one who leads
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ServerStatus& s) {
  v(1, "Term", s.term);
  v(2, "Leader", s.leader);
  v(3, "LastIndex", s.last_index);
  v(4, "Applied", s.applied);
  v(5, "Cluster", s.cluster);
  v(6, "SlowDisk", s.slow_disk);
  v.unknown(s.unknown);
}

}  // namespace caravan::wire
