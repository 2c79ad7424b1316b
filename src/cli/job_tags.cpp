// SPDX-License-Identifier: Apache-2.0
// job tag apply, job tag unset.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string tag_path(const json::Value& job, const std::string& name) {
  return job_path(job, fmt::format("/versions/{}/tag", base::percent_encode(name)));
}

int run_apply(Context& context) {
  const std::string name = context.flags.text("name");
  if (name.empty()) return context.wrong_use("A version tag name is required: -name");
  json::Object body = {{"Description", context.flags.text("description")}};
  const std::string version = context.flags.text("version");
  if (version.empty() || version == "latest") {
    body["Latest"] = true;
  } else {
    const base::Result<long long> number = context.flags.number("version", 0);
    if (!number || *number < 0)
      return context.wrong_use(
          fmt::format("-version: \"{}\" is no version", base::printable(version, 64)));
    body["Version"] = std::int64_t{*number};
  }
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return 1;
  const base::Result<Reply> reply =
      context.api().send("PUT", tag_path(*job, name), body, in_namespace_of(*job));
  if (!reply) return context.fail("Error applying job version tag", reply.error());
  context.out(
      version.empty() || version == "latest"
          ? fmt::format("Job \"{}\" latest version tagged with name \"{}\"", text(*job, "ID"), name)
          : fmt::format("Job \"{}\" version {} tagged with name \"{}\"", text(*job, "ID"), version,
                        name));
  return 0;
}

int run_unset(Context& context) {
  const std::string name = context.flags.text("name");
  if (name.empty()) return context.wrong_use("A version tag name is required: -name");
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return 1;
  const base::Result<Reply> reply =
      context.api().send("DELETE", tag_path(*job, name), nullptr, in_namespace_of(*job));
  if (!reply) return context.fail("Error untagging job version", reply.error());
  context.out(fmt::format("Tag \"{}\" removed from job \"{}\"", name, text(*job, "ID")));
  return 0;
}

}  // namespace

Command job_tag_apply_command() {
  return {.name = "job tag apply",
          .synopsis = "Give a version of a job a name",
          .usage = "[options] <job>",
          .help =
              "A version that has a name is kept for as long as it has it, and can be named\n"
              "to 'job revert' and 'job history -diff-tag'.",
          .flags = {{"name", "name", "The name."},
                    {"description", "text", "Why the version has it."},
                    {"version", "version", "The version; without it, the newest."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run_apply};
}

Command job_tag_unset_command() {
  return {.name = "job tag unset",
          .synopsis = "Take a name away from a version of a job",
          .usage = "[options] <job>",
          .help = "The version may be forgotten from then on.",
          .flags = {{"name", "name", "The name."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run_unset};
}

}  // namespace caravan::cli
