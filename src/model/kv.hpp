// SPDX-License-Identifier: Apache-2.0
// The key-value store: bytes under a key, with an index that a writer may insist on and a lock that
// a session may hold. Locks are advisory: who does not ask for one may write all the same.
#pragma once

#include <string>

#include "base/id.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr std::size_t kv_key_max = 1024;
inline constexpr std::size_t kv_value_max = 512 * 1024;

struct KvEntry {
  std::string key, value;
  std::uint64_t flags = 0;       // mean nothing here
  std::uint64_t lock_index = 0;  // how often the lock was taken
  base::Uuid session;            // that holds the lock
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, KvEntry& e) {
  v(1, "Key", e.key);
  v(2, "Value", e.value);
  v(3, "Flags", e.flags);
  v(4, "LockIndex", e.lock_index);
  v(5, "Session", e.session);
  v(6, "CreateIndex", e.create_index);
  v(7, "ModifyIndex", e.modify_index);
  v.unknown(e.unknown);
}

/// Nobody gets the lock on the key before: its holder was lost, and may not know yet.
struct LockDelay {
  std::string key;
  std::int64_t until_ns = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, LockDelay& d) {
  v(1, "Key", d.key);
  v(2, "Until", d.until_ns);
  v.unknown(d.unknown);
}

/// What is wrong with it, "" when nothing is.
std::string kv_key_complaint(const std::string& key);

}  // namespace caravan::model
