// SPDX-License-Identifier: Apache-2.0
#include "cli/deployment_view.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::cli {
namespace {

/// Columns appear only when a group has something to say in them.
struct Columns {
  bool auto_revert = false, canaries = false;
};

std::vector<std::string> titles(const Columns& columns) {
  std::vector<std::string> row = {"Task Group"};
  if (columns.auto_revert) row.push_back("Auto Revert");
  if (columns.canaries) row.push_back("Promoted");
  row.push_back("Desired");
  if (columns.canaries) row.push_back("Canaries");
  for (const char* title : {"Placed", "Healthy", "Unhealthy", "Progress Deadline"})
    row.push_back(title);
  return row;
}

std::vector<std::string> group_row(const json::Member& group, const Columns& columns) {
  const json::Value& state = group.value;
  const bool has_canaries = integer(state, "DesiredCanaries") > 0;
  const auto count = [&](const char* name) { return fmt::format("{}", integer(state, name)); };
  std::vector<std::string> row = {group.name};
  if (columns.auto_revert) row.push_back(yes_no(boolean(state, "AutoRevert")));
  if (columns.canaries) row.push_back(has_canaries ? yes_no(boolean(state, "Promoted")) : "N/A");
  row.push_back(count("DesiredTotal"));
  if (columns.canaries) row.push_back(has_canaries ? count("DesiredCanaries") : "N/A");
  for (const char* name : {"PlacedAllocs", "HealthyAllocs", "UnhealthyAllocs"})
    row.push_back(count(name));
  row.push_back(format_time(state.at("RequireProgressBy")));
  return row;
}

}  // namespace

std::string deployment_table(const json::Value& deployments, bool verbose) {
  std::vector<const json::Value*> sorted;
  for (const json::Value& each : list(deployments))
    sorted.push_back(&each);
  std::ranges::sort(sorted, [](const json::Value* a, const json::Value* b) {
    return integer(*a, "CreateIndex") > integer(*b, "CreateIndex");
  });
  Rows rows = {{"ID", "Job ID", "Job Version", "Status", "Description"}};
  for (const json::Value* each : sorted)
    rows.push_back({short_id(text(*each, "ID"), verbose), text(*each, "JobID"),
                    fmt::format("{}", integer(*each, "JobVersion")), text(*each, "Status"),
                    text(*each, "StatusDescription")});
  return table(rows);
}

std::string deployment_block(const json::Value& deployment, bool verbose, bool with_job) {
  Pairs pairs = {{"ID", short_id(text(deployment, "ID"), verbose)}};
  if (with_job) {
    pairs.emplace_back("Job ID", text(deployment, "JobID"));
    pairs.emplace_back("Job Version", fmt::format("{}", integer(deployment, "JobVersion")));
  }
  pairs.emplace_back("Status", text(deployment, "Status"));
  pairs.emplace_back("Description", text(deployment, "StatusDescription"));
  Columns columns;
  for (const json::Member* group : sorted_members(deployment.at("TaskGroups"))) {
    columns.auto_revert |= boolean(group->value, "AutoRevert");
    columns.canaries |= integer(group->value, "DesiredCanaries") > 0;
  }
  Rows rows = {titles(columns)};
  for (const json::Member* group : sorted_members(deployment.at("TaskGroups")))
    rows.push_back(group_row(*group, columns));
  return key_values(pairs) + (rows.size() == 1 ? "" : "\n\nDeployed\n" + table(rows));
}

}  // namespace caravan::cli
