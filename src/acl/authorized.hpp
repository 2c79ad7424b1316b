// SPDX-License-Identifier: Apache-2.0
// Who asks, and what that one may do. A handler of the API takes an Authorized, and only Gate can
// make one: a route without a check does not compile.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "acl/permissions.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "keyring/proof_cache.hpp"
#include "state/tables.hpp"

namespace caravan::acl {

/// What everybody is told who may not.
inline constexpr const char* permission_denied = "Permission denied";
inline constexpr const char* token_not_found = "ACL token not found";
inline constexpr const char* token_expired = "ACL token expired";

class Authorized {
 public:
  /// For lists that show only what the caller may see. `subject`: as Permissions::allows.
  bool may(Capability capability, std::string_view subject) const {
    return !permissions_ || permissions_->allows(capability, subject);
  }
  bool may_somewhere(Capability capability) const {
    return !permissions_ || permissions_->allows_somewhere(capability);
  }
  bool may_variable(Capability capability, std::string_view ns, std::string_view path) const {
    return !permissions_ || permissions_->allows_variable(capability, ns, path);
  }
  /// Of all keys that begin so.
  bool may_all_under(Capability capability, std::string_view prefix) const {
    return !permissions_ || permissions_->allows_all_under(capability, prefix);
  }
  /// Errors: denied.
  base::Status require_variable(Capability capability, std::string_view ns,
                                std::string_view path) const;
  /// Errors: denied.
  base::Status require(Capability capability, std::string_view subject) const;
  /// Also of everybody while access control is off.
  bool is_management() const { return !permissions_ || permissions_->is_management(); }
  /// Null for requests without a token, and while access control is off.
  const std::shared_ptr<const model::AclToken>& token() const { return token_; }
  /// Whom a workload's token stood for; null for everybody else.
  const std::shared_ptr<const keyring::VerifiedIdentity>& identity() const { return identity_; }
  /// The names of the caller's policies that exist, those of its roles included.
  const std::vector<std::string>& policies() const { return policies_; }

 private:
  friend class Gate;
  Authorized() = default;
  std::shared_ptr<const Permissions> permissions_;  // null: access control is off
  std::shared_ptr<const model::AclToken> token_;
  std::shared_ptr<const keyring::VerifiedIdentity> identity_;
  std::vector<std::string> policies_;
};

/// Any thread.
class Gate {
 public:
  using State = std::function<state::Snapshot()>;
  using Now = std::function<base::Instant()>;

  /// Access control is off: everybody may do everything.
  Gate() = default;
  /// It is on. Nobody but who needs no token comes in before see() was called.
  explicit Gate(Now now) : now_(std::move(now)) {}
  /// Before the first request: where tokens and policies are looked up.
  void see(State state) { state_ = std::move(state); }

  bool is_on() const { return static_cast<bool>(now_); }
  /// Null where there is none to be seen.
  state::Snapshot snapshot() const { return state_ ? state_() : nullptr; }
  /// `secret`: that of an ACL token, or the token of a workload. Errors: denied (no such token, an
  /// expired one), unavailable (this agent cannot look it up).
  base::Result<Authorized> who(std::string_view secret) const;
  /// The same, of one who may do this. Errors: also denied ("Permission denied").
  base::Result<Authorized> admit(std::string_view secret, Capability capability,
                                 std::string_view subject) const;
  /// One whom a server, asked about this capability, has let in.
  Authorized vouched_for(Capability capability) const;
  /// One of whom a server has said what these policies let do, or that it may do everything.
  Authorized vouched_for(std::span<const model::AclPolicy> policies, bool is_management) const;

 private:
  struct Known {
    std::uint64_t token_index = 0, policies_index = 0, roles_index = 0;
    std::shared_ptr<const Permissions> permissions;
    std::vector<std::string> policies;
  };
  using Make = std::function<Permissions(std::vector<std::string>& names)>;
  Known known(const state::Tables& tables, const std::string& key, std::uint64_t token_index,
              const Make& make) const;
  base::Status take_token(Authorized& caller, const state::Tables& tables,
                          std::string_view secret) const;
  base::Status take_identity(Authorized& caller, const state::Tables& tables,
                             std::string_view token) const;

  Now now_;
  State state_;
  mutable keyring::ProofCache proofs_;
  mutable std::mutex mutex_;                              // guards what follows
  mutable std::unordered_map<std::string, Known> known_;  // by accessor or task; "" for no token
};

/// The permissions of a token, or of none, from its policies and roles as they stand.
/// `names` gets those of the policies.
Permissions permissions_of(const state::Tables& tables, const model::AclToken* token,
                           std::vector<std::string>& names);

}  // namespace caravan::acl
