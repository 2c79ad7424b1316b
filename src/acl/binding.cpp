// SPDX-License-Identifier: Apache-2.0
#include "acl/binding.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/filter.hpp"
#include "expr/interpolate.hpp"

namespace caravan::acl {
namespace {

constexpr std::size_t token_name_max = 256;
constexpr std::size_t list_max = 4096;  // entries of one list claim
constexpr std::string_view value_prefix = "value.";

std::unexpected<base::Error> denied(std::string why) {
  return base::fail(base::Code::denied, std::move(why));
}

/// Null when it is not there.
const json::Value* claim_at(const json::Object& claims, const std::string& name) {
  if (!name.starts_with('/')) return claims.find(name);
  const json::Value* at = nullptr;
  const json::Object* inside = &claims;
  for (std::string part : base::split(std::string_view(name).substr(1), '/')) {
    if (!inside) return nullptr;
    for (const auto& [escape, letter] : {std::pair("~1", "/"), std::pair("~0", "~")})
      for (std::size_t i = 0; (i = part.find(escape, i)) != std::string::npos; ++i)
        part.replace(i, 2, letter);
    at = inside->find(part);
    inside = at ? at->as_object() : nullptr;
  }
  return at;
}

/// A text, a number or a truth as text; nothing for what has parts.
std::optional<std::string> scalar(const json::Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (const bool* truth = value.as_bool()) return *truth ? "true" : "false";
  if (const std::int64_t* whole = value.as_int()) return fmt::format("{}", *whole);
  if (const double* number = value.as_double()) return fmt::format("{}", *number);
  return std::nullopt;
}

json::Object selector_data(const Attributes& attributes) {
  json::Object values, lists;
  for (const auto& [name, value] : attributes.values)
    values[name] = value;
  for (const auto& [name, list] : attributes.lists)
    lists[name] = json::Array(list.begin(), list.end());
  return {{"value", std::move(values)}, {"list", std::move(lists)}};
}

bool selects(const model::BindingRule& rule, const json::Value& data) {
  if (base::trim(rule.selector).empty()) return true;
  const base::Result<expr::Filter> filter = expr::Filter::parse(rule.selector);
  return filter && filter->matches(data).value_or(false);
}

expr::Lookup lookup_in(const Attributes& attributes) {
  return [&attributes](std::string_view name) -> std::optional<std::string> {
    if (!name.starts_with(value_prefix)) return std::nullopt;
    const auto found = attributes.values.find(std::string(name.substr(value_prefix.size())));
    if (found == attributes.values.end()) return std::nullopt;
    return found->second;
  };
}

/// Nothing when an attribute that it needs is not there.
std::optional<std::string> filled_in(const std::string& name, const Attributes& attributes) {
  const expr::Lookup lookup = lookup_in(attributes);
  for (const std::string& reference : expr::references(name))
    if (!lookup(reference)) return std::nullopt;
  return expr::interpolate(name, lookup);
}

template <class T>
void add_once(std::vector<T>& list, T one) {
  if (std::ranges::find(list, one) == list.end()) list.push_back(std::move(one));
}

void add(Bound& bound, const state::Tables& tables, const model::BindingRule& rule,
         const Attributes& attributes) {
  if (rule.bind_type == model::bind_management) {
    bound.management = true;
    return;
  }
  const std::optional<std::string> name = filled_in(rule.bind_name, attributes);
  if (!name) return;
  if (rule.bind_type == model::bind_policy && tables.acl_policy(*name))
    add_once(bound.policies, *name);
  if (rule.bind_type == model::bind_role)
    if (const state::Ref<model::AclRole> role = tables.acl_role_named(*name))
      add_once(bound.roles, role->id);
}

}  // namespace

base::Result<Attributes> map_claims(const model::AuthMethodConfig& config,
                                    const json::Object& claims) {
  Attributes attributes;
  for (const auto& [claim, name] : config.claims) {
    const json::Value* value = claim_at(claims, claim);
    if (!value || value->is_null()) continue;
    const std::optional<std::string> text = scalar(*value);
    if (!text)
      return denied(
          fmt::format("the claim \"{}\" is {}: ClaimMappings take a single value, "
                      "ListClaimMappings a list",
                      base::printable(claim, 128), value->kind()));
    attributes.values[name] = *text;
  }
  for (const auto& [claim, name] : config.list_claims) {
    const json::Value* value = claim_at(claims, claim);
    if (!value || value->is_null()) continue;
    const json::Array one{*value};
    const json::Array& list = value->as_array() ? *value->as_array() : one;
    std::vector<std::string>& texts = attributes.lists[name];
    for (const json::Value& each : list) {
      const std::optional<std::string> text = scalar(each);
      if (!text || texts.size() >= list_max)
        return denied(fmt::format("the claim \"{}\" is no list of at most {} texts",
                                  base::printable(claim, 128), list_max));
      texts.push_back(*text);
    }
  }
  return attributes;
}

base::Result<Bound> bind(const state::Tables& tables, const model::AuthMethod& method,
                         const Attributes& attributes) {
  const json::Value data = selector_data(attributes);
  Bound bound;
  tables.binding_rules.each([&](const base::Uuid&, const state::Ref<model::BindingRule>& rule) {
    if (rule->auth_method == method.name && selects(*rule, data))
      add(bound, tables, *rule, attributes);
  });
  if (!bound.management && bound.policies.empty() && bound.roles.empty())
    return denied("no role or policy bindings found");
  return bound;
}

std::vector<std::string> policies_to_bind(const state::Tables& tables,
                                          const model::AuthMethod& method,
                                          const Attributes& attributes) {
  const json::Value data = selector_data(attributes);
  std::vector<std::string> policies;
  tables.binding_rules.each([&](const base::Uuid&, const state::Ref<model::BindingRule>& rule) {
    if (rule->bind_type != model::bind_policy || rule->auth_method != method.name) return;
    if (!selects(*rule, data)) return;
    if (const auto name = filled_in(rule->bind_name, attributes)) add_once(policies, *name);
  });
  return policies;
}

model::AclToken token_for(const model::AuthMethod& method, const Attributes& attributes,
                          const Bound& bound) {
  const expr::Lookup of_value = lookup_in(attributes);
  const expr::Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "auth_method_type") return method.type;
    if (name == "auth_method_name") return method.name;
    return of_value(name);
  };
  model::AclToken token;
  token.name = base::printable(expr::interpolate(method.token_name_format, lookup), token_name_max);
  token.global = method.token_locality == model::locality_global;
  if (bound.management) {
    token.type = model::token_management;
    return token;
  }
  token.policies = bound.policies;
  token.roles = bound.roles;
  return token;
}

std::string unreadable(const model::BindingRule& rule) {
  if (!base::trim(rule.selector).empty()) {
    const base::Result<expr::Filter> filter = expr::Filter::parse(rule.selector);
    if (!filter) return "selector: " + filter.error().message;
    for (const std::string& field : filter->fields())
      if (field != "value" && field != "list")
        return fmt::format("selector: \"{}\" is none of value.<name> and list.<name>",
                           base::printable(field, 64));
  }
  for (const std::string& name : expr::references(rule.bind_name))
    if (!name.starts_with(value_prefix))
      return fmt::format("bind name: ${{{}}} is not ${{value.<name>}}", base::printable(name, 64));
  return "";
}

std::string unreadable_format(const model::AuthMethod& method) {
  for (const std::string& name : expr::references(method.token_name_format))
    if (name != "auth_method_type" && name != "auth_method_name" && !name.starts_with(value_prefix))
      return fmt::format(
          "TokenNameFormat: ${{{}}} is none of auth_method_type, auth_method_name and value.<name>",
          base::printable(name, 64));
  return "";
}

}  // namespace caravan::acl
