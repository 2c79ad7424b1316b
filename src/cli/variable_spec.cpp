// SPDX-License-Identifier: Apache-2.0
#include "cli/variable_spec.hpp"

#include "cli/format.hpp"
#include "cli/spec_file.hpp"

namespace caravan::cli {
namespace {

const std::vector<SpecKey> keys = {
    {"namespace", "Namespace"},
    {"path", "Path"},
    {"modify_index", "ModifyIndex"},
    {"create_index", "CreateIndex"},
    {.name = "items", .member = "Items", .is_block = true},
    {.name = "lock",
     .member = "Lock",
     .is_block = true,
     .inside = {{"ttl", "TTL"}, {"lock_delay", "LockDelay"}, {"id", "ID"}}},
    // As the API writes them: what `var get -out=json` gave.
    {"Namespace", "Namespace"},
    {"Path", "Path"},
    {"ModifyIndex", "ModifyIndex"},
    {"CreateIndex", "CreateIndex"},
    {"ModifyTime", "ModifyTime"},
    {"CreateTime", "CreateTime"},
    {.name = "Items", .member = "Items", .is_block = true},
    {.name = "Lock", .member = "Lock", .is_block = true}};

bool is_file(const std::string& word) { return word == "-" || word.starts_with('@'); }

}  // namespace

base::Result<VariableSpec> read_variable_spec(const std::vector<std::string>& words) {
  VariableSpec spec;
  if (!is_file(words[0])) spec.path = words[spec.words++];
  if (spec.words < words.size() && is_file(words[spec.words])) {
    const std::string& file = words[spec.words++];
    TRY(spec.body, read_spec(file == "-" ? file : file.substr(1), "", keys));
    const std::string inside = text(spec.body, "Path");
    if (spec.path.empty()) spec.path = inside;
    if (spec.path.empty()) return base::invalid("the specification names no path");
  }
  spec.index = integer(spec.body, "ModifyIndex");
  spec.body["Path"] = spec.path;
  if (!spec.body.find("Items")) spec.body["Items"] = json::Object();
  return spec;
}

}  // namespace caravan::cli
