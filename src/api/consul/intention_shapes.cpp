// SPDX-License-Identifier: Apache-2.0
#include "api/consul/intention_shapes.hpp"

#include <fmt/core.h>

#include "api/consul/config_shape.hpp"
#include "api/consul/members.hpp"
#include "base/text.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;

constexpr std::string_view only_namespace = "default";
/// Of one that came with a configuration entry: when is not known.
constexpr const char* no_time = "0001-01-01T00:00:00Z";

std::string time_text(const std::string& time) { return time.empty() ? no_time : time; }

base::Status check_sizes(const model::Intention& intention) {
  const auto is_short = [](const std::string& text) {
    return text.size() <= model::intention_text_max;
  };
  if (!is_short(intention.description))
    return base::invalid(
        fmt::format("Description: is above {} bytes", model::intention_text_max));
  if (intention.meta.size() > model::intention_meta_max)
    return base::invalid(fmt::format("Meta: has more than {}", model::intention_meta_max));
  for (const auto& [key, value] : intention.meta)
    if (!is_short(key) || !is_short(value))
      return base::invalid(fmt::format("Meta[\"{}\"]: is above {} bytes",
                                       base::printable(key, 64), model::intention_text_max));
  return {};
}

base::Status take_namespaces(Members& members) {
  for (const char* name : {"SourceNS", "DestinationNS"}) {
    std::string given;
    TRY_VOID(members.text(name, given));
    if (!given.empty() && given != only_namespace)
      return base::fail(base::Code::unsupported,
                        fmt::format("{}: only \"{}\" is there", name, only_namespace));
  }
  return {};
}

}  // namespace

json::Object intention_json(const model::Intention& intention) {
  json::Object meta;
  for (const auto& [key, value] : intention.meta)
    meta[key] = value;
  json::Object shown;
  if (!intention.id.is_nil()) shown["ID"] = intention.id.to_string();
  shown["Description"] = intention.description;
  shown["SourceNS"] = only_namespace;
  shown["SourceName"] = intention.source;
  shown["DestinationNS"] = only_namespace;
  shown["DestinationName"] = intention.destination;
  shown["SourceType"] = "consul";
  if (intention.is_about_requests())
    shown["Permissions"] = intention.permissions;
  else
    shown["Action"] = intention.allows ? "allow" : "deny";
  shown["Meta"] = std::move(meta);
  shown["Precedence"] = model::precedence_of(intention.source, intention.destination);
  shown["CreatedAt"] = time_text(intention.create_time);
  shown["UpdatedAt"] = time_text(intention.update_time);
  shown["CreateIndex"] = intention.create_index;
  shown["ModifyIndex"] = intention.modify_index;
  return shown;
}

base::Result<std::string> service_named(const std::string& text, std::string_view what) {
  if (text.empty()) return base::invalid(fmt::format("required query parameter '{}' not set", what));
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return text;
  if (text.substr(0, slash) != only_namespace || slash + 1 == text.size())
    return base::invalid(fmt::format("{}: \"{}\" is of another namespace than \"{}\"", what,
                                     base::printable(text, 80), only_namespace));
  return text.substr(slash + 1);
}

bool may_read_intentions(const acl::Authorized& caller, const std::string& service) {
  return service == model::any_service ? caller.may_somewhere(Capability::intention_read)
                                       : caller.may(Capability::intention_read, service);
}

base::Status may_write_intentions(const acl::Authorized& caller, const std::string& destination) {
  if (destination != model::any_service)
    return caller.require(Capability::intention_write, destination);
  if (caller.may_all_under(Capability::intention_write, "")) return {};
  return base::fail(base::Code::denied, acl::permission_denied);
}

/// What it says is checked as the configuration entry that it becomes.
base::Result<model::Intention> intention_of(json::Object body, std::string source,
                                            std::string destination) {
  Members members(std::move(body));
  std::string id, action, description, type;
  std::map<std::string, std::string> meta;
  TRY_VOID(members.text("ID", id));
  TRY_VOID(members.text("SourceName", source));
  TRY_VOID(members.text("DestinationName", destination));
  TRY_VOID(members.text("Action", action));
  TRY_VOID(members.text("Description", description));
  TRY_VOID(members.text("SourceType", type));
  TRY_VOID(members.map("Meta", meta));
  TRY_VOID(take_namespaces(members));
  json::Value permissions = members.take("Permissions");
  // What answers say besides is no mistake when it is sent back.
  for (const char* said : {"Precedence", "CreatedAt", "UpdatedAt", "CreateIndex", "ModifyIndex",
                           "DefaultAddr", "DefaultPort", "Hash"})
    (void)members.take(said);
  if (const std::string left = members.left(); !left.empty())
    return base::invalid(fmt::format("Request decode failed: json: unknown field \"{}\"",
                                     base::printable(left, 80)));
  if (source.empty()) return base::invalid("SourceName must be set");
  if (destination.empty()) return base::invalid("DestinationName must be set");
  json::Object written{{"Name", source}, {"Description", description}, {"Type", type}};
  if (!action.empty()) written["Action"] = action;
  if (!permissions.is_null()) written["Permissions"] = std::move(permissions);
  TRY(const model::ConfigEntry entry,
      config_entry_of({{"Kind", model::name_of(model::ConfigKind::service_intentions)},
                       {"Name", destination},
                       {"Sources", json::Array{json::Value(std::move(written))}}}));
  model::Intention intention = std::move(model::intentions_of(entry).at(0));
  TRY(intention.id, base::Uuid::parse(id));
  intention.meta = std::move(meta);
  TRY_VOID(check_sizes(intention));
  return intention;
}

}  // namespace caravan::api::consul
