// SPDX-License-Identifier: Apache-2.0
// Changes of variables and of the locks on them.
#pragma once

#include <optional>
#include <string>

#include "model/variable.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// What becomes of the lock.
enum class LockStep { none, acquire, release, lose };
constexpr auto enum_names(LockStep) {
  using namespace std::string_view_literals;
  return std::array{"none"sv, "acquire"sv, "release"sv, "lose"sv};
}

/// Does nothing when the variable is not at `expected_index` any more (0: is not there), or when
/// somebody else holds its lock.
struct PutVariable {
  model::Variable variable;  // with the lock to get; without a box it keeps its items
  std::optional<std::uint64_t> expected_index;
  base::Uuid lock_id;  // that of the holder; nil: who writes holds none
  LockStep step = LockStep::none;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, PutVariable& c) {
  v(1, "Variable", c.variable);
  v(2, "ExpectedIndex", c.expected_index);
  v(3, "LockID", c.lock_id);
  v(4, "Step", c.step);
  v.unknown(c.unknown);
}

struct DeleteVariable {
  std::string ns, path;
  std::optional<std::uint64_t> expected_index;
  base::Uuid lock_id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteVariable& c) {
  v(1, "Namespace", c.ns);
  v(2, "Path", c.path);
  v(3, "ExpectedIndex", c.expected_index);
  v(4, "LockID", c.lock_id);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
