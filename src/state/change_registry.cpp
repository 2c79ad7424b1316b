// SPDX-License-Identifier: Apache-2.0
// Entries of what the registry keeps besides nodes, services and keys.
#include "state/change_entries.hpp"

namespace caravan::state {

void Change::put(Ref<model::UserEvent> event) {
  const std::uint64_t ltime = event->ltime;
  replace(Table::user_events, tables_.user_events, ltime, std::move(event));
  if (tables_.user_events.size() <= model::user_events_max) return;
  std::uint64_t oldest = 0;
  tables_.user_events.from(0, [&](std::uint64_t first, const auto&) {
    oldest = first;
    return false;
  });
  remove(Table::user_events, tables_.user_events, oldest);
}

}  // namespace caravan::state
