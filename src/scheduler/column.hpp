// SPDX-License-Identifier: Apache-2.0
// One attribute over all nodes, its values as small numbers: a comparison is made once for each
// value and not once for each node.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/node.hpp"

namespace caravan::scheduler {

struct Column {
  /// Whether nodes of one kind may differ in it; then there is an entry for each row, else for each
  /// kind.
  bool by_row = false;
  std::vector<std::uint32_t> ids;
  std::vector<std::string> values = {""};  // by id; 0 stands for nodes that do not have it
  std::unordered_map<std::string, std::uint32_t> index;

  /// The value with that number; nothing for 0.
  std::optional<std::string> value(std::uint32_t id) const {
    return id == 0 ? std::nullopt : std::optional(values[id]);
  }
  std::uint32_t at(std::uint32_t row, std::uint32_t kind) const { return ids[by_row ? row : kind]; }
  void add(const std::optional<std::string>& value) {
    if (!value) return ids.push_back(0);
    const auto [found, is_new] =
        index.try_emplace(*value, static_cast<std::uint32_t>(values.size()));
    if (is_new) values.push_back(*value);
    ids.push_back(found->second);
  }
};

}  // namespace caravan::scheduler
