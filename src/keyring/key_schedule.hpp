// SPDX-License-Identifier: Apache-2.0
// When a root key is made, shown and used. Pure.
#pragma once

#include "base/time.hpp"
#include "state/tables.hpp"

namespace caravan::keyring {

struct KeyStep {
  enum class Kind { nothing, make, prepublish, activate };
  Kind kind = Kind::nothing;
  state::Ref<wire::RootKey> key;  // to activate: the one that was to be active first
  base::Instant publish;          // of the one to prepublish

  friend bool operator==(const KeyStep&, const KeyStep&) = default;
};

/// What is to be done next. `opens`: the active key opens on this server; without one, or when it
/// does not, a new one is made at once. A successor is shown when half of `rotation` is over, so
/// that verifiers elsewhere know it before the first token is signed with it.
KeyStep next_step(const state::Tables& tables, bool opens, base::Instant now,
                  base::Duration rotation);

}  // namespace caravan::keyring
