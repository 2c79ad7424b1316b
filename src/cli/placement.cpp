// SPDX-License-Identifier: Apache-2.0
#include "cli/placement.hpp"

#include <fmt/core.h>

#include "cli/format.hpp"

namespace caravan::cli {

std::vector<std::string> placement_lines(const json::Value& metrics, const std::string& indent) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& line) { lines.push_back(indent + "* " + line); };
  const auto each = [&](std::string_view name, auto say) {
    for (const json::Member* member : sorted_members(metrics.at(name)))
      say(member->name, static_cast<std::int64_t>(member->value.number()));
  };
  if (integer(metrics, "NodesEvaluated") == 0) add("No nodes were eligible for evaluation");
  each("NodesAvailable", [&](const std::string& name, std::int64_t count) {
    if (count == 0) add(fmt::format("No nodes are available in datacenter \"{}\"", name));
  });
  each("ClassFiltered", [&](const std::string& name, std::int64_t count) {
    add(fmt::format("Class \"{}\": {} nodes excluded by filter", name, count));
  });
  each("ConstraintFiltered", [&](const std::string& name, std::int64_t count) {
    add(fmt::format("Constraint \"{}\": {} nodes excluded by filter", name, count));
  });
  if (const std::int64_t count = integer(metrics, "NodesExhausted"); count > 0)
    add(fmt::format("Resources exhausted on {} nodes", count));
  each("ClassExhausted", [&](const std::string& name, std::int64_t count) {
    add(fmt::format("Class \"{}\" exhausted on {} nodes", name, count));
  });
  each("DimensionExhausted", [&](const std::string& name, std::int64_t count) {
    add(fmt::format("Dimension \"{}\" exhausted on {} nodes", name, count));
  });
  for (const std::string& dimension : texts(metrics.at("QuotaExhausted")))
    add(fmt::format("Quota limit hit \"{}\"", dimension));
  return lines;
}

std::vector<std::string> failed_placements(const json::Value& failed_groups) {
  std::vector<std::string> lines;
  for (const json::Member* group : sorted_members(failed_groups)) {
    const std::int64_t count = integer(group->value, "CoalescedFailures") + 1;
    lines.push_back(fmt::format("Task Group \"{}\" (failed to place {} allocation{}):", group->name,
                                count, count == 1 ? "" : "s"));
    for (std::string& line : placement_lines(group->value, "  "))
      lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace caravan::cli
