// SPDX-License-Identifier: Apache-2.0
// quota list, status, inspect, apply, delete, init.
#include <filesystem>
#include <fstream>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/spec_file.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* default_file = "spec.hcl";
constexpr const char* example = R"(name        = "default-quota"
description = "Limit the shared default namespace"

# Of each amount, 0 is no limit, and a negative number allows nothing.
limit {
  region = "global"
  region_limit {
    cores      = 0
    cpu        = 2500
    memory     = 1000
    memory_max = 1000
  }
}
)";

const std::vector<SpecKey> keys = {
    {"name", "Name"},
    {"description", "Description"},
    {.name = "limit",
     .member = "Limits",
     .is_block = true,
     .inside = {{"region", "Region"},
                {"variables_limit", "VariablesLimit"},
                {.name = "region_limit",
                 .member = "RegionLimit",
                 .is_block = true,
                 .inside = {{"cpu", "CPU"},
                            {"cores", "Cores"},
                            {"memory", "MemoryMB"},
                            {"memory_max", "MemoryMaxMB"},
                            {"disk", "DiskMB"},
                            {"secrets", "SecretsMB"},
                            {.name = "storage",
                             .member = "Storage",
                             .is_block = true,
                             .inside = {{"variables", "VariablesMB"},
                                        {"host_volumes", "HostVolumesMB"}}}}}},
     .repeats = true}};

std::string path_of(const std::string& name) { return "/v1/quota/" + base::percent_encode(name); }

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/quotas");
  if (!reply) return context.fail("Error retrieving quotas", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  Rows rows = {{"Name", "Description"}};
  for (const json::Value& quota : list(reply->body))
    rows.push_back({text(quota, "Name"), text(quota, "Description")});
  context.out(rows.size() == 1 ? "No quotas found" : table(rows));
  return 0;
}

/// "120 / 500"; no limit is "inf", and one that allows nothing is 0.
std::string used_of(const json::Value& used, const json::Value& limit, const char* amount) {
  const std::int64_t most = integer(limit, amount);
  return fmt::format("{} / {}", integer(used, amount),
                     most == 0 ? "inf" : fmt::format("{}", std::max<std::int64_t>(most, 0)));
}

int run_status(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<Reply> reply = context.api().get(path_of(name));
  if (!reply) return context.fail("Error retrieving quota", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const json::Value& quota = reply->body;
  const base::Result<Reply> usage =
      context.api().get("/v1/quota/usage/" + base::percent_encode(name));
  if (!usage) return context.fail("Error retrieving the quota's usage", usage.error());
  context.out(key_values({{"Name", text(quota, "Name")},
                          {"Description", text(quota, "Description")},
                          {"Limits", fmt::format("{}", list(quota, "Limits").size())}}));
  Rows rows = {
      {"Region", "CPU Usage", "Core Usage", "Memory Usage", "Memory Max Usage", "Disk Usage"}};
  for (const json::Value& limit : list(quota, "Limits")) {
    const json::Value& used = usage->body.at("Used").at(text(limit, "Hash")).at("RegionLimit");
    const json::Value& most = limit.at("RegionLimit");
    std::vector<std::string> row = {text(limit, "Region")};
    for (const char* amount : {"CPU", "Cores", "MemoryMB", "MemoryMaxMB", "DiskMB"})
      row.push_back(used_of(used, most, amount));
    rows.push_back(std::move(row));
  }
  context.out("\nQuota Limits\n" + table(rows));
  return 0;
}

int run_inspect(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<Reply> quota = context.api().get(path_of(name));
  if (!quota) return context.fail("Error retrieving quota", quota.error());
  const base::Result<Reply> usage =
      context.api().get("/v1/quota/usage/" + base::percent_encode(name));
  if (!usage) return context.fail("Error retrieving the quota's usage", usage.error());
  json::Object usages;
  for (const json::Member* used : sorted_members(usage->body.at("Used")))
    usages[text(used->value, "Region")] = usage->body;
  const json::Value whole = json::Object{
      {"Spec", quota->body}, {"UsageLookupErrors", json::Object()}, {"Usages", usages}};
  int code = 0;
  if (context.flags.given("t") && context.shows_data(whole, code)) return code;
  context.out(pretty_json(whole));
  return 0;
}

int run_apply(Context& context) {
  const base::Result<json::Object> quota = read_spec(context.words[0], "", keys);
  if (!quota) return context.fail("Error reading the quota's file", quota.error());
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/quota", *quota);
  if (!reply) return context.fail("Error applying quota specification", reply.error());
  context.out(
      fmt::format("Successfully applied quota specification \"{}\"!", text(*quota, "Name")));
  return 0;
}

int run_delete(Context& context) {
  const std::string& name = context.words[0];
  const base::Result<Reply> reply = context.api().send("DELETE", path_of(name), nullptr);
  if (!reply) return context.fail("Error deleting quota", reply.error());
  context.out(fmt::format("Successfully deleted quota \"{}\"!", name));
  return 0;
}

int run_init(Context& context) {
  const std::string path = context.words.empty() ? default_file : context.words[0];
  if (std::filesystem::exists(path))
    return context.fail(fmt::format("Quota specification \"{}\" already exists", path));
  std::ofstream file(path);
  file << example;
  file.close();
  if (!file) return context.fail(fmt::format("Failed to write \"{}\"", path));
  context.out(fmt::format("Example quota specification written to {}", path));
  return 0;
}

Command of_quota(std::string verb, std::string synopsis, std::string help,
                 std::vector<FlagSpec> flags, int (*run)(Context&)) {
  return {.name = "quota " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <quota>",
          .help = std::move(help),
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <quota>",
          .run = run};
}

const std::vector<FlagSpec>& data_flags() {
  static const std::vector<FlagSpec> flags = {
      {"json", "", "The answer as JSON."}, {"t", "template", "The answer through a Go template."}};
  return flags;
}

}  // namespace

Command quota_list_command() {
  return {.name = "quota list",
          .synopsis = "List the quotas",
          .usage = "[options]",
          .help = "Lists the quotas that namespaces may name.",
          .flags = data_flags(),
          .takes = "no arguments",
          .run = run_list};
}

Command quota_status_command() {
  return of_quota("status", "Display a quota and what of it is used",
                  "Shows the limits of a quota, and what the namespaces that name it use.",
                  data_flags(), run_status);
}

Command quota_inspect_command() {
  return of_quota("inspect", "Display a quota as the API has it",
                  "Prints the quota and its usage as JSON.", data_flags(), run_inspect);
}

Command quota_apply_command() {
  return {.name = "quota apply",
          .synopsis = "Make or change a quota",
          .usage = "[options] <file>",
          .help =
              "Makes the quota that the file describes, or changes it; \"-\" is standard\n"
              "input. 'namespace apply -quota <quota> <namespace>' puts a namespace under it.",
          .flags = {{"json", "", "The file is JSON; it is recognised without, too."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <file>",
          .run = run_apply};
}

Command quota_delete_command() {
  return of_quota("delete", "Delete a quota", "Deletes a quota that no namespace names.", {},
                  run_delete);
}

Command quota_init_command() {
  return {.name = "quota init",
          .synopsis = "Write an example of a quota's file",
          .usage = "[<file>]",
          .help = fmt::format("Writes an example to \"{}\", or to the file that is named. A file\n"
                              "that exists is left alone.",
                              default_file),
          .words_max = 1,
          .takes = "at most one argument: <file>",
          .uses_api = false,
          .run = run_init};
}

}  // namespace caravan::cli
