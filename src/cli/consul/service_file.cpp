// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/service_file.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/job_file.hpp"
#include "hcl/parser.hpp"
#include "hcl/reader.hpp"

namespace caravan::cli::consul {
namespace {

/// Members whose own members are named by whoever wrote them.
bool holds_names(const std::string& name) { return name == "meta" || name == "header"; }
/// Members of which the API has one, where a block makes a list.
bool is_single(const std::string& name) {
  return name == "check" || name == "weights" || name == "proxy" || name == "connect" ||
         holds_names(name);
}

std::string api_name(std::string name) {
  std::erase(name, '_');  // the API takes any case
  return name;
}

json::Value in_api_words(const std::string& name, json::Value value);

json::Object object_in_api_words(const json::Object& object) {
  json::Object renamed;
  for (const json::Member& member : object) {
    json::Value value = member.value;
    const json::Array* list = value.as_array();
    if (list && list->size() == 1 && is_single(member.name)) value = json::Value(list->front());
    renamed[api_name(member.name)] = in_api_words(member.name, std::move(value));
  }
  // What the command itself looks at has the API's own name.
  for (const auto& [low, high] : {std::pair("name", "Name"), std::pair("id", "ID")})
    if (json::Value* value = renamed.find(low)) {
      json::Value moved = std::move(*value);
      renamed.erase(low);
      renamed[high] = std::move(moved);
    }
  return renamed;
}

json::Value in_api_words(const std::string& name, json::Value value) {
  if (holds_names(name)) return value;
  if (const json::Object* object = value.as_object()) return object_in_api_words(*object);
  json::Array* list = value.as_array();
  if (!list) return value;
  for (json::Value& each : *list)
    each = in_api_words(name, std::move(each));
  return value;
}

}  // namespace

base::Result<std::vector<json::Object>> read_services(const std::string& path) {
  TRY(std::string text, read_text(path));
  hcl::Diagnostics diagnostics;
  const hcl::File file = hcl::parse(path, std::move(text), hcl::Dialect::plain, diagnostics);
  std::optional<hcl::Value> all;
  if (!diagnostics.has_errors()) {
    hcl::Run run(diagnostics);
    const hcl::Scope scope;
    all = hcl::free_form({file.body.get(), &scope}, run);
  }
  if (!all || diagnostics.has_errors())
    return base::invalid(std::string(base::trim(diagnostics.render())));
  const json::Value read = all->to_json();
  std::vector<json::Object> services;
  for (const char* name : {"service", "services"}) {
    const json::Value& found = read.at(name);
    if (const json::Object* one = found.as_object()) services.push_back(object_in_api_words(*one));
    if (const json::Array* list = found.as_array())
      for (const json::Value& each : *list)
        if (const json::Object* one = each.as_object())
          services.push_back(object_in_api_words(*one));
  }
  if (services.empty())
    return base::invalid(fmt::format("{}: no service and no services in it", path));
  return services;
}

}  // namespace caravan::cli::consul
