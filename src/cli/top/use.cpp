// SPDX-License-Identifier: Apache-2.0
#include "cli/top/use.hpp"

#include <algorithm>

#include "cli/format.hpp"

namespace caravan::cli::top {

Use use_of(const json::Value& stats) {
  const json::Value& cpu = stats.at("ResourceUsage").at("CpuStats");
  const json::Value& memory = stats.at("ResourceUsage").at("MemoryStats");
  Use use;
  if (!list(cpu, "Measured").empty()) use.cpu_mhz = cpu.at("TotalTicks").number();
  if (!list(memory, "Measured").empty())
    use.memory_bytes = std::max(memory.at("RSS").number(), memory.at("Usage").number());
  return use;
}

std::vector<std::string> UseBook::next(std::vector<std::string> running, std::size_t count) {
  std::ranges::sort(running);
  std::erase_if(known_, [&](const auto& entry) {
    return !std::ranges::binary_search(running, entry.first);
  });
  const auto after = std::ranges::upper_bound(running, last_);
  std::ranges::rotate(running, after);
  if (running.size() > count) running.resize(count);
  last_ = running.empty() ? "" : running.back();
  return running;
}

void UseBook::note(const std::string& id, std::optional<Use> use) {
  if (use)
    known_.insert_or_assign(id, *use);
  else
    known_.erase(id);
}

}  // namespace caravan::cli::top
