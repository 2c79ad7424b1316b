// SPDX-License-Identifier: Apache-2.0
#include "cli/acl_view.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"

namespace caravan::cli {
namespace {

std::string or_none(std::string text) { return text.empty() ? "<none>" : text; }

std::string number(const json::Value& object, const char* name) {
  return fmt::format("{}", integer(object, name));
}

}  // namespace

std::vector<std::string> names_of(const json::Value& links) {
  std::vector<std::string> names;
  for (const json::Value& link : list(links))
    names.push_back(link.as_string() ? *link.as_string() : text(link, "Name"));
  return names;
}

std::string utc_time(const std::string& rfc3339) {
  if (rfc3339.empty()) return "<none>";
  std::string shown = rfc3339;
  if (const std::size_t t = shown.find('T'); t != std::string::npos) shown[t] = ' ';
  if (shown.ends_with('Z')) shown.replace(shown.size() - 1, 1, " +0000 UTC");
  return shown;
}

std::string acl_token_view(const json::Value& token) {
  const bool is_management = text(token, "Type") == "management";
  Pairs pairs = {{"Accessor ID", text(token, "AccessorID")},
                 {"Secret ID", text(token, "SecretID")},
                 {"Name", or_none(text(token, "Name"))},
                 {"Type", text(token, "Type")},
                 {"Global", yes_no(boolean(token, "Global"))},
                 {"Create Time", utc_time(text(token, "CreateTime"))},
                 {"Expiry Time", utc_time(text(token, "ExpirationTime"))},
                 {"Create Index", number(token, "CreateIndex")},
                 {"Modify Index", number(token, "ModifyIndex")}};
  if (is_management) {
    pairs.emplace_back("Policies", "n/a");
    pairs.emplace_back("Roles", "n/a");
    return key_values(pairs);
  }
  pairs.emplace_back("Policies",
                     fmt::format("[{}]", base::join(names_of(token.at("Policies")), " ")));
  Rows roles = {{"ID", "Name"}};
  for (const json::Value& role : list(token, "Roles"))
    roles.push_back({text(role, "ID"), text(role, "Name")});
  return key_values(pairs) + "\n\nRoles\n" + (roles.size() == 1 ? "<none>" : table(roles));
}

std::string acl_role_view(const json::Value& role) {
  return key_values({{"ID", text(role, "ID")},
                     {"Name", text(role, "Name")},
                     {"Description", or_none(text(role, "Description"))},
                     {"Policies", base::join(names_of(role.at("Policies")), ",")},
                     {"Create Index", number(role, "CreateIndex")},
                     {"Modify Index", number(role, "ModifyIndex")}});
}

}  // namespace caravan::cli
