// SPDX-License-Identifier: Apache-2.0
// What operators write about who may do what: policies, roles and tokens.
#pragma once

#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct AccessConfig {
  bool enabled = false;
  base::Duration ttl_min{60'000'000'000}, ttl_max{86'400'000'000'000};
};

class Access {
 public:
  Access(io::World& world, state::Store& store, Proposals& proposals, std::string data_dir,
         AccessConfig config)
      : world_(world),
        store_(store),
        proposals_(proposals),
        data_dir_(std::move(data_dir)),
        config_(config) {}

  bool is_on() const { return config_.enabled; }

  using TokenReply = base::Result<state::Ref<model::AclToken>>;
  using RoleReply = base::Result<state::Ref<model::AclRole>>;

  /// The cluster's first token. A second one only when the reset file of this server names the
  /// write that made the first. `secret`: the operator's own, or nil. Errors: invalid (done
  /// already, with the index).
  io::Task<TokenReply> bootstrap(base::Uuid secret);

  /// The same with the secret in the file `acl-bootstrap-secret` of the server's folder, if there
  /// is one; it is gone afterwards. Errors: those of the file and of a proposal.
  io::Task<base::Status> bootstrap_as_told();

  /// A new token; accessor and secret are drawn unless they are given. `ttl` 0: it never expires.
  /// Errors: invalid (what is wrong with it, a ttl outside the configured limits).
  io::Task<TokenReply> add_token(model::AclToken token, base::Duration ttl);
  /// Replaces name, type, policies and roles. Errors: invalid, not_found.
  io::Task<TokenReply> change_token(model::AclToken token);
  /// Errors: not_found.
  io::Task<base::Result<std::uint64_t>> delete_token(base::Uuid accessor);

  /// Errors: invalid, with the place in the rules.
  io::Task<base::Result<std::uint64_t>> put_policy(model::AclPolicy policy);
  /// Errors: not_found.
  io::Task<base::Result<std::uint64_t>> delete_policy(std::string name);

  /// A new role when it has no id. Errors: invalid, not_found, conflict (the name is taken).
  io::Task<RoleReply> put_role(model::AclRole role);
  /// Errors: not_found.
  io::Task<base::Result<std::uint64_t>> delete_role(base::Uuid id);

 private:
  base::Uuid draw();
  base::Status check_roles(const model::AclToken& token) const;
  io::Task<TokenReply> write(model::AclToken token);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  std::string data_dir_;
  AccessConfig config_;
};

}  // namespace caravan::server
