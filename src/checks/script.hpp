// SPDX-License-Identifier: Apache-2.0
// A program that says by how it ends how well something is.
#pragma once

#include "io/task_fwd.hpp"
#include "io/world.hpp"
#include "model/catalog.hpp"

namespace caravan::checks {

struct Script {
  std::vector<std::string> args;  // the program, as a shell would find it, and what it is given
  base::Duration timeout{0};      // at most timeout_max
  std::size_t output_max = model::check_output_max;
};

struct ScriptOutcome {
  model::Health health = model::Health::critical;
  std::string output;  // both streams, the beginning
};

/// What the code says by which a program ended.
model::Health health_of_exit(int code);

/// 0 is well, 1 a warning, all else critical; so is what does not end in time, and is killed.
io::Task<ScriptOutcome> run(io::Processes& processes, Script script);

}  // namespace caravan::checks
