// SPDX-License-Identifier: Apache-2.0
// Deadlines that the state names in wall time, watched by a clock that nobody sets. A leader that
// sees one for the first time lets the whole time pass: wall clocks are set, and while nobody led
// nobody could report. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/time.hpp"

namespace caravan::server {

class SteadyDeadlines {
 public:
  /// Whether the deadline of `name`, `whole` after it was set, is over. `uptime` only goes forward.
  /// Another deadline under the name begins anew.
  bool is_over(const std::string& name, base::Instant deadline, base::Duration whole,
               base::Duration uptime) {
    const auto [known, is_new] = known_.try_emplace(name);
    if (is_new || known->second.deadline != deadline) known->second = {deadline, uptime + whole};
    seen_.insert(name);
    return known->second.ends <= uptime;
  }
  /// Forgets those that nobody asked about since the last call.
  void forget_others() {
    std::erase_if(known_, [this](const auto& entry) { return !seen_.contains(entry.first); });
    seen_.clear();
  }
  void clear() { *this = SteadyDeadlines(); }

 private:
  struct Known {
    base::Instant deadline;
    base::Duration ends{0};  // by uptime
  };
  std::map<std::string, Known> known_;
  std::set<std::string> seen_;
};

}  // namespace caravan::server
