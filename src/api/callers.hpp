// SPDX-License-Identifier: Apache-2.0
// Who asks an agent without state about itself: a server says what the token lets do. That counts
// for a moment, and goes on counting while no server can be asked, until the token expires.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "acl/authorized.hpp"
#include "api/forward.hpp"

namespace caravan::api {

/// Where it is asked: the rules of the caller's own policies. Ours.
inline const std::string rules_path = "/v1/agent/rules";
/// What is answered there.
std::string rules_json(const acl::Authorized& caller, const state::Tables& tables);

/// Any lane.
class Callers {
 public:
  /// References outlive it.
  Callers(const acl::Gate& gate, const Forward& forward) : gate_(gate), forward_(forward) {}

  /// Errors: denied (no such token), unavailable (no server answers, and none has before).
  io::Task<base::Result<acl::Authorized>> who(std::string secret) const;

 private:
  struct Known {
    acl::Authorized caller;
    base::Instant expires;  // zero: never
    base::Duration heard;   // by uptime
  };
  io::Task<base::Result<Known>> ask(std::string secret) const;

  const acl::Gate& gate_;
  const Forward& forward_;
  mutable std::mutex mutex_;                              // guards what follows
  mutable std::unordered_map<std::string, Known> known_;  // by the digest of the secret
};

}  // namespace caravan::api
