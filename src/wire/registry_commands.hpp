// SPDX-License-Identifier: Apache-2.0
// Changes of what the registry keeps besides nodes, services and keys.
#pragma once

#include <vector>

#include "model/coordinate.hpp"
#include "model/prepared_query.hpp"
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

/// A new one, or another in the place of the one of its id. Refused: one that is to be changed is
/// not there, another one has its name, its session is not there, there are too many.
struct UpsertPreparedQuery {
  model::PreparedQuery query;
  bool is_new = false;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertPreparedQuery& c) {
  v(1, "Query", c.query);
  v(2, "IsNew", c.is_new);
  v.unknown(c.unknown);
}

/// Refused when it is not there.
struct DeletePreparedQuery {
  base::Uuid id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeletePreparedQuery& c) {
  v(1, "ID", c.id);
  v.unknown(c.unknown);
}

/// Where nodes stand by now. Nothing happens to those that are not registered.
struct UpdateCoordinates {
  std::vector<model::NodeCoordinate> coordinates;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpdateCoordinates& c) {
  v(1, "Coordinates", c.coordinates);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
