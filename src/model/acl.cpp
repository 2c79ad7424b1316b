// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "model/acl_policy.hpp"
#include "model/acl_role.hpp"
#include "model/acl_token.hpp"

namespace caravan::model {
namespace {

constexpr std::size_t name_max = 128, text_max = 256;
constexpr std::size_t rules_max = 256 * 1024;  // bytes of one policy
constexpr std::size_t links_max = 256;         // policies or roles of one token or role
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

std::string wrong_name(std::string_view kind, const std::string& name, std::string_view known) {
  if (!name.empty() && name.size() <= name_max &&
      name.find_first_not_of(known) == std::string::npos)
    return "";
  return fmt::format("invalid {} name '{}': 1 to {} letters, digits and dashes", kind,
                     base::printable(name, name_max), name_max);
}

std::string too_long(std::string_view what, std::size_t size, std::size_t most) {
  return size <= most ? "" : fmt::format("{}: {} is more than {}", what, size, most);
}

}  // namespace

std::string complaint(const AclToken& token) {
  if (std::string wrong = too_long("token name: its length", token.name.size(), text_max);
      !wrong.empty())
    return wrong;
  const std::size_t links = token.policies.size() + token.roles.size();
  if (std::string wrong = too_long("policies and roles: their number", links, links_max);
      !wrong.empty())
    return wrong;
  if (token.type == token_client) return links > 0 ? "" : "client token missing policies or roles";
  if (token.type == token_management)
    return links == 0 ? "" : "management token cannot be associated with policies or roles";
  return fmt::format("token type must be client or management, not '{}'",
                     base::printable(token.type, 64));
}

std::string complaint(const AclPolicy& policy) {
  if (std::string wrong = wrong_name("policy", policy.name, name_characters); !wrong.empty())
    return wrong;
  if (std::string wrong = too_long("description: its length", policy.description.size(), text_max);
      !wrong.empty())
    return wrong;
  if (std::string wrong = too_long("rules: their length", policy.rules.size(), rules_max);
      !wrong.empty())
    return wrong;
  if (!policy.job_acl) return "";
  const JobAcl& work = *policy.job_acl;
  if (work.ns.empty() && !work.job_id.empty()) return "JobACL: namespace must be set with a job";
  if (work.job_id.empty() && !(work.group.empty() && work.task.empty()))
    return "JobACL: job ID must be set with a group or a task";
  if (work.group.empty() && !work.task.empty()) return "JobACL: group must be set with a task";
  return "";
}

std::string complaint(const AclRole& role) {
  if (std::string wrong = wrong_name("role", role.name, name_characters); !wrong.empty())
    return wrong;
  if (std::string wrong = too_long("description: its length", role.description.size(), text_max);
      !wrong.empty())
    return wrong;
  if (role.policies.empty()) return "at least one policy should be specified";
  return too_long("policies: their number", role.policies.size(), links_max);
}

}  // namespace caravan::model
