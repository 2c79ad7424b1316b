// SPDX-License-Identifier: Apache-2.0
// What becomes of a group's allocations while nobody hears from their node.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

/// Which of two stays when a node comes back and its allocation was replaced meanwhile.
enum class Reconcile { best_score, keep_original, keep_replacement, longest_running };
constexpr auto enum_names(Reconcile) {
  return std::array{"best_score"sv, "keep_original"sv, "keep_replacement"sv, "longest_running"sv};
}

struct Disconnect {
  base::Duration lost_after{0};  // unknown for so long, then lost; 0 is lost at once
  std::optional<base::Duration> stop_on_client_after;  // the node ends it by itself
  bool replace = true;                                 // place another one while it is unknown
  Reconcile reconcile = Reconcile::best_score;
  base::Unknown unknown;
  friend bool operator==(const Disconnect&, const Disconnect&) = default;
};
template <class V>
void fields(V& v, Disconnect& d) {
  v(1, "LostAfter", d.lost_after);
  v(2, "StopOnClientAfter", d.stop_on_client_after);
  v(3, "Replace", d.replace);
  v(4, "Reconcile", d.reconcile);
  v.unknown(d.unknown);
}

/// What is wrong with it, without the path.
std::vector<std::string> complaints(const Disconnect& disconnect);

}  // namespace caravan::model
