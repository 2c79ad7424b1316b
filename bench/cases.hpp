// SPDX-License-Identifier: Apache-2.0
// The subcommands of caravan-bench. Each checks its own result and ends the process when it is
// wrong.
#pragma once

#include "bench/options.hpp"

namespace caravan::bench {

void run_beats(const Options& options);
void run_c1m(const Options& options);
void run_mixed(const Options& options);
void run_place(const Options& options);
void run_read(const Options& options);
void run_quality(const Options& options);
void run_register(const Options& options);
void run_restart(const Options& options);
void run_storm(const Options& options);
void run_spread(const Options& options);

}  // namespace caravan::bench
