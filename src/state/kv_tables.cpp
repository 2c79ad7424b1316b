// SPDX-License-Identifier: Apache-2.0
// Reading the key-value store, the sessions and what may depend on one.
#include <algorithm>

#include "state/tables.hpp"

namespace caravan::state {

Ref<model::KvEntry> Tables::kv_entry(const std::string& key) const {
  const Ref<model::KvEntry>* entry = kv.find(key);
  return entry ? *entry : nullptr;
}

Ref<model::Session> Tables::session(const base::Uuid& id) const {
  const Ref<model::Session>* session = sessions.find(id);
  return session ? *session : nullptr;
}

Ref<model::PreparedQuery> Tables::prepared_query(const base::Uuid& id) const {
  const Ref<model::PreparedQuery>* query = prepared_queries.find(id);
  return query ? *query : nullptr;
}

std::uint64_t Tables::kv_changed(const std::string& key) const {
  const std::uint64_t before = std::max(kv_graves_before, restored_index);
  if (const Ref<model::KvEntry> entry = kv_entry(key))
    return std::max(entry->modify_index, restored_index);
  const std::uint64_t* grave = kv_graves.find(key);
  return grave ? std::max(*grave, restored_index) : before;
}

std::uint64_t Tables::kv_changed_under(const std::string& prefix) const {
  std::uint64_t newest = std::max(kv_graves_before, restored_index);
  kv.from(prefix, [&](const std::string& key, const Ref<model::KvEntry>& entry) {
    if (!key.starts_with(prefix)) return false;
    newest = std::max(newest, entry->modify_index);
    return true;
  });
  kv_graves.from(prefix, [&](const std::string& key, std::uint64_t index) {
    if (!key.starts_with(prefix)) return false;
    newest = std::max(newest, index);
    return true;
  });
  return newest;
}

}  // namespace caravan::state
