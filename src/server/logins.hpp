// SPDX-License-Identifier: Apache-2.0
// Tokens of ours for those whom an identity provider vouches for: the provider's token, or the code
// that a browser brought, is exchanged for one (OpenID Connect's authorization code flow).
//
// Nothing is remembered of a login that was begun: what has to be known again is in the state that
// the browser carries, sealed under the cluster's root key, so any server can complete what another
// one began. What a token may do is decided by acl/binding; here it is only brought about.
#pragma once

#include <functional>

#include "io/log.hpp"
#include "keyring/ring.hpp"
#include "server/access.hpp"
#include "server/providers.hpp"

namespace caravan::server {

struct LoginStart {
  std::string method, redirect_uri, nonce;
};
struct LoginEnd : LoginStart {
  std::string state, code;
  std::string issuer;  // as the provider may have told the browser (RFC 9207), or ""
};

class Logins {
 public:
  Logins(io::World& world, state::Store& store, Access& access, const keyring::Ring& ring,
         io::Logger log)
      : world_(world),
        store_(store),
        access_(access),
        ring_(ring),
        providers_(world),
        log_(std::move(log)) {}

  /// Called with the names of the policies that are to be bound, before those are looked for: some
  /// are made when somebody first has them.
  using Prepare = std::function<io::Task<base::Status>(std::vector<std::string> policies)>;
  void prepare(Prepare prepare) { prepare_ = std::move(prepare); }

  /// For a JWT. Errors: not_found (the method), invalid (one of another type), denied (the token,
  /// or that nothing is bound to it), and those of Providers::find and a proposal.
  io::Task<Access::TokenReply> log_in(std::string method, std::string token);
  /// Where the browser is to go. Errors: not_found, invalid, and those of Providers::find.
  io::Task<base::Result<std::string>> begin(LoginStart start);
  /// Errors: denied (also of a state that is not ours, or has ended), and as log_in.
  io::Task<Access::TokenReply> complete(LoginEnd end);

 private:
  base::Result<state::Ref<model::AuthMethod>> method_of(const std::string& name,
                                                        const char* type) const;
  base::Result<std::string> seal(const BegunLogin& login) const;
  base::Result<BegunLogin> open(const LoginEnd& end) const;
  io::Task<base::Result<json::Object>> exchange(state::Ref<model::AuthMethod> method,
                                                std::shared_ptr<const Provider> provider,
                                                BegunLogin login, std::string code);
  io::Task<Access::TokenReply> grant(state::Ref<model::AuthMethod> method, json::Object claims);

  io::World& world_;
  state::Store& store_;
  Access& access_;
  const keyring::Ring& ring_;
  Providers providers_;
  io::Logger log_;
  Prepare prepare_;
};

}  // namespace caravan::server
