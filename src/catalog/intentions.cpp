// SPDX-License-Identifier: Apache-2.0
#include "catalog/intentions.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

namespace caravan::catalog {
namespace {

using model::Intention;
using Entry = state::Ref<model::ConfigEntry>;
using Intentions = std::vector<Intention>;

constexpr model::ConfigKind kind = model::ConfigKind::service_intentions;

Intentions of_entry(const state::Tables& tables, const std::string& destination) {
  const Entry entry = tables.config_entry({kind, destination});
  return entry ? model::intentions_of(*entry) : Intentions();
}

Intentions those(const state::Tables& tables,
                 const std::function<bool(const Intention&)>& is_wanted) {
  Intentions found;
  tables.config_entries.from({kind, ""}, [&](const model::ConfigKey& key, const Entry& entry) {
    if (key.first != kind) return false;
    std::ranges::copy_if(model::intentions_of(*entry), std::back_inserter(found), is_wanted);
    return true;
  });
  return found;
}

std::optional<Intention> first_of(Intentions all) {
  return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

/// What counts first; among equals by name.
auto rank(const Intention& intention) {
  return std::tuple(-model::precedence_of(intention.source, intention.destination),
                    intention.destination, intention.source);
}

}  // namespace

Intentions all_intentions(const state::Tables& tables) {
  return those(tables, [](const Intention&) { return true; });
}

Intentions intentions_to(const state::Tables& tables, const std::string& service) {
  Intentions found = of_entry(tables, service);
  if (service != model::any_service)
    std::ranges::move(of_entry(tables, model::any_service), std::back_inserter(found));
  return found;
}

Intentions intentions_from(const state::Tables& tables, const std::string& service) {
  Intentions found = those(tables, [&](const Intention& intention) {
    return intention.source == service || intention.source == model::any_service;
  });
  std::ranges::sort(found, {}, rank);
  return found;
}

std::optional<Intention> deciding_intention(const state::Tables& tables, const std::string& source,
                                            const std::string& destination) {
  Intentions found = intentions_to(tables, destination);
  std::erase_if(found, [&](const Intention& intention) {
    return intention.source != source && intention.source != model::any_service;
  });
  return first_of(std::move(found));
}

std::optional<Intention> intention_of(const state::Tables& tables, const base::Uuid& id) {
  if (id.is_nil()) return {};
  return first_of(those(tables, [&](const Intention& one) { return one.id == id; }));
}

std::optional<Intention> intention_between(const state::Tables& tables, const std::string& source,
                                           const std::string& destination) {
  Intentions found = of_entry(tables, destination);
  std::erase_if(found, [&](const Intention& one) { return one.source != source; });
  return first_of(std::move(found));
}

}  // namespace caravan::catalog
