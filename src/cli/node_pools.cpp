// SPDX-License-Identifier: Apache-2.0
// node pool list, info, init, apply, delete, jobs, nodes.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/job_view.hpp"
#include "cli/node_view.hpp"
#include "cli/spec_file.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* default_file = "pool.nomad.hcl";
constexpr std::string_view example = R"hcl(node_pool "example" {
  description = "Example node pool"

  # What people and tools want to know of the pool.
  meta {
    environment = "dev"
    owner       = "sre"
  }

  # How long the identities of its nodes count.
  # node_identity_ttl = "24h"

  # Settings for jobs of this pool, in place of the cluster's.
  # scheduler_config {
  #   scheduler_algorithm             = "spread"
  #   memory_oversubscription_enabled = true
  # }
}
)hcl";

const std::vector<SpecKey> keys = {
    {"description", "Description", false, {}},
    {"meta", "Meta", true, {}},
    {"node_identity_ttl", "NodeIdentityTTL", false, {}},
    {"scheduler_config",
     "SchedulerConfiguration",
     true,
     {{"scheduler_algorithm", "SchedulerAlgorithm", false, {}},
      {"memory_oversubscription_enabled", "MemoryOversubscriptionEnabled", false, {}}}}};

std::string pool_path(const std::string& name, const char* rest = "") {
  return fmt::format("/v1/node/pool/{}{}", base::percent_encode(name), rest);
}

Params list_params(const Context& context) {
  Params params;
  for (const auto& [flag, name] : {std::pair("filter", "filter"), std::pair("per-page", "per_page"),
                                   std::pair("page-token", "next_token")})
    if (const std::string value = context.flags.text(flag); !value.empty())
      params.emplace_back(name, value);
  return params;
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/node/pools", list_params(context));
  if (!reply) return context.fail("Error querying node pools", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"Name", "Description"}};
  for (const json::Value& pool : list(reply->body))
    rows.push_back({text(pool, "Name"), text(pool, "Description")});
  context.out(table(rows));
  return 0;
}

int run_info(Context& context) {
  const base::Result<Reply> reply = context.api().get(pool_path(context.words[0]));
  if (!reply) return context.fail("Error querying node pool", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const json::Value& pool = reply->body;
  context.out(
      key_values({{"Name", text(pool, "Name")},
                  {"Description", text(pool, "Description")},
                  {"Node Identity TTL",
                   base::format_duration(base::Duration(integer(pool, "NodeIdentityTTL")))}}));
  Pairs meta;
  for (const json::Member* member : sorted_members(pool.at("Meta")))
    if (const std::string* value = member->value.as_string())
      meta.emplace_back(member->name, *value);
  context.out("\nMetadata\n" + (meta.empty() ? "No metadata" : key_values(meta)));
  const json::Value& scheduling = pool.at("SchedulerConfiguration");
  if (!scheduling.as_object()) {
    context.out("\nScheduler Configuration\nNo scheduler configuration");
    return 0;
  }
  Pairs shown;
  if (const std::string algorithm = text(scheduling, "SchedulerAlgorithm"); !algorithm.empty())
    shown.emplace_back("Scheduler Algorithm", algorithm);
  if (!scheduling.at("MemoryOversubscriptionEnabled").is_null())
    shown.emplace_back("Memory Oversubscription Enabled",
                       yes_no(boolean(scheduling, "MemoryOversubscriptionEnabled")));
  context.out("\nScheduler Configuration\n" + key_values(shown));
  return 0;
}

int run_init(Context& context) {
  const std::string file = context.words.empty() ? default_file : context.words[0];
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0)
    return context.fail(fmt::format("Cannot write \"{}\": {}", file, std::strerror(errno)));
  const ssize_t written = ::write(fd, example.data(), example.size());
  ::close(fd);
  if (written != static_cast<ssize_t>(example.size()))
    return context.fail(fmt::format("Cannot write \"{}\"", file));
  context.out(fmt::format("Example node pool specification written to {}", file));
  return 0;
}

int run_apply(Context& context) {
  const base::Result<json::Object> pool = read_spec(context.words[0], "node_pool", keys);
  if (!pool) return context.fail("Failed to parse input content", pool.error());
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/node/pools", *pool);
  if (!reply) return context.fail("Error applying node pool", reply.error());
  context.out(fmt::format("Successfully applied node pool \"{}\"!", text(*pool, "Name")));
  return 0;
}

int run_delete(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", pool_path(name), nullptr);
  if (!reply) return context.fail("Error deleting node pool", reply.error());
  context.out(fmt::format("Successfully deleted node pool \"{}\"!", name));
  return 0;
}

int run_nodes(Context& context) {
  const base::Result<Reply> reply =
      context.api().get(pool_path(context.words[0], "/nodes"), list_params(context));
  if (!reply) return context.fail("Error querying node pool nodes", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"ID", "DC", "Name", "Class", "Drain", "Eligibility", "Status"}};
  for (const json::Value& node : list(reply->body))
    rows.push_back({short_id(text(node, "ID"), context.verbose()), text(node, "Datacenter"),
                    text(node, "Name"), text(node, "NodeClass"), yes_no(boolean(node, "Drain")),
                    text(node, "SchedulingEligibility"), text(node, "Status")});
  context.out(rows.size() == 1 ? "No nodes" : table(rows));
  return 0;
}

int run_jobs(Context& context) {
  const base::Result<Reply> reply =
      context.api().get(pool_path(context.words[0], "/jobs"), list_params(context));
  if (!reply) return context.fail("Error querying node pool jobs", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"ID", "Type", "Priority", "Status", "Submit Date"}};
  for (const json::Value& job : list(reply->body))
    rows.push_back({text(job, "ID"), text(job, "Type"), fmt::format("{}", integer(job, "Priority")),
                    text(job, "Status"), format_time(integer(job, "SubmitTime"))});
  context.out(rows.size() == 1 ? "No jobs" : table(rows));
  return 0;
}

std::vector<FlagSpec> list_flags() {
  return {{"filter", "expression", "Only those that match."},
          {"per-page", "count", "How many to list."},
          {"page-token", "token", "Where to go on listing."},
          {"json", "", "The answer as JSON."},
          {"t", "template", "The answer through a Go template."},
          {"verbose", "", "Whole ids."}};
}

Command of_pool(std::string verb, std::string synopsis, std::string help,
                std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = "node pool " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <node-pool>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <node-pool>",
          .run = run};
}

}  // namespace

Command node_pool_list_command() {
  return {.name = "node pool list",
          .synopsis = "List the node pools",
          .usage = "[options]",
          .help = "Lists the node pools; \"all\" and \"default\" are always there.",
          .flags = list_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command node_pool_info_command() {
  return of_pool(
      "info", "Display a node pool", "Shows one node pool with its settings.",
      {{"json", "", "The answer as JSON."}, {"t", "template", "The answer through a Go template."}},
      run_info);
}

Command node_pool_init_command() {
  return {.name = "node pool init",
          .synopsis = "Write an example of a node pool's file",
          .usage = "[<file>]",
          .help = fmt::format("Writes an example to \"{}\", or to the file that is named. A file\n"
                              "that exists is left alone.",
                              default_file),
          .words_max = 1,
          .takes = "at most one argument: <file>",
          .uses_api = false,
          .run = run_init};
}

Command node_pool_apply_command() {
  return {.name = "node pool apply",
          .synopsis = "Make or change a node pool",
          .usage = "[options] <file>",
          .help =
              "Makes the node pool that the file describes, or changes it; \"-\" is standard\n"
              "input.",
          .flags = {{"json", "", "The file is JSON; it is recognised without, too."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <file>",
          .run = run_apply};
}

Command node_pool_delete_command() {
  return of_pool("delete", "Delete a node pool",
                 "Deletes a node pool that has no nodes and no jobs that stand.", {}, run_delete);
}

Command node_pool_nodes_command() {
  return of_pool("nodes", "List the nodes of a pool", "Lists the nodes of one pool.", list_flags(),
                 run_nodes);
}

Command node_pool_jobs_command() {
  return of_pool("jobs", "List the jobs of a pool", "Lists the jobs that ask for this pool.",
                 list_flags(), run_jobs);
}

}  // namespace caravan::cli
