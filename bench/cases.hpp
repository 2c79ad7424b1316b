// SPDX-License-Identifier: Apache-2.0
// The subcommands of caravan-bench. Each checks its own result and ends the process when it is
// wrong.
#pragma once

#include "bench/options.hpp"

namespace caravan::bench {

void run_mixed(const Options& options);
void run_place(const Options& options);

}  // namespace caravan::bench
