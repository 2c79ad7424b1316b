// SPDX-License-Identifier: Apache-2.0
// What operators write about whom else they believe: auth methods and binding rules.
#pragma once

#include "server/access.hpp"

namespace caravan::server {

class AuthMethods {
 public:
  AuthMethods(io::World& world, state::Store& store, Proposals& proposals, AccessConfig config)
      : world_(world), store_(store), proposals_(proposals), config_(config) {}

  using MethodReply = base::Result<state::Ref<model::AuthMethod>>;
  using RuleReply = base::Result<state::Ref<model::BindingRule>>;

  /// Errors: invalid (with the path of what is wrong), conflict (another method of the type is the
  /// default).
  io::Task<MethodReply> put_method(model::AuthMethod method);
  /// Its binding rules stay, and count again for a method of the same name. Errors: not_found.
  io::Task<base::Result<std::uint64_t>> delete_method(std::string name);

  /// A new rule when it has no id. Errors: invalid, not_found.
  io::Task<RuleReply> put_rule(model::BindingRule rule);
  /// Errors: not_found.
  io::Task<base::Result<std::uint64_t>> delete_rule(base::Uuid id);

  /// That a token of a login may live.
  base::Duration longest_ttl() const { return config_.ttl_max; }

 private:
  std::string complaint(const model::AuthMethod& method) const;

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  AccessConfig config_;
};

}  // namespace caravan::server
