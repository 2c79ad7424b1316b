// SPDX-License-Identifier: Apache-2.0
#include "cli/why_view.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/placement.hpp"

namespace caravan::cli {
namespace {

/// "binpack 0.409, node-affinity 1".
std::string parts_of(const json::Value& score) {
  std::vector<std::string> parts;
  for (const json::Member* part : sorted_members(score.at("Scores")))
    parts.push_back(fmt::format("{} {:.3g}", part->name, part->value.number()));
  return base::join(parts, ", ");
}

std::string score_of(const json::Value& score) {
  return fmt::format("{:.3f}", score.at("NormScore").number());
}

std::string class_table(const json::Value& now) {
  Rows rows = {{"Class", "Nodes", "Fitting", "What keeps it from the others"}};
  for (const json::Value& c : list(now, "Classes")) {
    std::vector<std::string> obstacles;
    for (const json::Member* o : sorted_members(c.at("Obstacles")))
      obstacles.push_back(fmt::format("{} ({})", o->name, o->value.number()));
    rows.push_back({text(c, "Class"), fmt::format("{}", integer(c, "Nodes")),
                    fmt::format("{}", integer(c, "Fitting")), base::join(obstacles, ", ")});
  }
  return rows.size() > 1 ? table(rows) : "There are no nodes.";
}

/// How one more copy would fare.
std::string now_text(const json::Value& now, bool verbose) {
  std::string page;
  for (const std::string& other : texts(now.at("WaitsFor")))
    page += fmt::format("It waits for {} to be healthy.\n", other);
  for (const std::string& amount : texts(now.at("QuotaExhausted")))
    page += fmt::format("Its quota is used up: {}.\n", amount);
  page += class_table(now) + "\n";
  if (!list(now, "Candidates").empty()) {
    Rows rows = {{"Best nodes", "Class", "Score", "Parts"}};
    for (const json::Value& c : list(now, "Candidates"))
      rows.push_back({verbose ? text(c, "NodeID") : text(c, "NodeName"), text(c, "Class"),
                      score_of(c), parts_of(c)});
    page += "\n" + table(rows) + "\n";
  }
  const json::Array& relaxations = list(now, "Relaxations");
  if (relaxations.empty()) return page;
  page += "\nIt would fit if you\n";
  for (const json::Value& r : relaxations) {
    const std::int64_t nodes = integer(r, "Nodes");
    page += fmt::format("  * {}{}\n", text(r, "Text"),
                        nodes > 1 ? fmt::format("; {} nodes are like this", nodes) : "");
  }
  return page;
}

std::string group_text(const json::Value& group, const json::Value& why, bool verbose) {
  std::string page = fmt::format("\nTask Group \"{}\"\n", text(group, "Name"));
  if (group.at("Failed").as_object()) {
    page += fmt::format("Not placed: {}. The decision at index {} saw\n", integer(group, "Queued"),
                        integer(why, "SnapshotIndex"));
    for (const std::string& line : placement_lines(group.at("Failed"), "  "))
      page += line + "\n";
  }
  if (!list(group, "Placed").empty()) {
    Rows rows = {{"Placed", "Node", "Score", "Parts"}};
    for (const json::Value& alloc : list(group, "Placed"))
      rows.push_back({short_id(text(alloc, "AllocID"), verbose), text(alloc, "NodeName"),
                      score_of(alloc.at("Score")), parts_of(alloc.at("Score"))});
    page += table(rows) + "\n";
  }
  return page + fmt::format("\nOne more copy at index {}\n", integer(why, "Index")) +
         now_text(group.at("Now"), verbose);
}

}  // namespace

std::string eval_why_page(const json::Value& why, bool verbose) {
  std::string description = text(why, "StatusDescription");
  if (description.empty()) description = text(why, "Status");
  Pairs pairs = {{"ID", short_id(text(why, "EvalID"), verbose)},
                 {"Job ID", text(why, "JobID")},
                 {"Type", text(why, "Type")},
                 {"TriggeredBy", text(why, "TriggeredBy")},
                 {"Status", text(why, "Status")},
                 {"Status Description", description}};
  if (const std::string blocked = text(why, "BlockedEval"); !blocked.empty())
    pairs.emplace_back("Blocked Eval", short_id(blocked, verbose));
  std::string page = key_values(pairs) + "\n";
  if (boolean(why, "JobStopped")) page += "\nThe job is stopped: it wants nothing.\n";
  for (const json::Value& group : list(why, "Groups"))
    page += group_text(group, why, verbose);
  page.pop_back();
  return page;
}

std::string alloc_why_page(const json::Value& why, bool verbose) {
  Pairs pairs = {{"ID", short_id(text(why, "AllocID"), verbose)},
                 {"Name", text(why, "Name")},
                 {"Eval ID", short_id(text(why, "EvalID"), verbose)},
                 {"Node", text(why, "NodeName")},
                 {"Desired Status", text(why, "DesiredStatus")},
                 {"Client Status", text(why, "ClientStatus")}};
  if (const std::string desired = text(why, "DesiredDescription"); !desired.empty())
    pairs.emplace_back("Desired Description", desired);
  const json::Value& decided = why.at("Decided");
  std::string page =
      key_values(pairs) +
      fmt::format("\n\nDecided: {} nodes evaluated, {} filtered, {} exhausted\n",
                  integer(decided, "NodesEvaluated"), integer(decided, "NodesFiltered"),
                  integer(decided, "NodesExhausted"));
  for (const std::string& line : placement_lines(decided, "  "))
    page += line + "\n";
  Rows rows = {{"Node", "Score", "Parts"}};
  for (const json::Value& score : list(decided, "ScoreMetaData"))
    rows.push_back({short_id(text(score, "NodeID"), verbose), score_of(score), parts_of(score)});
  page += table(rows) + fmt::format("\n\nThe same choice at index {}\n", integer(why, "Index")) +
          now_text(why.at("Now"), verbose);
  page.pop_back();
  return page;
}

}  // namespace caravan::cli
