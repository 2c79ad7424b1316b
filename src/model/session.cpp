// SPDX-License-Identifier: Apache-2.0
#include "model/session.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

/// A session is looked at with each change of a check, and written as often as it is shown.
constexpr std::size_t checks_max = 64;
constexpr std::size_t ttl_text_max = 64;

}  // namespace

base::Duration Session::time_to_live() const {
  return ttl.empty() ? base::Duration(0) : base::parse_duration(ttl).value_or(base::Duration(0));
}

std::string session_complaint(const Session& session) {
  if (session.name.size() > session_name_max)
    return fmt::format("Session name is too long: {} bytes are above {}", session.name.size(),
                       session_name_max);
  if (session.node_checks.size() + session.service_checks.size() > checks_max)
    return fmt::format("Session depends on too many checks: {} are above {}",
                       session.node_checks.size() + session.service_checks.size(), checks_max);
  if (session.lock_delay < base::Duration(0) || session.lock_delay > session_lock_delay_max)
    return fmt::format("Invalid lock delay '{}', must be between [0s={}]",
                       base::format_duration(session.lock_delay),
                       base::format_duration(session_lock_delay_max));
  if (session.ttl.empty()) return "";
  const base::Result<base::Duration> ttl = base::parse_duration(session.ttl);
  if (!ttl || session.ttl.size() > ttl_text_max)
    return fmt::format("Session TTL '{}' invalid: {}", base::printable(session.ttl, 64),
                       ttl ? "too long" : ttl.error().message);
  if (*ttl != base::Duration(0) && (*ttl < session_ttl_min || *ttl > session_ttl_max))
    return fmt::format("Invalid Session TTL '{}', must be between [10s=24h0m0s]", ttl->count());
  return "";
}

}  // namespace caravan::model
