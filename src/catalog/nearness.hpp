// SPDX-License-Identifier: Apache-2.0
// How far nodes are from one of them, as far as their coordinates say.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "state/tables.hpp"

namespace caravan::catalog {

/// For one look at one snapshot, which outlives it.
class Nearness {
 public:
  /// `node`: from where; one that is not known is near to nothing.
  Nearness(const state::Tables& tables, std::string_view node);

  /// The estimated round-trip time in seconds: 0 of the node itself, infinite where one of the two
  /// has no coordinate.
  double to(std::string_view node) const;

  /// The nearest first; what is equally far keeps its order. `node_of` gives the name of a row's.
  template <class Row, class NodeOf>
  void sort(std::vector<Row>& rows, NodeOf node_of) const {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < rows.size(); ++i)
      order.emplace_back(to(node_of(rows[i])), i);
    std::ranges::sort(order);
    std::vector<Row> sorted;
    sorted.reserve(rows.size());
    for (const auto& [far, at] : order)
      sorted.push_back(std::move(rows[at]));
    rows = std::move(sorted);
  }

 private:
  const state::Tables& tables_;
  const std::string from_;  // in small letters
  state::Ref<model::NodeCoordinate> here_;
};

}  // namespace caravan::catalog
