// SPDX-License-Identifier: Apache-2.0
#include "agent/file_services.hpp"

#include <fmt/core.h>

#include "api/consul/registration.hpp"
#include "base/text.hpp"

namespace caravan::agent {
namespace {

using registry::CheckDefinition;
using registry::CheckKind;
using registry::Resident;

std::string named(const json::Object& definition) {
  for (const char* key : {"ID", "Name"})
    if (const json::Value* value = definition.find(key); value && value->as_string())
      return base::printable(*value->as_string(), 80);
  return "";
}

base::Error wrong(const char* what, const json::Object& definition, const std::string& why) {
  return {base::Code::invalid, fmt::format("{} \"{}\": {}", what, named(definition), why)};
}

base::Status may_run(const CheckDefinition& check, const config::CatalogConfig& catalog) {
  const bool is_script = check.kind == CheckKind::script || check.kind == CheckKind::docker;
  if (!is_script || catalog.enable_script_checks || catalog.enable_local_script_checks) return {};
  return base::fail(base::Code::unsupported,
                    "scripts of files do not run on this agent: set enable_local_script_checks");
}

}  // namespace

base::Result<std::vector<Resident>> file_services(const config::CatalogConfig& catalog) {
  std::vector<Resident> all;
  std::set<std::string> services, checks;
  for (const json::Object& definition : catalog.services) {
    json::Object body = definition;
    body.erase("token");  // whose the agent is, the servers know
    auto read = api::consul::own_registration_of(std::move(body));
    if (!read) return std::unexpected(wrong("service", definition, read.error().message));
    if (!services.insert(read->service.id).second)
      return std::unexpected(wrong("service", definition, "there is another of this id"));
    for (const CheckDefinition& check : read->checks) {
      const base::Status runs = may_run(check, catalog);
      if (!runs) return std::unexpected(wrong("service", definition, runs.error().message));
      if (!checks.insert(check.id).second)
        return std::unexpected(
            wrong("service", definition, fmt::format("there is another check \"{}\"", check.id)));
    }
    all.push_back({std::move(read->service), std::move(read->checks)});
  }
  for (const json::Object& definition : catalog.checks) {
    json::Object body = definition;
    body.erase("token");
    auto check = api::consul::check_definition_of(std::move(body));
    if (!check) return std::unexpected(wrong("check", definition, check.error().message));
    const base::Status runs = may_run(*check, catalog);
    if (!runs) return std::unexpected(wrong("check", definition, runs.error().message));
    if (!checks.insert(check->id).second)
      return std::unexpected(wrong("check", definition, "there is another of this id"));
    if (!check->service_id.empty() && !services.contains(check->service_id))
      return std::unexpected(wrong("check", definition,
                                   fmt::format("no file has a service \"{}\"", check->service_id)));
    all.push_back({{}, {*std::move(check)}});
  }
  return all;
}

}  // namespace caravan::agent
