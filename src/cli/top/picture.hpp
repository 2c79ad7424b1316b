// SPDX-License-Identifier: Apache-2.0
// The cluster at one moment, made of the API's answers: what `top` shows. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"

namespace caravan::cli::top {

/// What hurts comes first.
enum class Health { bad, waiting, well, ended };

/// What tasks really use. Absent: nobody could say.
struct Use {
  std::optional<double> cpu_mhz, memory_bytes;
  friend bool operator==(const Use&, const Use&) = default;
};

/// By the allocation's id; those that could not be asked are missing.
using UseByAlloc = std::map<std::string, Use, std::less<>>;

struct NodeRow {
  std::string id, name, datacenter;
  std::string status;  // ready, down, disconnected, initializing; of a ready node also draining
                       // and ineligible
  std::int64_t cpu_mhz = 0, cpu_mhz_allocated = 0;
  std::int64_t memory_mb = 0, memory_mb_allocated = 0;
  std::size_t running = 0;
  Use use;  // of its allocations together
  Health health = Health::well;
};

struct GroupCount {
  std::string name;
  std::size_t running = 0, desired = 0;
};

struct JobRow {
  std::string ns, id, type;
  std::string status;      // running, pending, dead, and "stopped" for what somebody stopped
  std::string deployment;  // the newest one's status, or ""
  std::vector<GroupCount> groups;
  std::int64_t cpu_mhz = 0, memory_mb = 0;  // asked for by its allocations
  Use use;
  Health health = Health::well;

  std::size_t running() const;
  std::size_t desired() const;
};

struct AllocRow {
  std::string id, name, ns, job, node;
  std::string status;  // the client's; "stopping" while it runs and should not
  std::int64_t cpu_mhz = 0, memory_mb = 0;
  std::int64_t modified_ns = 0;
  Use use;
  Health health = Health::well;
};

struct Picture {
  std::string region, ns;
  std::string leader;  // its name, or its address when it is no member; "" without one
  std::size_t servers_alive = 0, servers = 0;
  std::size_t nodes_ready = 0;  // to take work
  std::size_t allocs_running = 0, allocs_pending = 0, allocs_failed = 0, evals_blocked = 0;
  std::vector<NodeRow> nodes;
  std::vector<JobRow> jobs;
  std::vector<AllocRow> allocs;      // those that run or should
  std::vector<std::string> refused;  // what the token may not see: "nodes", "servers"
};

/// What the API said; null where the token may not see it.
struct Answers {
  json::Value leader, members, nodes, jobs, allocs, deployments, evals;
  std::vector<std::string> refused;
};

/// `ns`: the namespace whose allocations are shown, "*" for all; those of others count only for
/// their nodes. `region` may be "": then it is the one of the agent that was asked.
Picture picture_of(const Answers& answers, const UseByAlloc& use, const std::string& region,
                   const std::string& ns);

/// Of the API's list of allocations, those that run: their use can be asked for.
std::vector<std::string> running_ids(const json::Value& allocs);

json::Value to_json(const Picture& picture);

}  // namespace caravan::cli::top
