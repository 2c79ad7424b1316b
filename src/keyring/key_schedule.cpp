// SPDX-License-Identifier: Apache-2.0
#include "keyring/key_schedule.hpp"

namespace caravan::keyring {

KeyStep next_step(const state::Tables& tables, bool opens, base::Instant now,
                  base::Duration rotation) {
  using Kind = KeyStep::Kind;
  state::Ref<wire::RootKey> active, next;
  tables.root_keys.each([&](const base::Uuid&, const state::Ref<wire::RootKey>& key) {
    if (key->active) active = key;
    if (!key->is_prepublished()) return;
    if (!next || key->publish_time_ns < next->publish_time_ns) next = key;
  });
  if (!active || !opens) return {Kind::make, nullptr, {}};
  if (next && next->publish_time_ns <= now.unix_ns) return {Kind::activate, next, {}};
  const base::Instant since{std::max(active->create_time_ns, active->publish_time_ns)};
  if (next) return {};
  if (since + rotation <= now) return {Kind::make, nullptr, {}};
  if (since + rotation / 2 <= now) return {Kind::prepublish, nullptr, since + rotation};
  return {};
}

}  // namespace caravan::keyring
