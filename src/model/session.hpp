// SPDX-License-Identifier: Apache-2.0
// A session stands for one who lives: it ends with its node, with a check that fails, or when it is
// not renewed in time, and the locks that were taken in its name end with it.
#pragma once

#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr base::Duration session_ttl_min{10'000'000'000},
    session_ttl_max{86'400'000'000'000};
inline constexpr base::Duration session_lock_delay_default{15'000'000'000};
inline constexpr base::Duration session_lock_delay_max{60'000'000'000};
inline constexpr std::size_t session_name_max = 1024;
/// More on one node are refused: each is looked at as long as it lives.
inline constexpr std::size_t sessions_per_node_max = 16'384;
/// The check that every node has: that it is heard of.
inline constexpr const char* node_check = "serfHealth";

/// What becomes of the keys that it holds.
enum class SessionBehavior { release, remove };
constexpr auto enum_names(SessionBehavior) { return std::array{"release"sv, "delete"sv}; }

struct SessionCheck {
  std::string id, ns;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SessionCheck& c) {
  v(1, "ID", c.id);
  v(2, "Namespace", c.ns);
  v.unknown(c.unknown);
}

struct Session {
  base::Uuid id;
  std::string name, node;
  std::vector<std::string> node_checks;
  std::vector<SessionCheck> service_checks;
  std::string ttl;  // as it was written; "" lives until somebody ends it
  base::Duration lock_delay = session_lock_delay_default;
  SessionBehavior behavior = SessionBehavior::release;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  /// Zero for one that needs no renewal.
  base::Duration time_to_live() const;
};
template <class V>
void fields(V& v, Session& s) {
  v(1, "ID", s.id);
  v(2, "Name", s.name);
  v(3, "Node", s.node);
  v(4, "NodeChecks", s.node_checks);
  v(5, "ServiceChecks", s.service_checks);
  v(6, "TTL", s.ttl);
  v(7, "LockDelay", s.lock_delay);
  v(8, "Behavior", s.behavior);
  v(9, "CreateIndex", s.create_index);
  v(10, "ModifyIndex", s.modify_index);
  v.unknown(s.unknown);
}

/// What is wrong with it, "" when nothing is; in the words that clients look for.
std::string session_complaint(const Session& session);

}  // namespace caravan::model
