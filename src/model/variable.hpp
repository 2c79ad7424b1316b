// SPDX-License-Identifier: Apache-2.0
// Variables: small secrets under a path, sealed wherever they lie, and the locks that are held on
// them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr std::size_t variable_path_max = 128;
/// Names and values of one variable together.
inline constexpr std::size_t variable_bytes_max = 64 * 1024;
inline constexpr base::Duration lock_ttl_min{10'000'000'000}, lock_ttl_max{86'400'000'000'000};
inline constexpr base::Duration lock_ttl_default{15'000'000'000};
inline constexpr base::Duration lock_delay_default{15'000'000'000};

/// Namespace, path.
using VariableKey = std::pair<std::string, std::string>;
using VariableItems = std::map<std::string, std::string>;

/// Held by whoever knows its id and renews it before `ttl` is over; when that fails, nobody else
/// gets it for `delay`.
struct VariableLock {
  base::Uuid id;
  base::Duration ttl = lock_ttl_default, delay = lock_delay_default;
  base::Unknown unknown;
  friend bool operator==(const VariableLock&, const VariableLock&) = default;
};
template <class V>
void fields(V& v, VariableLock& l) {
  v(1, "ID", l.id);
  v(2, "TTL", l.ttl);
  v(3, "LockDelay", l.delay);
  v.unknown(l.unknown);
}

/// As it lies in the log and in the state.
struct Variable {
  std::string ns, path;
  base::Uuid key_id;   // of the root key that it is sealed under
  std::string sealed;  // its items, bound to namespace and path
  std::optional<VariableLock> lock;
  std::int64_t lock_free_at_ns = 0;  // of a lock that was lost: nobody gets a new one before
  std::int64_t create_time_ns = 0, modify_time_ns = 0;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  VariableKey key() const { return {ns, path}; }
};
template <class V>
void fields(V& v, Variable& x) {
  v(1, "Namespace", x.ns);
  v(2, "Path", x.path);
  v(3, "KeyID", x.key_id);
  v(4, "Sealed", x.sealed);
  v(5, "Lock", x.lock);
  v(6, "LockFreeAt", x.lock_free_at_ns);
  v(7, "CreateTime", x.create_time_ns);
  v(8, "ModifyTime", x.modify_time_ns);
  v(9, "CreateIndex", x.create_index);
  v(10, "ModifyIndex", x.modify_index);
  v.unknown(x.unknown);
}

/// What is inside the box.
struct VariableContent {
  VariableItems items;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, VariableContent& c) {
  v(1, "Items", c.items);
  v.unknown(c.unknown);
}

/// What is wrong with them, "" when nothing is.
std::string path_complaint(const std::string& path);
std::string items_complaint(const VariableItems& items);
std::string lock_complaint(const VariableLock& lock);

}  // namespace caravan::model
