// SPDX-License-Identifier: Apache-2.0
// Changes of what the registry keeps besides nodes, services and keys.
#pragma once

#include "model/user_event.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// It gets the next place among all events; the oldest gives way when there are too many.
struct FireEvent {
  model::UserEvent event;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, FireEvent& c) {
  v(1, "Event", c.event);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
