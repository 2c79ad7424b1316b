// SPDX-License-Identifier: Apache-2.0
#include "cli/variable_view.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/template.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

std::string as_table(const json::Value& variable) {
  Pairs head = {{"Namespace", text(variable, "Namespace")},
                {"Path", text(variable, "Path")},
                {"Create Time", format_time(integer(variable, "CreateTime"))}};
  if (integer(variable, "CreateTime") != integer(variable, "ModifyTime"))
    head.emplace_back("Modify Time", format_time(integer(variable, "ModifyTime")));
  head.emplace_back("Check Index", fmt::format("{}", integer(variable, "ModifyIndex")));
  Pairs items;
  for (const json::Member* item : sorted_members(variable.at("Items")))
    items.emplace_back(item->name, item->value.as_string() ? *item->value.as_string() : "");
  return key_values(head) + "\n\nItems\n" + (items.empty() ? "<none>" : key_values(items));
}

/// A specification that `var put -in=hcl` takes.
std::string as_hcl(const json::Value& variable) {
  std::string hcl =
      fmt::format("namespace    = {}\npath         = {}\nmodify_index = {}\n",
                  json::to_string(text(variable, "Namespace")),
                  json::to_string(text(variable, "Path")), integer(variable, "ModifyIndex"));
  hcl += "\nitems = {\n";
  for (const json::Member* item : sorted_members(variable.at("Items"))) {
    hcl += fmt::format("  {} = {}\n", json::to_string(item->name), json::to_string(item->value));
  }
  return hcl + "}";
}

}  // namespace

std::string variable_path(const std::string& path) {
  return "/v1/var/" + base::percent_encode(path);
}

bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

int show_variable(Context& context, const json::Value& variable, const std::string& on_terminal) {
  const std::string form = context.flags.text("out", is_terminal() ? on_terminal : "json");
  if (form == "none") return 0;
  if (form == "table") {
    context.out(as_table(variable));
  } else if (form == "json") {
    context.out(pretty_json(variable));
  } else if (form == "hcl") {
    context.out(as_hcl(variable));
  } else if (form == "go-template") {
    const base::Result<std::string> rendered =
        render_template(context.flags.text("template"), variable);
    if (!rendered) return context.fail("Error in the template", rendered.error());
    context.out(*rendered);
  } else {
    return context.wrong_use(fmt::format("-out: \"{}\" is not known", base::printable(form, 32)));
  }
  return 0;
}

std::vector<FlagSpec> variable_out_flags(const std::string& formats) {
  return {{"out", "format", formats},
          {"template", "template", "The Go template of -out=go-template."}};
}

}  // namespace caravan::cli
