// SPDX-License-Identifier: Apache-2.0
// The supervisor of src/supervisor as a simulated program: same folder, same claim, same words.
// What its task does is said by the task's argv:
//   /sim/run DURATION CODE   runs that long, then exits with the code; ends at a signal
//   /sim/forever             ends at a signal only
//   /sim/stubborn            ends at SIGKILL only
#pragma once

#include <functional>
#include <list>
#include <set>
#include <string>

#include "sim/world.hpp"

namespace caravan::sim {

/// The tasks that live just now on all hosts.
struct Ledger {
  struct Entry {
    std::string alloc, task, job, generation;
  };
  std::list<Entry> live;
  /// Whether a namespace is there and whole; asked when a task is to start in one.
  std::function<bool(const std::string& path)> is_network;
  std::uint64_t started = 0;
  std::set<std::pair<std::string, std::string>> begun;  // allocation and task, ever
  std::string violation;                                // the first one; "" when there is none

  std::list<Entry>::iterator add(Entry entry);
};

/// The program to register in World::programs. The ledger outlives the world.
ProgramMain supervisor_program(Ledger& ledger);

}  // namespace caravan::sim
