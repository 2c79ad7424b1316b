// SPDX-License-Identifier: Apache-2.0
#include "cli/alloc_view.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/time.hpp"

namespace caravan::cli {
namespace {

std::vector<const json::Value*> newest_first(const json::Value& allocs) {
  std::vector<const json::Value*> sorted;
  for (const json::Value& alloc : list(allocs))
    sorted.push_back(&alloc);
  std::ranges::sort(sorted, [](const json::Value* a, const json::Value* b) {
    const std::int64_t left = integer(*a, "CreateIndex"), right = integer(*b, "CreateIndex");
    return left != right ? left > right : text(*a, "ID") < text(*b, "ID");
  });
  return sorted;
}

std::string version_of(const json::Value& alloc) {
  const json::Value& job = alloc.at("Job");
  return fmt::format("{}", job.is_null() ? integer(alloc, "JobVersion") : integer(job, "Version"));
}

std::string health_of(const json::Value& alloc) {
  const bool* healthy = alloc.at("DeploymentStatus").at("Healthy").as_bool();
  return !healthy ? "unset" : *healthy ? "healthy" : "unhealthy";
}

void add_placement(const json::Value& alloc, Pairs& pairs) {
  const json::Value& metrics = alloc.at("Metrics");
  const auto count = [&](const char* name) { return fmt::format("{}", integer(metrics, name)); };
  pairs.emplace_back("Evaluated Nodes", count("NodesEvaluated"));
  pairs.emplace_back("Filtered Nodes", count("NodesFiltered"));
  pairs.emplace_back("Exhausted Nodes", count("NodesExhausted"));
  pairs.emplace_back("Allocation Time",
                     base::format_duration(base::Duration(integer(metrics, "AllocationTime"))));
  pairs.emplace_back("Failures", count("CoalescedFailures"));
}

std::string last_event(const json::Value& state, std::string_view field) {
  const json::Array& events = list(state, "Events");
  if (events.empty()) return "<none>";
  return field == "Time" ? format_time(integer(events.back(), "Time")) : text(events.back(), field);
}

std::string lifecycle_of(const json::Value& alloc, const std::string& task) {
  const json::Value& lifecycle = alloc.at("AllocatedResources").at("TaskLifecycles").at(task);
  const std::string hook = text(lifecycle, "Hook");
  if (hook.empty()) return "main";
  return hook + (boolean(lifecycle, "Sidecar") ? "_sidecar" : "");
}

std::string task_resources(const json::Value& alloc, const json::Value& resources,
                           const json::Value& used) {
  const json::Value& cpu = used.at("ResourceUsage").at("CpuStats");
  const json::Value& memory = used.at("ResourceUsage").at("MemoryStats");
  const double asked_bytes =
      static_cast<double>(integer(resources.at("Memory"), "MemoryMB")) * 1024 * 1024;
  const double disk_bytes =
      static_cast<double>(integer(alloc.at("AllocatedResources").at("Shared"), "DiskMB")) * 1024 *
      1024;
  const double held = std::max(memory.at("RSS").number(), memory.at("Usage").number());
  const std::int64_t shares = integer(resources.at("Cpu"), "CpuShares");
  const bool known = !used.is_null(), is_cpu_known = !list(cpu, "Measured").empty();
  return table({{"CPU", "Memory", "Disk", "Addresses"},
                {is_cpu_known ? fmt::format("{:.0f}/{} MHz", cpu.at("TotalTicks").number(), shares)
                              : fmt::format("{} MHz", shares),
                 known ? fmt::format("{}/{}", format_bytes(held), format_bytes(asked_bytes))
                       : format_bytes(asked_bytes),
                 format_bytes(disk_bytes), ""}},
               "");
}

std::string stats_block(const json::Value& used) {
  const json::Value& cpu = used.at("ResourceUsage").at("CpuStats");
  const json::Value& memory = used.at("ResourceUsage").at("MemoryStats");
  const auto percent = [&](const char* name) {
    return fmt::format("{:.2f}%", cpu.at(name).number());
  };
  return fmt::format(
      "Memory Stats\n{}\n\nCPU Stats\n{}\n\n",
      table({{"RSS", "Swap"},
             {format_bytes(memory.at("RSS").number()), format_bytes(memory.at("Swap").number())}}),
      table({{"Percent", "System Mode", "User Mode"},
             {percent("Percent"), percent("SystemMode"), percent("UserMode")}}));
}

std::string task_events(const json::Value& state) {
  std::string out = "Task Events:\n" +
                    key_values({{"Started At", format_time(state.at("StartedAt"))},
                                {"Finished At", format_time(state.at("FinishedAt"))},
                                {"Total Restarts", fmt::format("{}", integer(state, "Restarts"))},
                                {"Last Restart", format_time(state.at("LastRestart"))}});
  Rows rows = {{"Time", "Type", "Description"}};
  const json::Array& events = list(state, "Events");
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    std::string what = text(*event, "DisplayMessage");
    if (what.empty()) what = text(*event, "Message");
    std::ranges::replace(what, '\n', ' ');
    rows.push_back({format_time(integer(*event, "Time")), text(*event, "Type"), what});
  }
  return out + "\n\nRecent Events:\n" + table(rows);
}

}  // namespace

std::string alloc_table(const json::Value& allocs, bool verbose, bool with_node_name,
                        std::int64_t now) {
  if (list(allocs).empty()) return "No allocations placed";
  Rows rows = {{"ID"}};
  if (verbose) rows[0].push_back("Eval ID");
  rows[0].push_back("Node ID");
  if (verbose && with_node_name) rows[0].push_back("Node Name");
  for (const char* title : {"Task Group", "Version", "Desired", "Status", "Created", "Modified"})
    rows[0].push_back(title);
  for (const json::Value* alloc : newest_first(allocs)) {
    std::vector<std::string> row = {short_id(text(*alloc, "ID"), verbose)};
    if (verbose) row.push_back(text(*alloc, "EvalID"));
    row.push_back(short_id(text(*alloc, "NodeID"), verbose));
    if (verbose && with_node_name) row.push_back(text(*alloc, "NodeName"));
    row.push_back(text(*alloc, "TaskGroup"));
    row.push_back(version_of(*alloc));
    row.push_back(text(*alloc, "DesiredStatus"));
    row.push_back(text(*alloc, "ClientStatus"));
    row.push_back(show_time(integer(*alloc, "CreateTime"), verbose, now));
    row.push_back(show_time(integer(*alloc, "ModifyTime"), verbose, now));
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string alloc_basics(const json::Value& alloc, bool verbose, std::int64_t now) {
  const auto id = [&](const char* name) { return short_id(text(alloc, name), verbose); };
  Pairs pairs = {{"ID", text(alloc, "ID")},
                 {"Eval ID", id("EvalID")},
                 {"Name", text(alloc, "Name")},
                 {"Node ID", id("NodeID")},
                 {"Node Name", text(alloc, "NodeName")},
                 {"Job ID", text(alloc, "JobID")},
                 {"Job Version", version_of(alloc)},
                 {"Client Status", text(alloc, "ClientStatus")},
                 {"Client Description", text(alloc, "ClientDescription")},
                 {"Desired Status", text(alloc, "DesiredStatus")},
                 {"Desired Description", text(alloc, "DesiredDescription")},
                 {"Created", show_time(integer(alloc, "CreateTime"), verbose, now)},
                 {"Modified", show_time(integer(alloc, "ModifyTime"), verbose, now)}};
  if (!text(alloc, "DeploymentID").empty()) {
    pairs.emplace_back("Deployment ID", id("DeploymentID"));
    pairs.emplace_back("Deployment Health", health_of(alloc));
    if (boolean(alloc.at("DeploymentStatus"), "Canary")) pairs.emplace_back("Canary", "true");
  }
  if (const json::Array& events = list(alloc.at("RescheduleTracker"), "Events"); !events.empty())
    pairs.emplace_back("Reschedule Attempts", fmt::format("{}", events.size()));
  if (!text(alloc, "NextAllocation").empty())
    pairs.emplace_back("Replacement Alloc ID", id("NextAllocation"));
  if (verbose) add_placement(alloc, pairs);
  return key_values(pairs);
}

std::string alloc_short(const json::Value& alloc, bool verbose, std::int64_t now) {
  std::string out =
      key_values({{"ID", text(alloc, "ID")},
                  {"Name", text(alloc, "Name")},
                  {"Created", show_time(integer(alloc, "CreateTime"), verbose, now)},
                  {"Modified", show_time(integer(alloc, "ModifyTime"), verbose, now)}});
  Rows rows = {{"Name", "State", "Last Event", "Time", "Lifecycle"}};
  for (const json::Member* task : sorted_members(alloc.at("TaskStates")))
    rows.push_back({task->name, text(task->value, "State"), last_event(task->value, "Type"),
                    last_event(task->value, "Time"), lifecycle_of(alloc, task->name)});
  return out + "\n\nTasks\n" + table(rows);
}

std::string alloc_addresses(const json::Value& alloc) {
  const json::Value& shared = alloc.at("AllocatedResources").at("Shared");
  std::set<std::string> dynamic;
  for (const json::Value& network : list(shared, "Networks"))
    for (const json::Value& port : list(network, "DynamicPorts"))
      dynamic.insert(text(port, "Label"));
  Rows rows = {{"Label", "Dynamic", "Address"}};
  for (const json::Value& port : list(shared, "Ports")) {
    const std::int64_t to = integer(port, "To");
    const std::string ip = text(port, "HostIP"),
                      host = ip.find(':') == std::string::npos ? ip : "[" + ip + "]";
    rows.push_back({"*" + text(port, "Label"), dynamic.contains(text(port, "Label")) ? "yes" : "no",
                    fmt::format("{}:{}{}", host, integer(port, "Value"),
                                to > 0 ? fmt::format(" -> {}", to) : "")});
  }
  return rows.size() == 1 ? "" : "Allocation Addresses\n" + table(rows);
}

std::string alloc_tasks(const json::Value& alloc, const json::Value& stats, bool with_stats) {
  std::string out;
  for (const json::Member* task : sorted_members(alloc.at("AllocatedResources").at("Tasks"))) {
    const json::Value& state = alloc.at("TaskStates").at(task->name);
    const json::Value& used = stats.at("Tasks").at(task->name);
    const std::string lifecycle = lifecycle_of(alloc, task->name), word = text(state, "State");
    if (!out.empty()) out += "\n\n";
    out += fmt::format("Task \"{}\"{} is \"{}\"\n", task->name,
                       lifecycle == "main" ? "" : " (" + lifecycle + ")",
                       word.empty() ? "pending" : word);
    out += "Task Resources\n" + task_resources(alloc, task->value, used) + "\n\n";
    if (with_stats && !used.is_null()) out += stats_block(used);
    out += task_events(state);
  }
  return out;
}

std::string placement_scores(const json::Value& alloc) {
  const json::Array& scored = list(alloc.at("Metrics"), "ScoreMetaData");
  std::set<std::string> names;
  for (const json::Value& node : scored)
    for (const json::Member* score : sorted_members(node.at("Scores")))
      names.insert(score->name);
  if (scored.empty()) return "";
  const auto number = [](double value) { return fmt::format("{:.3g}", value); };
  Rows rows = {{"Node"}};
  rows[0].insert(rows[0].end(), names.begin(), names.end());
  rows[0].push_back("final score");
  for (const json::Value& node : scored) {
    std::vector<std::string> row = {text(node, "NodeID")};
    for (const std::string& name : names)
      row.push_back(number(node.at("Scores").at(name).number()));
    row.push_back(number(node.at("NormScore").number()));
    rows.push_back(std::move(row));
  }
  return "Placement Metrics\n" + table(rows);
}

}  // namespace caravan::cli
