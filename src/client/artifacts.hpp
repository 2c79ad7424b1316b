// SPDX-License-Identifier: Apache-2.0
// Brings a task's artifacts into its folders, one after the other, each by a program of its own.
#pragma once

#include "client/alloc_dir.hpp"
#include "client/task_env.hpp"
#include "io/world.hpp"

namespace caravan::client {

/// What the operator allows.
struct FetchConfig {
  std::string program;  // caravan-fetch on disk
  base::Duration timeout = base::Duration(1'800'000'000'000);
  std::uint64_t bytes_max = 100'000'000'000;
  std::uint64_t files_max = 4096;
  std::uint64_t unpacked_bytes_max = 100'000'000'000;
  bool isolated = true;
  std::vector<std::string> readable;     // paths of the node that file URLs may name
  std::vector<std::string> environment;  // KEY=VALUE, for the program (proxies)
};

/// Whose files they shall be, with `chown`.
struct Owner {
  long uid = -1, gid = -1;
};

/// All of the task's artifacts. Errors: invalid, unsupported (the block is wrong: trying again is
/// useless), io (it may go better another time); the message names the source, without secrets.
io::Task<base::Status> fetch_artifacts(io::World& world, const FetchConfig& config,
                                       const model::Task& task, const TaskEnv& env,
                                       const AllocDir& dir, Owner owner);

/// Writes the program that this binary carries to `path`, when it is not there already.
io::Task<base::Status> install_fetch(io::Disk& disk, std::string path);

}  // namespace caravan::client
