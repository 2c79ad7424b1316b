// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/acl_view.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

std::string lines(const Pairs& pairs, std::size_t width) {
  std::string all;
  for (const auto& [key, value] : pairs)
    all += fmt::format("{:<{}}{}\n", key + ":", width, value);
  return all;
}

std::string linked(const json::Value& object, const char* name) {
  std::string all;
  for (const json::Value& link : list(object, name))
    all += fmt::format("   {} - {}\n", text(link, "ID"), text(link, "Name"));
  return all.empty() ? "" : fmt::format("{}:\n{}", name, all);
}

std::string identities(const json::Value& object) {
  std::string services, nodes;
  for (const json::Value& each : list(object, "ServiceIdentities"))
    services += fmt::format("   {} (Datacenters: all)\n", text(each, "ServiceName"));
  for (const json::Value& each : list(object, "NodeIdentities"))
    nodes += fmt::format("   {} (Datacenter: {})\n", text(each, "NodeName"),
                         text(each, "Datacenter"));
  if (!services.empty()) services.insert(0, "Service Identities:\n");
  if (!nodes.empty()) nodes.insert(0, "Node Identities:\n");
  return services + nodes;
}

/// As other command lines of the field write it, in UTC.
std::string time_of(const json::Value& object, const char* name) {
  const base::Result<base::Instant> when = base::parse_rfc3339(text(object, name));
  if (!when) return text(object, name);
  std::string shown = base::format_rfc3339(*when);
  if (shown.ends_with('Z')) shown.pop_back();
  const std::size_t t = shown.find('T');
  if (t != std::string::npos) shown[t] = ' ';
  return shown + " +0000 UTC";
}

std::string without_end(std::string text) {
  while (text.ends_with('\n'))
    text.pop_back();
  return text;
}

}  // namespace

std::string token_view(const json::Value& token) {
  constexpr std::size_t width = 18;
  Pairs pairs = {{"AccessorID", text(token, "AccessorID")}, {"SecretID", text(token, "SecretID")}};
  pairs.emplace_back("Description", text(token, "Description"));
  pairs.emplace_back("Local", yes_no(boolean(token, "Local")));
  pairs.emplace_back("Create Time", time_of(token, "CreateTime"));
  if (!text(token, "ExpirationTime").empty())
    pairs.emplace_back("Expiration Time", time_of(token, "ExpirationTime"));
  return without_end(lines(pairs, width) + linked(token, "Policies") + linked(token, "Roles") +
                     identities(token));
}

std::string policy_view(const json::Value& policy) {
  constexpr std::size_t width = 14;
  std::string shown = lines({{"ID", text(policy, "ID")},
                             {"Name", text(policy, "Name")},
                             {"Description", text(policy, "Description")},
                             {"Datacenters", base::join(texts(policy.at("Datacenters")), ", ")}},
                            width);
  if (const std::string rules = text(policy, "Rules"); !rules.empty()) shown += "Rules:\n" + rules;
  return without_end(shown);
}

std::string role_view(const json::Value& role) {
  constexpr std::size_t width = 14;
  return without_end(lines({{"ID", text(role, "ID")},
                            {"Name", text(role, "Name")},
                            {"Description", text(role, "Description")}},
                           width) +
                     linked(role, "Policies") + identities(role));
}

int show(Context& context, const json::Value& value, std::string (*view)(const json::Value&)) {
  const std::string format = context.flags.text("format", "pretty");
  if (format != "pretty" && format != "json")
    return context.wrong_use(
        fmt::format("-format: must be pretty or json, not \"{}\"", base::printable(format, 40)));
  context.out(format == "json" ? pretty_json(value) : view(value));
  return 0;
}

int show_all(Context& context, const json::Value& values, std::string (*view)(const json::Value&)) {
  if (context.flags.text("format", "pretty") == "json") return show(context, values, view);
  for (const json::Value& each : list(values)) {
    if (const int code = show(context, each, view); code != 0) return code;
    context.out("");
  }
  return 0;
}

json::Array service_identities(const Flags& flags) {
  json::Array all;
  for (const std::string& given : flags.all(service_identity_flag.name)) {
    const std::size_t colon = given.find(':');
    json::Object identity{{"ServiceName", given.substr(0, colon)}};
    if (colon != std::string::npos) {
      json::Array datacenters;
      for (std::string& name : base::split(given.substr(colon + 1), ','))
        datacenters.emplace_back(std::move(name));
      identity["Datacenters"] = std::move(datacenters);
    }
    all.push_back(std::move(identity));
  }
  return all;
}

json::Array node_identities(const Flags& flags) {
  json::Array all;
  for (const std::string& given : flags.all(node_identity_flag.name)) {
    const std::size_t colon = given.find(':');
    const std::string datacenter = colon == std::string::npos ? "" : given.substr(colon + 1);
    all.push_back(json::Object{{"NodeName", given.substr(0, colon)}, {"Datacenter", datacenter}});
  }
  return all;
}

json::Array links(const Flags& flags, const char* id_flag, const char* name_flag) {
  json::Array all;
  for (const std::string& id : flags.all(id_flag))
    all.push_back(json::Object{{"ID", id}});
  for (const std::string& name : flags.all(name_flag))
    all.push_back(json::Object{{"Name", name}});
  return all;
}

base::Result<std::string> id_of(Context& context, const std::string& what) {
  if (context.flags.given("id")) return context.flags.text("id");
  const std::string name = context.flags.text("name");
  if (name.empty())
    return base::invalid(
        fmt::format("Must specify either the -id or -name parameters: which {} is "
                    "meant",
                    what));
  TRY(const Reply reply,
      context.api().get(fmt::format("/v1/acl/{}/name/{}", what, base::percent_encode(name))));
  return text(reply.body, "ID");
}

}  // namespace caravan::cli::consul
