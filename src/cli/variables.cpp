// SPDX-License-Identifier: Apache-2.0
// var list, get, purge, init.
#include <filesystem>
#include <fstream>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/template.hpp"
#include "cli/variable_view.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* example_hcl = R"(# A variable for 'var put @spec.nv.hcl'.

# Where it is kept. Tasks read what stands under nomad/jobs/<job>/<group>/<task>.
path = "path/to/variable"

# namespace = "default"

# With an index, it is written only while the variable is still at that index.
# modify_index = 0

# Names and values, strings both, 64 KiB in all.
items = {
  key1 = "value 1"
  key2 = "value 2"
}
)";
constexpr const char* example_json = R"({
  "Namespace": "default",
  "Path": "path/to/variable",
  "Items": {
    "key1": "value 1",
    "key2": "value 2"
  }
}
)";

int run_list(Context& context) {
  Params params;
  if (!context.words.empty()) params.emplace_back("prefix", context.words[0]);
  for (const auto& [flag, name] :
       {std::pair("per-page", "per_page"), {"page-token", "next_token"}, {"filter", "filter"}})
    if (context.flags.given(flag)) params.emplace_back(name, context.flags.text(flag));
  const base::Result<Reply> reply = context.api().get("/v1/vars", std::move(params));
  if (!reply) return context.fail("Error retrieving vars", reply.error());
  const std::string form = context.flags.text("out", is_terminal() ? "table" : "terse");
  if (form == "json") {
    context.out(pretty_json(reply->body));
    return 0;
  }
  if (form == "go-template") {
    const base::Result<std::string> rendered =
        render_template(context.flags.text("template"), reply->body);
    if (!rendered) return context.fail("Error in the template", rendered.error());
    context.out(*rendered);
    return 0;
  }
  if (form != "table" && form != "terse")
    return context.wrong_use(fmt::format("-out: \"{}\" is not known", base::printable(form, 32)));
  Rows rows = {{"Namespace", "Path", "Last Updated"}};
  for (const json::Value& variable : list(reply->body)) {
    if (form == "terse") context.out(text(variable, "Path"));
    rows.push_back({text(variable, "Namespace"), text(variable, "Path"),
                    format_time(integer(variable, "ModifyTime"))});
  }
  if (form == "table") context.out(rows.size() == 1 ? "No variables found" : table(rows));
  return 0;
}

int run_get(Context& context) {
  const base::Result<Reply> reply = context.api().get(variable_path(context.words[0]));
  if (!reply) return context.fail("Error retrieving variable", reply.error());
  if (!context.flags.given("item")) return show_variable(context, reply->body, "table");
  const std::string name = context.flags.text("item");
  const std::string* item = reply->body.at("Items").at(name).as_string();
  if (!item)
    return context.fail(
        fmt::format("Variable does not contain \"{}\" item", base::printable(name, 64)));
  context.out(*item);
  return 0;
}

int run_purge(Context& context) {
  Params params;
  if (context.flags.given("check-index"))
    params.emplace_back("cas", context.flags.text("check-index"));
  const base::Result<Reply> reply =
      context.api().send("DELETE", variable_path(context.words[0]), nullptr, std::move(params));
  if (!reply) return context.fail("Error purging variable", reply.error());
  context.out(fmt::format("Successfully purged variable \"{}\"!", context.words[0]));
  return 0;
}

int run_init(Context& context) {
  const std::string form = context.flags.text("out", "hcl");
  if (form != "hcl" && form != "json") return context.wrong_use("-out: has to be hcl or json");
  const std::string path = context.words.empty() ? "spec.nv." + form : context.words[0];
  if (std::filesystem::exists(path))
    return context.fail(fmt::format("File \"{}\" already exists", path));
  std::ofstream file(path);
  file << (form == "hcl" ? example_hcl : example_json);
  file.close();
  if (!file) return context.fail(fmt::format("Failed to write \"{}\"", path));
  context.out(fmt::format("Example variable specification written to {}", path));
  return 0;
}

}  // namespace

Command var_list_command() {
  std::vector<FlagSpec> flags = variable_out_flags(
      "table, terse, json or go-template; table where a person reads, else terse.");
  flags.push_back({"per-page", "number", "So many at most."});
  flags.push_back({"page-token", "token", "Where the page before ended."});
  flags.push_back({"filter", "expression", "Those of which it is true."});
  return {.name = "var list",
          .synopsis = "List variables",
          .usage = "[options] [<prefix>]",
          .help = "Lists the variables that the caller may see, those under the prefix only.",
          .flags = std::move(flags),
          .words_max = 1,
          .takes = "flags and either no arguments or one: <prefix>",
          .run = run_list};
}

Command var_get_command() {
  std::vector<FlagSpec> flags = variable_out_flags(
      "table, json, hcl, none or go-template; table where a person reads, else json.");
  flags.push_back({"item", "name", "Only the value of this item."});
  return {.name = "var get",
          .synopsis = "Read a variable",
          .usage = "[options] <path>",
          .help = "Shows a variable with its items.",
          .flags = std::move(flags),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <path>",
          .run = run_get};
}

Command var_purge_command() {
  return {.name = "var purge",
          .synopsis = "Delete a variable",
          .usage = "[options] <path>",
          .help = "Deletes the variable for good.",
          .flags = {{"check-index", "index", "Only while the variable is at this index."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <path>",
          .run = run_purge};
}

Command var_init_command() {
  return {.name = "var init",
          .synopsis = "Write an example of a variable's file",
          .usage = "[options] [<file>]",
          .help =
              "Writes an example to spec.nv.hcl, spec.nv.json with -out=json, or to the file\n"
              "that is named. A file that exists is left alone.",
          .flags = {{"out", "format", "hcl or json."}},
          .words_max = 1,
          .takes = "at most one argument: <file>",
          .uses_api = false,
          .run = run_init};
}

}  // namespace caravan::cli
