// SPDX-License-Identifier: Apache-2.0
// What allocations sum up to, of a node or of a job. Pure.
#pragma once

#include "cli/top/picture.hpp"

namespace caravan::cli::top {

/// Allocations of one group.
struct GroupLoad {
  std::size_t running = 0, pending = 0, failed = 0;
};

struct Load {
  std::int64_t cpu_mhz = 0, memory_mb = 0;
  std::size_t running = 0, measured_cpu = 0, measured_memory = 0;
  Use use;
  std::map<std::string, GroupLoad> groups;
  bool failed = false;
};

struct Asked {
  std::int64_t cpu_mhz = 0, memory_mb = 0;
};

/// What the tasks of an allocation asked for.
Asked asked_by(const json::Value& alloc);

/// Of the statuses that a client tells: those of an allocation that does not do its work.
bool is_failed(const std::string& status);
bool is_alive(const std::string& status);  // running or pending
/// Whether the cluster still wants it: one that was replaced, or has done its work, is history.
bool is_wanted(const json::Value& alloc);

/// `use` is null when it is not known.
void add(Load& load, const json::Value& alloc, const Use* use);
/// Of all that run, or nothing: a sum that leaves some out would look like little use.
Use whole_use(const Load& load);

}  // namespace caravan::cli::top
