// SPDX-License-Identifier: Apache-2.0
// How much of what there is: for whoever looks into a snapshot.
#pragma once

#include "state/tables.hpp"

namespace caravan::state {

struct TableCensus {
  std::string_view name;
  std::size_t entries = 0, bytes = 0;  // as a snapshot file holds them
};

/// Of every table that is not empty, the largest one first.
std::vector<TableCensus> census(const Tables& tables);

}  // namespace caravan::state
