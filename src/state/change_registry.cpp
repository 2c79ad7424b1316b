// SPDX-License-Identifier: Apache-2.0
// Entries of what the registry keeps besides nodes, services and keys.
#include "base/text.hpp"
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

void Change::put(Ref<model::PreparedQuery> query) {
  const base::Uuid id = query->id;
  erase_prepared_query(id);
  if (query->is_template())
    tables_.query_templates.put(base::to_lower(query->name), id);
  else if (query->is_named())
    tables_.queries_by_name.put(base::to_lower(query->name), id);
  if (!query->session.is_nil()) tables_.queries_by_session.put({query->session, id}, {});
  touch(key::prepared_query(id));
  replace(Table::prepared_queries, tables_.prepared_queries, id, std::move(query));
}

void Change::erase_prepared_query(const base::Uuid& id) {
  const Ref<model::PreparedQuery> query = tables_.prepared_query(id);
  if (!query) return;
  if (query->is_template())
    tables_.query_templates.erase(base::to_lower(query->name));
  else if (query->is_named())
    tables_.queries_by_name.erase(base::to_lower(query->name));
  tables_.queries_by_session.erase({query->session, id});
  touch(key::prepared_query(id));
  remove(Table::prepared_queries, tables_.prepared_queries, id);
}

void Change::put(Ref<model::NodeCoordinate> coordinate) {
  const std::string node = base::to_lower(coordinate->node);
  replace(Table::coordinates, tables_.coordinates, node, std::move(coordinate));
}

void Change::erase_coordinate(const std::string& node) {
  remove(Table::coordinates, tables_.coordinates, node);
}

}  // namespace caravan::state
