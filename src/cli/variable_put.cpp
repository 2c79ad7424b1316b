// SPDX-License-Identifier: Apache-2.0
// var put.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/variable_spec.hpp"
#include "cli/variable_view.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

/// "key=value", "key=@file", "key=-".
base::Status add_item(json::Object& items, const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0)
    return base::invalid(
        fmt::format("\"{}\" is not an item: it has the form key=value", base::printable(word, 64)));
  std::string value = word.substr(equals + 1);
  if (value == "-" || value.starts_with('@')) {
    TRY(value, read_text(value == "-" ? value : value.substr(1)));
  }
  items[word.substr(0, equals)] = std::move(value);
  return {};
}

int run_put(Context& context) {
  const std::string in = context.flags.text("in", "hcl");
  if (in != "hcl" && in != "json") return context.wrong_use("-in: has to be hcl or json");
  base::Result<VariableSpec> spec = read_variable_spec(context.words);
  if (!spec) return context.fail("Failed to parse variable", spec.error());
  json::Object& items = *spec->body["Items"].as_object();
  for (std::size_t i = spec->words; i < context.words.size(); ++i)
    if (const base::Status added = add_item(items, context.words[i]); !added)
      return context.fail("Failed to parse variable", added.error());
  Params params;
  if (context.flags.given("check-index"))
    params.emplace_back("cas", context.flags.text("check-index"));
  else if (spec->index != 0 && !context.flags.on("force"))
    params.emplace_back("cas", fmt::format("{}", spec->index));
  if (context.flags.given("namespace")) spec->body["Namespace"] = context.flags.text("namespace");
  const std::string ns = text(spec->body, "Namespace");
  if (!ns.empty() && !context.flags.given("namespace")) params.emplace_back("namespace", ns);
  const base::Result<Reply> reply =
      context.api().send("PUT", variable_path(spec->path), spec->body, std::move(params));
  if (!reply && reply.error().code == base::Code::conflict)
    return context.fail(fmt::format(
        "Check-and-Set conflict\n\nThe variable \"{}\" is not at the index that was expected, or "
        "somebody holds its lock.\nRead it again with 'var get', or use -force to overwrite it "
        "whatever its index.\n\n{}",
        spec->path, reply.error().message));
  if (!reply) return context.fail("Error creating variable", reply.error());
  const std::string form = context.flags.text("out", is_terminal() ? "none" : "json");
  if (form == "none" || form == "table") {
    const bool is_new = integer(reply->body, "CreateIndex") == integer(reply->body, "ModifyIndex");
    context.out(fmt::format("Successfully {} variable \"{}\"!", is_new ? "created" : "updated",
                            spec->path));
  }
  return show_variable(context, reply->body, "none");
}

}  // namespace

Command var_put_command() {
  std::vector<FlagSpec> flags = variable_out_flags(
      "table, json, hcl, none or go-template; none where a person reads, else json.");
  flags.push_back(
      {"check-index", "index", "Only while the variable is at this index; 0: only a new one."});
  flags.push_back({"force", "", "Whatever index the file names."});
  flags.push_back({"in", "format", "hcl or json, of what is read; both are recognised without."});
  return {.name = "var put",
          .synopsis = "Create or update a variable",
          .usage = "[options] <path or @file or -> [@file or -] [key=value]…",
          .help =
              "Writes all items of a variable. They come from a file in HCL or JSON, \"-\" for\n"
              "standard input, and from words such as key=value; key=@file and key=- take the\n"
              "value from a file or from standard input as it is.",
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 4096,
          .takes = "at least one argument: <path>, @<file> or -",
          .run = run_put};
}

}  // namespace caravan::cli
