// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "state/store.hpp"

namespace caravan::state {
namespace {

/// Whether another query answers to its name.
bool has_rival(const Tables& tables, const model::PreparedQuery& query) {
  if (!query.is_named()) return false;
  const auto& named = query.is_template() ? tables.query_templates : tables.queries_by_name;
  const base::Uuid* other = named.find(base::to_lower(query.name));
  return other && *other != query.id;
}

}  // namespace

void apply(Change& change, const wire::FireEvent& c) {
  auto event = std::make_shared<model::UserEvent>(c.event);
  change.tables().user_events.each([&](std::uint64_t ltime, const auto&) { event->ltime = ltime; });
  ++event->ltime;
  change.put(Ref<model::UserEvent>(event));
}

void apply(Change& change, const wire::UpsertPreparedQuery& c) {
  const Tables& tables = change.tables();
  const Ref<model::PreparedQuery> old = tables.prepared_query(c.query.id);
  const bool is_full = c.is_new && tables.prepared_queries.size() >= model::prepared_queries_max;
  const bool lacks_session = !c.query.session.is_nil() && !tables.session(c.query.session);
  if (c.is_new == static_cast<bool>(old) || is_full || lacks_session || has_rival(tables, c.query))
    return change.refuse();
  auto query = std::make_shared<model::PreparedQuery>(c.query);
  query->create_index = old ? old->create_index : change.index();
  query->modify_index = change.index();
  change.put(Ref<model::PreparedQuery>(query));
}

void apply(Change& change, const wire::DeletePreparedQuery& c) {
  if (!change.tables().prepared_query(c.id)) return change.refuse();
  change.erase_prepared_query(c.id);
}

void apply(Change& change, const wire::UpdateCoordinates& c) {
  for (const model::NodeCoordinate& each : c.coordinates)
    if (change.tables().catalog_nodes.find(base::to_lower(each.node)))
      change.put(std::make_shared<const model::NodeCoordinate>(each));
}

}  // namespace caravan::state
