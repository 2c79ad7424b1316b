// SPDX-License-Identifier: Apache-2.0
// The live view: asks, draws, follows keys, until it is told to end.
#pragma once

#include "cli/client.hpp"

namespace caravan::cli::top {

struct LiveOptions {
  base::Duration interval{};
  bool coloured = false;
};

/// Standard input and output are a terminal. Returns the exit code: 0 when a key ended it, 128 and
/// the signal's number when a signal did.
int run_live(Client& client, const LiveOptions& options);

}  // namespace caravan::cli::top
