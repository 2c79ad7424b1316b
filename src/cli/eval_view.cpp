// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_view.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::cli {
namespace {

bool is_blocked(const json::Value& eval) { return text(eval, "Status") == "blocked"; }

std::vector<const json::Value*> newest_first(const json::Value& evals) {
  std::vector<const json::Value*> sorted;
  for (const json::Value& each : list(evals))
    sorted.push_back(&each);
  std::ranges::sort(sorted, [](const json::Value* a, const json::Value* b) {
    return integer(*a, "CreateIndex") > integer(*b, "CreateIndex");
  });
  return sorted;
}

}  // namespace

std::string placement_failures(const json::Value& eval) {
  if (is_blocked(eval)) return "N/A - In Progress";
  const json::Object* failed = eval.at("FailedTGAllocs").as_object();
  return yes_no(failed && !failed->empty());
}

std::string eval_table(const json::Value& evals, bool verbose) {
  Rows rows = {{"ID", "Priority", "Triggered By", "Job ID", "Namespace", "Node ID", "Status",
                "Placement Failures"}};
  for (const json::Value* eval : newest_first(evals))
    rows.push_back({short_id(text(*eval, "ID"), verbose),
                    fmt::format("{}", integer(*eval, "Priority")), text(*eval, "TriggeredBy"),
                    text(*eval, "JobID"), text(*eval, "Namespace"),
                    short_id(text(*eval, "NodeID"), verbose), text(*eval, "Status"),
                    placement_failures(*eval)});
  return table(rows);
}

std::string job_eval_table(const json::Value& evals, bool verbose) {
  Rows rows = {{"ID", "Priority", "Triggered By", "Status", "Placement Failures"}};
  for (const json::Value* eval : newest_first(evals))
    rows.push_back({short_id(text(*eval, "ID"), verbose),
                    fmt::format("{}", integer(*eval, "Priority")), text(*eval, "TriggeredBy"),
                    text(*eval, "Status"), placement_failures(*eval)});
  return table(rows);
}

std::string eval_basics(const json::Value& eval, bool verbose, std::int64_t now) {
  std::string description = text(eval, "StatusDescription");
  if (description.empty()) description = text(eval, "Status");
  Pairs pairs = {{"ID", short_id(text(eval, "ID"), verbose)},
                 {"Create Time", show_time(integer(eval, "CreateTime"), verbose, now)},
                 {"Modify Time", show_time(integer(eval, "ModifyTime"), verbose, now)},
                 {"Status", text(eval, "Status")},
                 {"Status Description", description},
                 {"Type", text(eval, "Type")},
                 {"TriggeredBy", text(eval, "TriggeredBy")},
                 {"Job ID", text(eval, "JobID")},
                 {"Namespace", text(eval, "Namespace")},
                 {"Priority", fmt::format("{}", integer(eval, "Priority"))},
                 {"Placement Failures", placement_failures(eval)}};
  const auto add = [&](const char* title, const char* name) {
    if (const std::string id = text(eval, name); !id.empty())
      pairs.emplace_back(title, short_id(id, verbose));
  };
  add("Node ID", "NodeID");
  add("Previous Eval", "PreviousEval");
  add("Next Eval", "NextEval");
  add("Blocked Eval", "BlockedEval");
  return key_values(pairs);
}

}  // namespace caravan::cli
