// SPDX-License-Identifier: Apache-2.0
// How entries of any table are written and erased: hashes and indexes with them. Only for the files
// that define Change.
#pragma once

#include "base/hash.hpp"
#include "state/store.hpp"

namespace caravan::state {

/// Metrics have no part in the hash of an allocation.
inline void append_hashed(std::string& out, const model::Allocation& alloc) {
  wire::encode_bare(out, alloc);
}
template <class T>
void append_hashed(std::string& out, const T& value) {
  wire::BinaryOut::value(out, value);
}

template <class T>
std::uint64_t Change::entry_hash(Table table, const T& value) {
  encoded_.clear();
  append_hashed(encoded_, value);
  return base::hash64(encoded_, static_cast<std::uint64_t>(table));
}

template <class Key, class T>
void Change::replace(Table table, Tree<Key, Ref<T>>& map, const Key& key, Ref<T> value) {
  std::uint64_t& sum = tables_.table_hash[static_cast<std::size_t>(table)];
  if (const Ref<T>* old = map.find(key)) sum -= entry_hash(table, **old);
  sum += entry_hash(table, *value);
  map.put(key, std::move(value));
  touch(table);
}

template <class Key, class T>
bool Change::remove(Table table, Tree<Key, Ref<T>>& map, const Key& key) {
  const Ref<T>* old = map.find(key);
  if (!old) return false;
  tables_.table_hash[static_cast<std::size_t>(table)] -= entry_hash(table, **old);
  map.erase(key);
  touch(table);
  return true;
}

}  // namespace caravan::state
