// SPDX-License-Identifier: Apache-2.0
// Tells the handler of a watch what is new: a program, or a web address.
#pragma once

#include "config/watch_definition.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"

namespace caravan::agent {

/// The program is killed when it takes longer.
inline constexpr base::Duration watch_script_max = std::chrono::hours(1);

/// `environment`: all that it gets besides CONSUL_INDEX. Returns the beginning of what it said.
/// Errors: io, timeout, internal (it ended with another code than 0).
io::Task<base::Result<std::string>> tell_script(io::World& world, config::WatchScript script,
                                                std::map<std::string, std::string> environment,
                                                std::string news, std::uint64_t index);

/// Returns the beginning of the answer. Errors: invalid (the address), io, timeout, denied (the
/// certificate), internal (a status that is none of 2xx).
io::Task<base::Result<std::string>> tell_hook(io::World& world, config::WatchHook hook,
                                              std::string news, std::uint64_t index);

}  // namespace caravan::agent
