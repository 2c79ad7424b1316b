// SPDX-License-Identifier: Apache-2.0
#include "server/session_clock.hpp"

namespace caravan::server {
namespace {

constexpr int times_to_live = 2;
/// A look that comes later than this says that the whole process stood still.
constexpr base::Duration lateness_max = 4 * session_look_interval;

}  // namespace

std::vector<base::Uuid> SessionClock::look(const state::Tables& tables, base::Duration uptime) {
  const base::Duration passed = looked_ ? uptime - *looked_ : base::Duration(0);
  looked_ = uptime;
  std::erase_if(ends_, [&](const auto& entry) { return !tables.sessions.find(entry.first); });
  if (passed > lateness_max)
    for (auto& [id, end] : ends_)
      end += passed - session_look_interval;
  std::vector<base::Uuid> over;
  tables.sessions.each([&](const base::Uuid& id, const state::Ref<model::Session>& session) {
    if (session->time_to_live() == base::Duration(0)) return;
    const auto known = ends_.find(id);
    if (known == ends_.end())
      renew(*session, uptime);
    else if (known->second <= uptime)
      over.push_back(id);
  });
  return over;
}

void SessionClock::renew(const model::Session& session, base::Duration uptime) {
  ends_[session.id] = uptime + times_to_live * session.time_to_live();
}

}  // namespace caravan::server
