// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {

void apply(Change& change, const wire::FireEvent& c) {
  auto event = std::make_shared<model::UserEvent>(c.event);
  change.tables().user_events.each([&](std::uint64_t ltime, const auto&) { event->ltime = ltime; });
  ++event->ltime;
  change.put(Ref<model::UserEvent>(event));
}

}  // namespace caravan::state
