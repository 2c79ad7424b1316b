// SPDX-License-Identifier: Apache-2.0
// Which machines may become nodes, where certificates alone do not say: operators make introduction
// tokens, new nodes bring one. A node that is known proves itself by its secret and needs none.
#pragma once

#include "io/log.hpp"
#include "io/task.hpp"
#include "io/world.hpp"
#include "keyring/introduction.hpp"
#include "keyring/ring.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct IntroductionsConfig {
  enum class Enforcement { none, warn, strict } enforcement = Enforcement::none;
  base::Duration ttl_default = std::chrono::minutes(5), ttl_max = std::chrono::minutes(30);
};

class Introductions {
 public:
  /// References outlive it.
  Introductions(io::World& world, state::Store& store, const keyring::Ring& ring,
                keyring::Issuer issuer, IntroductionsConfig config, io::Logger log)
      : world_(world),
        store_(store),
        ring_(ring),
        issuer_(std::move(issuer)),
        config_(config),
        log_(std::move(log)) {}

  /// `ttl` 0: the default. Errors: invalid (the ttl, a name or a pool that no node can have),
  /// unavailable (no root key yet).
  io::Task<base::Result<std::string>> make(keyring::Introduction introduction,
                                           base::Duration ttl) const;
  /// Of a node that is not known yet, with the token that it brought. What is wrong with that is
  /// logged. Errors: denied, where it is enforced strictly.
  base::Status admit(const model::Node& node, const std::string& token) const;

 private:
  io::World& world_;
  state::Store& store_;
  const keyring::Ring& ring_;
  const keyring::Issuer issuer_;
  const IntroductionsConfig config_;
  io::Logger log_;
};

}  // namespace caravan::server
