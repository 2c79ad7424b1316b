// SPDX-License-Identifier: Apache-2.0
#include "expr/registry_place.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace caravan::expr {
namespace {

RegistryPlace named_place(std::string text, bool has_tag) {
  RegistryPlace place;
  const auto cut = [&](char mark) {
    const std::size_t at = text.rfind(mark);
    std::string rest = at == std::string::npos ? "" : text.substr(at + 1);
    if (at != std::string::npos) text.resize(at);
    return rest;
  };
  place.filter = cut('|');
  place.near = cut('~');
  place.datacenter = cut('@');
  const std::size_t dot = has_tag ? text.find('.') : std::string::npos;
  if (dot != std::string::npos) place.tag = text.substr(0, dot);
  place.name = dot == std::string::npos ? text : text.substr(dot + 1);
  return place;
}

RegistryPlace key_place(const std::string& text) {
  const std::size_t at = text.rfind('@');
  RegistryPlace place;
  place.name = text.substr(0, at);
  if (at != std::string::npos) place.datacenter = text.substr(at + 1);
  if (place.name.starts_with('/')) place.name.erase(0, 1);
  return place;
}

}  // namespace

RegistryPlace registry_place(const std::string& kind, const std::vector<std::string>& arguments) {
  std::string text = arguments.empty() ? "" : arguments[0];
  if (kind == "key" || kind == "ls" || kind == "tree") return key_place(text);
  // A second argument says which instances: service "web" "any".
  if (arguments.size() > 1 && kind == "service") text += "|" + arguments[1];
  return named_place(std::move(text), kind == "service" || kind == "connect");
}

bool asks_registry(const std::string& kind) {
  constexpr std::array kinds = {"key",   "ls",       "tree",        "service", "node",
                                "nodes", "services", "datacenters", "connect"};
  return std::ranges::find(kinds, kind) != kinds.end();
}

bool wants_health(const std::string& filter, std::string_view health, bool& is_known) {
  constexpr std::array known = {"any", "passing", "warning", "critical", "maintenance"};
  bool wanted = false;
  for (const std::string& one : base::split(filter.empty() ? "passing" : filter, ',')) {
    const std::string_view word = base::trim(one);
    is_known = std::ranges::find(known, word) != known.end();
    if (!is_known) return false;
    wanted = wanted || word == "any" || word == health;
  }
  return wanted;
}

}  // namespace caravan::expr
