// SPDX-License-Identifier: Apache-2.0
#include "server/prepared_queries.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "catalog/prepared_queries.hpp"
#include "catalog/query_template.hpp"

namespace caravan::server {
namespace {

using consensus::Priority;

base::Error not_found() { return {base::Code::not_found, catalog::query_not_found}; }

/// What stood in the way of it.
base::Error why_refused(const state::Tables& tables, const model::PreparedQuery& query,
                        bool is_new) {
  if (!is_new && !tables.prepared_query(query.id)) return not_found();
  if (!query.session.is_nil() && !tables.session(query.session))
    return {base::Code::invalid, fmt::format("invalid session \"{}\"", query.session.to_string())};
  if (is_new && tables.prepared_queries.size() >= model::prepared_queries_max)
    return {base::Code::busy, fmt::format("there are {} prepared queries, and may not be more",
                                          model::prepared_queries_max)};
  return {base::Code::invalid, fmt::format("Name '{}' is that of another query",
                                           base::printable(query.name, model::query_name_max))};
}

}  // namespace

io::Task<base::Status> PreparedQueries::put(model::PreparedQuery query, bool is_new) {
  CO_TRY_VOID(catalog::check_query(query));
  wire::UpsertPreparedQuery command;
  command.query = query;
  command.is_new = is_new;
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command), Priority::kv));
  const state::Snapshot tables = store_.snapshot();
  if (tables->was_refused(index)) co_return std::unexpected(why_refused(*tables, query, is_new));
  co_return base::Status();
}

io::Task<base::Result<base::Uuid>> PreparedQueries::create(model::PreparedQuery query) {
  query.id = world_.random.uuid();
  const base::Uuid id = query.id;
  CO_TRY_VOID(co_await put(std::move(query), true));
  co_return id;
}

io::Task<base::Status> PreparedQueries::update(model::PreparedQuery query) {
  return put(std::move(query), false);
}

io::Task<base::Status> PreparedQueries::remove(base::Uuid id) {
  wire::DeletePreparedQuery command;
  command.id = id;
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command), Priority::kv));
  if (store_.snapshot()->was_refused(index)) co_return std::unexpected(not_found());
  co_return base::Status();
}

}  // namespace caravan::server
