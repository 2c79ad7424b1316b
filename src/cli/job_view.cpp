// SPDX-License-Identifier: Apache-2.0
#include "cli/job_view.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/launch_view.hpp"

namespace caravan::cli {
namespace {

/// Lists have a bool, whole jobs the block itself.
bool is_set(const json::Value& value) {
  return value.as_object() || (value.as_bool() && *value.as_bool());
}

/// A dispatched job has the block of its parent too.
bool is_parameterized(const json::Value& job) {
  return is_set(job.at("ParameterizedJob")) && !boolean(job, "Dispatched");
}

}  // namespace

std::string job_type(const json::Value& job) {
  std::string type = text(job, "Type");
  if (is_set(job.at("Periodic"))) type += "/periodic";
  if (is_parameterized(job)) type += "/parameterized";
  return type;
}

std::string job_status_text(const json::Value& job) {
  return text(job, "Status") + (boolean(job, "Stop") ? " (stopped)" : "");
}

std::string job_table(const json::Value& jobs, bool with_namespace) {
  Rows rows = {{"ID"}};
  if (with_namespace) rows[0].push_back("Namespace");
  for (const char* title : {"Type", "Priority", "Status", "Submit Date"})
    rows[0].push_back(title);
  for (const json::Value& job : list(jobs)) {
    std::vector<std::string> row = {text(job, "ID")};
    if (with_namespace) row.push_back(text(job, "Namespace"));
    row.push_back(job_type(job));
    row.push_back(fmt::format("{}", integer(job, "Priority")));
    row.push_back(job_status_text(job));
    row.push_back(format_time(integer(job, "SubmitTime")));
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string job_basics(const json::Value& job) {
  const bool periodic = is_set(job.at("Periodic")), parameterized = is_parameterized(job);
  Pairs pairs = {{"ID", text(job, "ID")},
                 {"Name", text(job, "Name")},
                 {"Submit Date", format_time(integer(job, "SubmitTime"))},
                 {"Type", text(job, "Type")},
                 {"Priority", fmt::format("{}", integer(job, "Priority"))},
                 {"Datacenters", base::join(texts(job.at("Datacenters")), ",")},
                 {"Namespace", text(job, "Namespace")}};
  if (!text(job, "NodePool").empty()) pairs.emplace_back("Node Pool", text(job, "NodePool"));
  pairs.emplace_back("Status", job_status_text(job));
  pairs.emplace_back("Periodic", yes_no(periodic));
  pairs.emplace_back("Parameterized", yes_no(parameterized));
  if (periodic && !parameterized) {
    const bool waits = !boolean(job, "Stop") && boolean(job.at("Periodic"), "Enabled");
    pairs.emplace_back("Next Periodic Launch",
                       waits                  ? next_launch_text(job.at("Periodic"), {now_ns()})
                       : boolean(job, "Stop") ? "none (job stopped)"
                                              : "none (job disabled)");
  }
  return key_values(pairs);
}

std::string job_summary(const json::Value& summary) {
  static constexpr const char* columns[] = {"Queued",   "Starting", "Running", "Failed",
                                            "Complete", "Lost",     "Unknown"};
  Rows rows = {{"Task Group"}};
  for (const char* column : columns)
    rows[0].push_back(column);
  for (const json::Member* group : sorted_members(summary.at("Summary"))) {
    std::vector<std::string> row = {group->name};
    for (const char* column : columns)
      row.push_back(fmt::format("{}", integer(group->value, column)));
    rows.push_back(std::move(row));
  }
  return "Summary\n" + table(rows);
}

std::string children_summary(const json::Value& summary, std::string_view title) {
  const json::Value& children = summary.at("Children");
  const auto count = [&](const char* name) { return fmt::format("{}", integer(children, name)); };
  return fmt::format(
      "{}\n{}", title,
      table({{"Pending", "Running", "Dead"}, {count("Pending"), count("Running"), count("Dead")}}));
}

std::string parameterized_block(const json::Value& parameterized) {
  return "Parameterized Job\n" +
         key_values(
             {{"Payload", text(parameterized, "Payload")},
              {"Required Metadata", base::join(texts(parameterized.at("MetaRequired")), ", ")},
              {"Optional Metadata", base::join(texts(parameterized.at("MetaOptional")), ", ")}});
}

}  // namespace caravan::cli
