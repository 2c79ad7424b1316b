// SPDX-License-Identifier: Apache-2.0
// A named set of rules, in the text that its author wrote. What the text means is known to `acl`.
#pragma once

#include <optional>
#include <string>

#include "base/id.hpp"
#include "model/field.hpp"

namespace caravan::model {

/// The policy that requests without a token have, when it exists.
inline constexpr const char* anonymous_policy = "anonymous";

/// The work whose identity has the policy; what is empty means all of it.
struct JobAcl {
  std::string ns, job_id, group, task;
  base::Unknown unknown;
  friend bool operator==(const JobAcl&, const JobAcl&) = default;
};
template <class V>
void fields(V& v, JobAcl& j) {
  v(1, "Namespace", j.ns);
  v(2, "JobID", j.job_id);
  v(3, "Group", j.group);
  v(4, "Task", j.task);
  v.unknown(j.unknown);
}

struct AclPolicy {
  std::string name, description, rules;
  std::optional<JobAcl> job_acl;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const AclPolicy&, const AclPolicy&) = default;
};
template <class V>
void fields(V& v, AclPolicy& p) {
  v(1, "Name", p.name);
  v(2, "Description", p.description);
  v(3, "Rules", p.rules);
  v(4, "JobACL", p.job_acl);
  v(5, "CreateIndex", p.create_index);
  v(6, "ModifyIndex", p.modify_index);
  v.unknown(p.unknown);
}

/// What is wrong with it besides its rules, "" when nothing is.
std::string complaint(const AclPolicy& policy);

}  // namespace caravan::model
