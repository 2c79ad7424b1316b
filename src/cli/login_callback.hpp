// SPDX-License-Identifier: Apache-2.0
// The other end of a browser's login: a small web server on this machine that waits for the browser
// to come back from the identity provider.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace caravan::cli {

/// What the provider sent the browser back with.
struct Callback {
  std::string code, state, issuer;
};

/// Listens at `address` ("localhost:4649") for /oidc/callback; `ready` is called once it does.
/// Errors: io (the address is in use), denied (the provider's own words), timeout.
base::Result<Callback> wait_for_callback(const std::string& address, base::Duration timeout,
                                         const std::function<void()>& ready);

}  // namespace caravan::cli
