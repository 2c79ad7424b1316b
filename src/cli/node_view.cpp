// SPDX-License-Identifier: Apache-2.0
#include "cli/node_view.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "base/time.hpp"

namespace caravan::cli {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;

std::string healthy_drivers(const json::Value& node) {
  std::vector<std::string> names;
  for (const json::Member* driver : sorted_members(node.at("Drivers"))) {
    if (!boolean(driver->value, "Detected")) continue;
    names.push_back(driver->name + (boolean(driver->value, "Healthy") ? "" : " (unhealthy)"));
  }
  return base::join(names, ",");
}

std::string names_of(const json::Value& map) {
  std::vector<std::string> names;
  for (const json::Member* member : sorted_members(map))
    names.push_back(member->name);
  return base::join(names, ",");
}

std::string device_name(const json::Value& group) {
  return text(group, "Vendor") + "/" + text(group, "Type") + "/" + text(group, "Name");
}

std::string attribute_text(const json::Value& attribute) {
  const std::string unit = text(attribute, "Unit");
  const std::string suffix = unit.empty() ? "" : " " + unit;
  if (attribute.at("String").as_string()) return text(attribute, "String");
  if (!attribute.at("Bool").is_null()) return boolean(attribute, "Bool") ? "true" : "false";
  if (!attribute.at("Int").is_null()) return fmt::format("{}{}", integer(attribute, "Int"), suffix);
  return fmt::format("{}{}", attribute.at("Float").number(), suffix);
}

struct Amounts {
  std::int64_t cpu = 0;
  double memory = 0, disk = 0;
};

Amounts asked_by(const json::Value& allocs) {
  Amounts sum;
  for (const json::Value& alloc : list(allocs)) {
    const std::string status = text(alloc, "ClientStatus");
    if (status != "running" && status != "pending") continue;
    const json::Value& resources = alloc.at("AllocatedResources");
    for (const json::Member* task : sorted_members(resources.at("Tasks"))) {
      sum.cpu += integer(task->value.at("Cpu"), "CpuShares");
      sum.memory += task->value.at("Memory").at("MemoryMB").number() * mebibyte;
    }
    sum.disk += resources.at("Shared").at("DiskMB").number() * mebibyte;
  }
  return sum;
}

}  // namespace

std::string node_table(const json::Value& nodes, bool verbose,
                       const std::map<std::string, std::size_t>* running) {
  Rows rows = {{"ID", "Node Pool", "DC", "Name", "Class"}};
  if (verbose) rows[0].insert(rows[0].end(), {"Address", "Version"});
  rows[0].insert(rows[0].end(), {"Drain", "Eligibility", "Status"});
  if (running) rows[0].push_back("Running Allocs");
  for (const json::Value& node : list(nodes)) {
    const std::string id = text(node, "ID");
    std::vector<std::string> row = {short_id(id, verbose), text(node, "NodePool"),
                                    text(node, "Datacenter"), text(node, "Name"),
                                    text(node, "NodeClass")};
    if (verbose) row.insert(row.end(), {text(node, "Address"), text(node, "Version")});
    row.insert(row.end(), {yes_no(boolean(node, "Drain")), text(node, "SchedulingEligibility"),
                           text(node, "Status")});
    if (running) row.push_back(fmt::format("{}", running->contains(id) ? running->at(id) : 0));
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string node_basics(const json::Value& node, bool is_short, bool verbose, std::int64_t uptime) {
  Pairs pairs = {{"ID", text(node, "ID")},
                 {"Name", text(node, "Name")},
                 {"Node Pool", text(node, "NodePool")},
                 {"Class", text(node, "NodeClass")},
                 {"DC", text(node, "Datacenter")},
                 {"Drain", yes_no(boolean(node, "Drain"))},
                 {"Eligibility", text(node, "SchedulingEligibility")},
                 {"Status", text(node, "Status")},
                 {"CSI Controllers", names_of(node.at("CSIControllerPlugins"))},
                 {"CSI Drivers", names_of(node.at("CSINodePlugins"))}};
  if (!is_short && uptime > 0)
    pairs.emplace_back("Uptime", base::format_duration(std::chrono::seconds(uptime)));
  if (is_short || !verbose) {
    pairs.emplace_back("Host Volumes", names_of(node.at("HostVolumes")));
    pairs.emplace_back("Host Networks", names_of(node.at("HostNetworks")));
    pairs.emplace_back("CSI Volumes", "");
    pairs.emplace_back(is_short ? "Drivers" : "Driver Status", healthy_drivers(node));
  }
  return key_values(pairs);
}

std::string node_drivers(const json::Value& node) {
  Rows rows = {{"Driver", "Detected", "Healthy", "Message", "Time"}};
  for (const json::Member* driver : sorted_members(node.at("Drivers")))
    rows.push_back({driver->name, yes_no(boolean(driver->value, "Detected")),
                    yes_no(boolean(driver->value, "Healthy")),
                    text(driver->value, "HealthDescription"),
                    format_time(driver->value.at("UpdateTime"))});
  return "Drivers\n" + table(rows);
}

std::string node_events(const json::Value& node, bool verbose) {
  Rows rows = {{"Time", "Subsystem", "Message"}};
  if (verbose) rows[0].push_back("Details");
  const json::Array& events = list(node, "Events");
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    std::vector<std::string> row = {format_time(event->at("Timestamp")), text(*event, "Subsystem"),
                                    text(*event, "Message")};
    std::vector<std::string> details;
    for (const json::Member* detail : sorted_members(event->at("Details")))
      details.push_back(fmt::format("{} = {}", detail->name,
                                    detail->value.as_string() ? *detail->value.as_string() : ""));
    if (verbose) row.push_back(base::join(details, ", "));
    rows.push_back(std::move(row));
  }
  return "Node Events\n" + table(rows);
}

std::string node_allocated(const json::Value& node, const json::Value& allocs) {
  const Amounts asked = asked_by(allocs);
  const json::Value& has = node.at("NodeResources");
  const json::Value& kept = node.at("ReservedResources");
  const std::int64_t cpu =
      integer(has.at("Cpu"), "CpuShares") - integer(kept.at("Cpu"), "CpuShares");
  const double memory =
      (has.at("Memory").at("MemoryMB").number() - kept.at("Memory").at("MemoryMB").number()) *
      mebibyte;
  const double disk =
      (has.at("Disk").at("DiskMB").number() - kept.at("Disk").at("DiskMB").number()) * mebibyte;
  return "Allocated Resources\n" +
         table({{"CPU", "Memory", "Disk"},
                {fmt::format("{}/{} MHz", asked.cpu, cpu),
                 fmt::format("{}/{}", format_bytes(asked.memory), format_bytes(memory)),
                 fmt::format("{}/{}", format_bytes(asked.disk), format_bytes(disk))}});
}

std::string node_devices(const json::Value& node, const json::Value& allocs, bool verbose) {
  std::map<std::string, std::string> holders;  // by "vendor/type/name[id]"
  for (const json::Value& alloc : list(allocs)) {
    const std::string status = text(alloc, "ClientStatus");
    if (status == "complete" || status == "failed" || status == "lost") continue;
    for (const json::Member* task : sorted_members(alloc.at("AllocatedResources").at("Tasks")))
      for (const json::Value& given : list(task->value, "Devices"))
        for (const json::Value& id : list(given, "DeviceIDs"))
          if (id.as_string())
            holders[device_name(given) + "[" + *id.as_string() + "]"] =
                short_id(text(alloc, "ID"), verbose);
  }
  Rows rows = {{"Device", "Healthy", "Allocation", "Message"}};
  for (const json::Value& group : list(node.at("NodeResources"), "Devices"))
    for (const json::Value& instance : list(group, "Instances")) {
      const std::string name = device_name(group) + "[" + text(instance, "ID") + "]";
      rows.push_back({name, yes_no(boolean(instance, "Healthy")),
                      holders.contains(name) ? holders.at(name) : "<none>",
                      text(instance, "HealthDescription")});
    }
  return rows.size() > 1 ? "Devices\n" + table(rows) : "";
}

std::string node_device_attributes(const json::Value& node) {
  std::string shown;
  for (const json::Value& group : list(node.at("NodeResources"), "Devices")) {
    Pairs pairs = {{"Device Group", device_name(group)}};
    for (const json::Member* attribute : sorted_members(group.at("Attributes")))
      pairs.emplace_back(attribute->name, attribute_text(attribute->value));
    shown += (shown.empty() ? "" : "\n\n") + key_values(pairs);
  }
  return shown;
}

std::string node_map(std::string_view title, const json::Value& map) {
  Pairs pairs;
  for (const json::Member* member : sorted_members(map))
    pairs.emplace_back(member->name, member->value.as_string() ? *member->value.as_string() : "");
  return fmt::format("{}\n{}", title, key_values(pairs));
}

}  // namespace caravan::cli
