// SPDX-License-Identifier: Apache-2.0
#include "catalog/prepared_queries.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "catalog/query_template.hpp"

namespace caravan::catalog {
namespace {

/// The one whose name is the longest beginning of it.
state::Ref<model::PreparedQuery> template_for(const state::Tables& tables, const std::string& low) {
  const std::size_t longest = std::min(low.size(), model::query_name_max);
  for (std::size_t length = longest + 1; length-- > 0;)
    if (const base::Uuid* id = tables.query_templates.find(low.substr(0, length)))
      return tables.prepared_query(*id);
  return nullptr;
}

bool has_all(const std::map<std::string, std::string>& meta,
             const std::map<std::string, std::string>& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& each) {
    const auto found = meta.find(each.first);
    return found != meta.end() && found->second == each.second;
  });
}

/// "!x" wants those without x.
bool fits(const Instance& instance, const std::string& tag) {
  return tag.starts_with('!') ? !instance.has_tag(tag.substr(1)) : instance.has_tag(tag);
}

bool is_well(const Instance& instance, const model::QueryService& query) {
  model::Health worst = model::Health::passing;
  for (const Check& check : instance.checks)
    if (std::ranges::find(query.ignore_check_ids, check->id) == query.ignore_check_ids.end())
      worst = model::worse(worst, check->status);
  return worst == model::Health::passing ||
         (worst == model::Health::warning && !query.only_passing);
}

}  // namespace

std::optional<model::PreparedQuery> find_query(const state::Tables& tables,
                                               const std::string& id_or_name) {
  if (const auto id = base::Uuid::parse(id_or_name); id && !id_or_name.empty()) {
    const state::Ref<model::PreparedQuery> query = tables.prepared_query(*id);
    return query ? std::optional(rendered(*query, query->name)) : std::nullopt;
  }
  const std::string low = base::to_lower(id_or_name);
  if (const base::Uuid* id = tables.queries_by_name.find(low))
    return *tables.prepared_query(*id);
  const state::Ref<model::PreparedQuery> found = template_for(tables, low);
  return found ? std::optional(rendered(*found, id_or_name)) : std::nullopt;
}

std::vector<Instance> selected(const state::Tables& tables, const model::QueryService& query) {
  std::vector<Instance> found = instances(tables, query.service, query.connect);
  std::erase_if(found, [&](const Instance& instance) {
    return !is_well(instance, query) || !has_all(instance.node->meta, query.node_meta) ||
           !has_all(instance.service->meta, query.service_meta) ||
           !std::ranges::all_of(query.tags, [&](const auto& tag) { return fits(instance, tag); });
  });
  return found;
}

}  // namespace caravan::catalog
