// SPDX-License-Identifier: Apache-2.0
// A program that runs for as long as a lock is held.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace caravan::cli {

class Context;

/// What a program reads: nothing, or what we are given.
enum class Input { none, ours };

/// Errors: io, with the program's name.
base::Result<pid_t> start_program(std::vector<std::string> words, bool in_shell, Input input);

/// Runs a program to its end with this as its standard input. Returns its exit code. Errors: io.
base::Result<int> run_with_input(std::vector<std::string> words, bool in_shell,
                                 const std::string& input);

/// How the lock is kept. `renew` fails with `conflict` when somebody else may have it.
struct Keeping {
  base::Duration interval;  // half of its time to live
  std::function<base::Status()> renew;
  std::optional<int> retries = {};  // a second apart; without a number for a whole time to live
};

/// Renews until the program ends, and returns its exit code. A lock that could not be renewed any
/// more is lost: the program gets SIGTERM, SIGKILL five seconds later, and nothing is returned. So
/// it is when SIGINT or SIGTERM tells us to end.
std::optional<int> stand_by(Context& context, const Keeping& keeping, pid_t child);

}  // namespace caravan::cli
