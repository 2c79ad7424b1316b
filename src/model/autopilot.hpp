// SPDX-License-Identifier: Apache-2.0
// When a server may vote, and when it is taken out: what operators may change while the cluster
// runs.
#pragma once

#include "base/time.hpp"
#include "model/field.hpp"

namespace caravan::model {

struct AutopilotConfig {
  bool cleanup_dead_servers = true;
  base::Duration last_contact_max{200'000'000};  // shown; nobody is judged by it yet
  base::Duration stabilization{10'000'000'000};  // well for so long before a server may vote
  std::uint64_t trailing_max = 250;              // entries behind, at most, to be well
  std::uint64_t min_quorum = 0;  // so many voters stay, dead or not, when dead ones are taken out
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const AutopilotConfig&, const AutopilotConfig&) = default;
};
template <class V>
void fields(V& v, AutopilotConfig& c) {
  v(1, "CleanupDeadServers", c.cleanup_dead_servers);
  v(2, "LastContactThreshold", c.last_contact_max);
  v(3, "ServerStabilizationTime", c.stabilization);
  v(4, "MaxTrailingLogs", c.trailing_max);
  v(5, "MinQuorum", c.min_quorum);
  v(6, "CreateIndex", c.create_index);
  v(7, "ModifyIndex", c.modify_index);
  v.unknown(c.unknown);
}

}  // namespace caravan::model
