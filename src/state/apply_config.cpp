// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {

void apply(Change& change, const wire::PutConfigEntry& c) {
  const Ref<model::ConfigEntry> old = change.tables().config_entry(c.entry.key());
  const std::uint64_t index = old ? old->modify_index : 0;
  const bool is_too_much =
      !old && change.tables().config_entries.size() >= model::config_entries_max;
  if (is_too_much || c.expected_index.value_or(index) != index) return change.refuse();
  if (old && old->body == c.entry.body) return;
  auto entry = std::make_shared<model::ConfigEntry>(c.entry);
  entry->create_index = old ? old->create_index : change.index();
  entry->modify_index = change.index();
  change.put(Ref<model::ConfigEntry>(std::move(entry)));
}

void apply(Change& change, const wire::DeleteConfigEntry& c) {
  const model::ConfigKey key{c.kind, c.name};
  const Ref<model::ConfigEntry> old = change.tables().config_entry(key);
  if (!old) return;
  if (c.expected_index.value_or(old->modify_index) != old->modify_index) return change.refuse();
  change.erase_config_entry(key);
}

}  // namespace caravan::state
