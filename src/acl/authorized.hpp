// SPDX-License-Identifier: Apache-2.0
// Who may do what. A handler of the API takes an Authorized, and only Gate can make one: a route
// without a check does not compile.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::acl {

/// What a route needs. `anyone`: also without a token (health, leader, keys).
enum class Capability {
  anyone,
  list_jobs,
  read_job,
  submit_job,
  dispatch_job,
  parse_job,
  read_logs,
  read_fs,
  alloc_exec,
  alloc_lifecycle,
  node_read,
  node_write,
  agent_read,
  agent_write,
  operator_read,
  operator_write,
  management,
};
std::string_view capability_name(Capability capability);

class Authorized {
 public:
  /// For lists that show only what the caller may see.
  bool may(Capability capability, std::string_view ns) const;

 private:
  friend class Gate;
  Authorized() = default;
};

class Gate {
 public:
  /// `acl` blocks are not built yet: the agent refuses to start with one, so every caller passes
  /// here. Errors: denied ("Permission denied").
  base::Result<Authorized> admit(std::string_view token, Capability capability,
                                 std::string_view ns) const;
};

}  // namespace caravan::acl
