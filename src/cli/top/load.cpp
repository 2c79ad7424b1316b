// SPDX-License-Identifier: Apache-2.0
#include "cli/top/load.hpp"

#include "cli/format.hpp"

namespace caravan::cli::top {
namespace {

void add_use(Load& load, const Use* use) {
  if (use && use->cpu_mhz) {
    ++load.measured_cpu;
    load.use.cpu_mhz = load.use.cpu_mhz.value_or(0) + *use->cpu_mhz;
  }
  if (use && use->memory_bytes) {
    ++load.measured_memory;
    load.use.memory_bytes = load.use.memory_bytes.value_or(0) + *use->memory_bytes;
  }
}

}  // namespace

Asked asked_by(const json::Value& alloc) {
  Asked sum;
  for (const json::Member* task : sorted_members(alloc.at("AllocatedResources").at("Tasks"))) {
    sum.cpu_mhz += integer(task->value.at("Cpu"), "CpuShares");
    sum.memory_mb += integer(task->value.at("Memory"), "MemoryMB");
  }
  return sum;
}

bool is_failed(const std::string& status) {
  return status == "failed" || status == "lost" || status == "unknown";
}

bool is_wanted(const json::Value& alloc) {
  return text(alloc, "DesiredStatus") == "run" && text(alloc, "NextAllocation").empty() &&
         text(alloc, "ClientStatus") != "complete";
}

bool is_alive(const std::string& status) { return status == "running" || status == "pending"; }

Use whole_use(const Load& load) {
  Use use = load.use;
  if (load.measured_cpu < load.running) use.cpu_mhz.reset();
  if (load.measured_memory < load.running) use.memory_bytes.reset();
  return use;
}

void add(Load& load, const json::Value& alloc, const Use* use) {
  const std::string status = text(alloc, "ClientStatus");
  if (is_alive(status)) {
    const Asked asked = asked_by(alloc);
    load.cpu_mhz += asked.cpu_mhz;
    load.memory_mb += asked.memory_mb;
  }
  if (status == "running") {
    ++load.running;
    add_use(load, use);
  }
  if (!is_wanted(alloc)) return;
  GroupLoad& group = load.groups[text(alloc, "TaskGroup")];
  ++(status == "running" ? group.running : is_failed(status) ? group.failed : group.pending);
  if (is_failed(status)) load.failed = true;
}

}  // namespace caravan::cli::top
