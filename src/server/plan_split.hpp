// SPDX-License-Identifier: Apache-2.0
// A plan of very many placements becomes several log entries: one command may only be so large, and
// applying it must not keep the main lane from everything else for long. Pure.
//
// The parts are committed one after the other, and no other plan between them. What ends for a
// placement stands in the same part; evaluations stand in the last one, so that one whose plan
// was cut off, because the leader went, is still open and finds the rest to be placed.
#pragma once

#include <vector>

#include "wire/plan_commands.hpp"

namespace caravan::server {

/// Placements in one log entry take about so many bytes at most. Far below what a command may have,
/// because its deployment and evaluations come on top.
inline constexpr std::size_t part_bytes_max = 1 << 20;
/// Fewer placements than this are never split: none of them takes a hundredth of that.
inline constexpr std::size_t undivided_placements = 64;

/// One part at least; together they are the plan. Each shares its own metrics.
std::vector<wire::PlanResult> split_plan(wire::PlanResult plan,
                                         std::size_t bytes_max = part_bytes_max);

}  // namespace caravan::server
