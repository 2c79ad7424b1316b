// SPDX-License-Identifier: Apache-2.0
#include "cli/node_use_view.hpp"

#include <utility>

#include <fmt/core.h>

#include "cli/format.hpp"

namespace caravan::cli {
namespace {

std::string percent(const json::Value& of, const char* name) {
  return fmt::format("{:.2f}%", of.at(name).number());
}

std::string bytes(const json::Value& of, const char* name) {
  return format_bytes(of.at(name).number());
}

}  // namespace

std::string host_use(const json::Value& node, const json::Value& stats) {
  const std::int64_t has = integer(node.at("NodeResources").at("Cpu"), "CpuShares");
  const json::Value& memory = stats.at("Memory");
  const json::Value& disk = stats.at("AllocDirStats");
  return "Host Resource Utilization\n" +
         table({{"CPU", "Memory", "Disk"},
                {fmt::format("{:.0f}/{} MHz", stats.at("CPUTicksConsumed").number(), has),
                 fmt::format("{}/{}", bytes(memory, "Used"), bytes(memory, "Total")),
                 fmt::format("{}/{}", bytes(disk, "Used"), bytes(disk, "Size"))}});
}

std::string host_use_details(const json::Value& stats) {
  std::string out = "CPU Stats\n";
  for (const json::Value& one : list(stats, "CPU"))
    out += key_values({{"CPU", text(one, "CPU")},
                       {"User", percent(one, "User")},
                       {"System", percent(one, "System")},
                       {"Idle", percent(one, "Idle")}}) +
           "\n\n";
  const json::Value& memory = stats.at("Memory");
  out += "Memory Stats\n" + key_values({{"Total", bytes(memory, "Total")},
                                        {"Available", bytes(memory, "Available")},
                                        {"Used", bytes(memory, "Used")},
                                        {"Free", bytes(memory, "Free")}});
  out += "\n\nDisk Stats";
  const char* before = "\n";
  for (const json::Value& disk : list(stats, "DiskStats")) {
    out += std::exchange(before, "\n\n") +
           key_values({{"Device", text(disk, "Device")},
                       {"MountPoint", text(disk, "Mountpoint")},
                       {"Size", bytes(disk, "Size")},
                       {"Used", bytes(disk, "Used")},
                       {"Available", bytes(disk, "Available")},
                       {"Used Percent", percent(disk, "UsedPercent")},
                       {"Inodes Percent", percent(disk, "InodesUsedPercent")}});
  }
  return out;
}

}  // namespace caravan::cli
