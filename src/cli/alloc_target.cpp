// SPDX-License-Identifier: Apache-2.0
#include "cli/alloc_target.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"

namespace caravan::cli {
namespace {

std::optional<json::Value> alloc_of_job(Context& context, const std::string& job_id) {
  const std::optional<json::Value> job = find_job(context, job_id);
  if (!job) return std::nullopt;
  const base::Result<Reply> reply =
      context.api().get(job_path(*job, "/allocations"), in_namespace_of(*job));
  if (!reply) {
    context.err("Error querying allocations: " + reply.error().message);
    return std::nullopt;
  }
  const std::string group = context.flags.text("group");
  const json::Value* best = nullptr;
  const auto rank = [](const json::Value& alloc) {
    return std::pair(text(alloc, "ClientStatus") == "running", integer(alloc, "CreateIndex"));
  };
  for (const json::Value& alloc : list(reply->body)) {
    if (!group.empty() && text(alloc, "TaskGroup") != group) continue;
    if (!best || rank(alloc) > rank(*best)) best = &alloc;
  }
  if (best) return *best;
  context.err(fmt::format("No allocations found for job \"{}\"{}", text(*job, "ID"),
                          group.empty() ? "" : " in group \"" + group + "\""));
  return std::nullopt;
}

std::vector<std::string> task_names(const json::Value& alloc) {
  std::vector<std::string> names;
  for (const json::Member* task : sorted_members(alloc.at("AllocatedResources").at("Tasks")))
    names.push_back(task->name);
  return names;
}

}  // namespace

std::optional<json::Value> target_alloc(Context& context, const std::string& word) {
  const std::optional<json::Value> found =
      context.flags.on("job") ? alloc_of_job(context, word) : find_alloc(context, word);
  if (!found) return std::nullopt;
  const base::Result<Reply> reply =
      context.api().get("/v1/allocation/" + text(*found, "ID"), in_namespace_of(*found));
  if (reply) return reply->body;
  context.err("Error querying allocation: " + reply.error().message);
  return std::nullopt;
}

std::optional<std::string> target_task(Context& context, const json::Value& alloc,
                                       const std::string& name) {
  const std::vector<std::string> names = task_names(alloc);
  if (name.empty() && names.size() == 1) return names[0];
  if (std::ranges::find(names, name) != names.end()) return name;
  if (!name.empty()) {
    context.err(fmt::format("Could not find task named: {}, found:\n{}", base::printable(name, 128),
                            base::join(names, "\n")));
    return std::nullopt;
  }
  std::string text_of_tasks;
  for (const std::string& each : names)
    text_of_tasks += "  * " + each + "\n";
  context.err(
      fmt::format("Allocation \"{}\" has the following tasks:\n{}\nPlease specify the task.",
                  short_id(text(alloc, "ID"), context.verbose()), text_of_tasks));
  return std::nullopt;
}

std::string task_word(const Context& context, std::size_t at) {
  const std::string flag = context.flags.text("task");
  return flag.empty() && at < context.words.size() ? context.words[at] : flag;
}

}  // namespace caravan::cli
