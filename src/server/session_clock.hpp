// SPDX-License-Identifier: Apache-2.0
// Counts the time of sessions, on the leader, so that a renewal costs no write. A session has twice
// its time to live: clients rely on a margin for what delays their renewals. Pure.
#pragma once

#include <unordered_map>
#include <vector>

#include "state/tables.hpp"

namespace caravan::server {

/// How often the sessions are to be looked at: a small part of the shortest time to live.
inline constexpr base::Duration session_look_interval{500'000'000};

class SessionClock {
 public:
  /// Those that were not renewed in time, at this moment of a clock that only goes forward. Whoever
  /// is seen for the first time has all of its time before it. While nobody looked nobody could
  /// renew either: such a pause does not count.
  std::vector<base::Uuid> look(const state::Tables& tables, base::Duration uptime);
  void renew(const model::Session& session, base::Duration uptime);
  void clear() { *this = SessionClock(); }

 private:
  std::unordered_map<base::Uuid, base::Duration> ends_;
  std::optional<base::Duration> looked_;
};

}  // namespace caravan::server
