// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <gtest/gtest.h>

#include "sim/machines.hpp"

namespace caravan::sim {
namespace {

/// ./dev test derives another one from the commit.
constexpr std::uint64_t first_seed = 20'261'121;
constexpr int seeds_wanted = 20;

std::uint64_t first() {
  const char* given = std::getenv("CARAVAN_SEED");
  return given ? std::strtoull(given, nullptr, 10) : first_seed;
}

TEST(Machines, KeepTheirPromisesWhateverTheSeedDoesToThem) {
  int ran = 0;
  std::uint64_t commands = 0, tasks = 0, terms = 0;
  for (; ran < seeds_wanted; ++ran) {
    try {
      const MachinesOutcome outcome = run_machines(first() + static_cast<std::uint64_t>(ran));
      commands += outcome.commands;
      tasks += outcome.tasks;
      terms += outcome.terms;
    } catch (const std::exception& e) {
      FAIL() << e.what();
    }
  }
  fmt::print("{} seeds from {}, {} commands, {} tasks, {} terms\n", ran, first(), commands, tasks,
             terms);
  EXPECT_GT(tasks, 0u);
}

TEST(Machines, ReplayASeedExactly) {
  EXPECT_EQ(run_machines(first()).trace, run_machines(first()).trace)
      << "./dev sim --machines --seed " << first();
}

}  // namespace
}  // namespace caravan::sim
