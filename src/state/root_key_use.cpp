// SPDX-License-Identifier: Apache-2.0
#include "state/root_key_use.hpp"

#include <fmt/core.h>

#include "model/identity.hpp"

namespace caravan::state {
namespace {

bool gives_tokens(const model::Allocation& alloc) {
  return std::ranges::any_of(alloc.task_group().tasks, [](const model::Task& task) {
    return !model::delivered_identities(task).empty();
  });
}

}  // namespace

std::string root_key_use(const Tables& tables, const wire::RootKey& key) {
  std::string use;
  tables.variables.from({}, [&](const model::VariableKey&, const Ref<model::Variable>& variable) {
    if (variable->key_id != key.id) return true;
    use = fmt::format("the variable {} of namespace {} is sealed with it", variable->path,
                      variable->ns);
    return false;
  });
  if (const Ref<model::ConnectCa> ca = tables.connect_ca(); ca && use.empty())
    for (const model::ConnectRoot& root : ca->roots)
      if (root.key_id == key.id) use = "the root of the service mesh is sealed with it";
  if (!use.empty() || key.is_prepublished()) return use;
  tables.allocs.from({}, [&](const base::AllocId& id, const Ref<model::Allocation>& alloc) {
    const bool was_there = alloc->create_index < key.modify_index;
    if (alloc->client_terminal() || !was_there || !gives_tokens(*alloc)) return true;
    use = fmt::format("tokens of the allocation {} may be signed with it", id.to_string());
    return false;
  });
  return use;
}

}  // namespace caravan::state
