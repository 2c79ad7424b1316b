// SPDX-License-Identifier: Apache-2.0
// What holds of the servers' state at every index. Each returns what does not hold, "" when all
// does.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>

#include "state/tables.hpp"

namespace caravan::sim {

/// The indexes of one server's state, which never go back while it lives.
class SeenIndexes {
 public:
  std::uint64_t index() const { return index_; }
  std::string take(const state::Tables& tables);

 private:
  std::uint64_t index_ = 0;
  std::array<std::uint64_t, state::table_count> tables_{};
};

/// Jobs start, when nothing of them lives, in view of a state in which what they depend on is well.
class WaitOrder {
 public:
  std::string take(const state::Tables& tables);

 private:
  std::map<std::uint64_t, std::set<base::JobId>> held_;  // by index: those that must not start
  std::set<base::AllocId> known_;
};

/// Namespaces take no more than their quotas allow.
std::string check_quotas(const state::Tables& tables);
/// Nodes hold what is on them, no port and no name is given out twice.
std::string check_allocations(const state::Tables& tables);
/// A snapshot file reads back to an equal state.
std::string check_dump(const state::Tables& tables);

}  // namespace caravan::sim
