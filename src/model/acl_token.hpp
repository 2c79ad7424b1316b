// SPDX-License-Identifier: Apache-2.0
// Who asks: a secret that stands for policies and roles, or for everything.
#pragma once

#include <string>
#include <vector>

#include "base/id.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr const char* token_client = "client";
inline constexpr const char* token_management = "management";
/// The accessor under which the registry's clients know whoever shows no token. A token of it adds
/// its policies to those of requests without one; nobody can show it.
inline constexpr const char* anonymous_accessor = "00000000-0000-0000-0000-000000000002";

struct AclToken {
  base::Uuid accessor, secret;
  std::string secret_digest;  // SHA-256 of the secret as it is sent; tokens are found by it
  std::string name, type = token_client;
  std::vector<std::string> policies;  // names; those that do not exist grant nothing
  std::vector<base::Uuid> roles;      // the same
  bool global = false;
  std::int64_t create_time_ns = 0;
  std::int64_t expiration_time_ns = 0;  // 0: never
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  bool is_management() const { return type == token_management; }
  bool has_expired(std::int64_t now_ns) const {
    return expiration_time_ns != 0 && expiration_time_ns <= now_ns;
  }
  friend bool operator==(const AclToken&, const AclToken&) = default;
};
template <class V>
void fields(V& v, AclToken& t) {
  v(1, "AccessorID", t.accessor);
  v(2, "SecretID", t.secret);
  v(3, "SecretDigest", t.secret_digest);
  v(4, "Name", t.name);
  v(5, "Type", t.type);
  v(6, "Policies", t.policies);
  v(7, "Roles", t.roles);
  v(8, "Global", t.global);
  v(9, "CreateTime", t.create_time_ns);
  v(10, "ExpirationTime", t.expiration_time_ns);
  v(11, "CreateIndex", t.create_index);
  v(12, "ModifyIndex", t.modify_index);
  v.unknown(t.unknown);
}

/// What is wrong with it, "" when nothing is.
std::string complaint(const AclToken& token);

/// That the cluster has its first token; `reset_index` is the write that made it, and what an
/// operator has to name to make another one.
struct AclBootstrap {
  std::uint64_t reset_index = 0;
  base::Unknown unknown;
  friend bool operator==(const AclBootstrap&, const AclBootstrap&) = default;
};
template <class V>
void fields(V& v, AclBootstrap& b) {
  v(1, "ResetIndex", b.reset_index);
  v.unknown(b.unknown);
}

}  // namespace caravan::model
