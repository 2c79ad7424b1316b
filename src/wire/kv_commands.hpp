// SPDX-License-Identifier: Apache-2.0
// Changes of the key-value store and of sessions.
#pragma once

#include <string>
#include <vector>

#include "model/kv.hpp"
#include "model/session.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// The names are those of the public API.
enum class KvVerb {
  set,
  cas,
  lock,
  unlock,
  get,
  get_or_empty,
  get_tree,
  check_index,
  check_session,
  check_not_exists,
  remove,
  remove_tree,
  remove_cas
};
constexpr auto enum_names(KvVerb) {
  using namespace std::string_view_literals;
  return std::array{
      "set"sv,          "cas"sv,         "lock"sv,        "unlock"sv,        "get"sv,
      "get-or-empty"sv, "get-tree"sv,    "check-index"sv, "check-session"sv, "check-not-exists"sv,
      "delete"sv,       "delete-tree"sv, "delete-cas"sv};
}

struct KvOperation {
  KvVerb verb = KvVerb::set;
  std::string key, value;
  std::uint64_t flags = 0, index = 0;
  base::Uuid session;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, KvOperation& o) {
  v(1, "Verb", o.verb);
  v(2, "Key", o.key);
  v(3, "Value", o.value);
  v(4, "Flags", o.flags);
  v(5, "Index", o.index);
  v(6, "Session", o.session);
  v.unknown(o.unknown);
}

/// All of it happens, or nothing when one of them cannot.
struct ApplyKv {
  std::vector<KvOperation> operations;
  bool wants_outcome = false;  // who proposed it asks what each of them found
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ApplyKv& c) {
  v(1, "Operations", c.operations);
  v(2, "WantsOutcome", c.wants_outcome);
  v.unknown(c.unknown);
}

/// Refused when there is one of its id, or its node has as many as it may have.
struct CreateSession {
  model::Session session;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, CreateSession& c) {
  v(1, "Session", c.session);
  v.unknown(c.unknown);
}

/// What it holds is released or deleted, as it was made to. Refused when there is none.
struct DestroySession {
  base::Uuid id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DestroySession& c) {
  v(1, "ID", c.id);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
