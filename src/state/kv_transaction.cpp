// SPDX-License-Identifier: Apache-2.0
#include "state/kv_transaction.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::state {

using enum wire::KvVerb;

bool only_reads(const std::vector<wire::KvOperation>& operations) {
  return std::ranges::all_of(operations, [](const wire::KvOperation& o) {
    switch (o.verb) {
      case get:
      case get_or_empty:
      case get_tree:
      case check_index:
      case check_session:
      case check_not_exists:
        return true;
      default:
        return false;
    }
  });
}

KvTransaction::Entry KvTransaction::find(const std::string& key) const {
  const auto written = writes_.find(key);
  return written != writes_.end() ? written->second : tables_.kv_entry(key);
}

std::map<std::string, KvTransaction::Entry> KvTransaction::under(const std::string& prefix) {
  std::map<std::string, Entry> found;
  tables_.kv.from(prefix, [&](const std::string& key, const Entry& entry) {
    if (!key.starts_with(prefix)) return false;
    found.emplace_hint(found.end(), key, entry);
    ++tree_keys_;
    return true;
  });
  for (auto at = writes_.lower_bound(prefix); at != writes_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    if (at->second)
      found[at->first] = at->second;
    else
      found.erase(at->first);
  }
  return found;
}

void KvTransaction::fail(std::string what) {
  outcome_.failures.push_back({operation_, std::move(what)});
}

/// An entry that is shown without its value does not keep the value in memory either.
void KvTransaction::show(const Entry& entry, bool with_value) {
  if (with_value) {
    outcome_.shown.push_back({.entry = entry, .with_value = true});
    return;
  }
  model::KvEntry bare;
  bare.key = entry->key;
  bare.flags = entry->flags;
  bare.lock_index = entry->lock_index;
  bare.session = entry->session;
  bare.create_index = entry->create_index;
  bare.modify_index = entry->modify_index;
  outcome_.shown.push_back({.entry = std::make_shared<const model::KvEntry>(std::move(bare))});
}

void KvTransaction::put(const wire::KvOperation& o, const Entry& old, std::uint64_t lock_index,
                        const base::Uuid& session) {
  auto entry = std::make_shared<model::KvEntry>();
  entry->key = o.key;
  entry->value = o.value;
  entry->flags = o.flags;
  entry->lock_index = lock_index;
  entry->session = session;
  entry->create_index = old ? old->create_index : index_;
  entry->modify_index = index_;
  writes_[o.key] = entry;
  show(entry, false);
}

void KvTransaction::set(const wire::KvOperation& o) {
  const Entry old = find(o.key);
  if (o.verb == cas && o.index != (old ? old->modify_index : 0))
    return fail(fmt::format("failed to set key \"{}\", index is stale", o.key));
  put(o, old, old ? old->lock_index : 0, old ? old->session : base::Uuid());
}

void KvTransaction::lock(const wire::KvOperation& o) {
  if (!tables_.session(o.session))
    return fail(fmt::format("invalid session \"{}\"", o.session.to_string()));
  const Entry old = find(o.key);
  const bool is_held = old && !old->session.is_nil();
  const bool is_mine = is_held && old->session == o.session;
  if (is_held && !is_mine)
    return fail(fmt::format("failed to lock key \"{}\", lock is already held", o.key));
  const Ref<model::LockDelay>* delay = tables_.lock_delays.find(o.key);
  if (!is_held && delay && (*delay)->until_ns > time_ns_)
    return fail(fmt::format("failed to lock key \"{}\" due to lock delay", o.key));
  put(o, old, (old ? old->lock_index : 0) + (is_mine ? 0 : 1), o.session);
}

void KvTransaction::unlock(const wire::KvOperation& o) {
  const Entry old = find(o.key);
  if (!old || old->session.is_nil() || old->session != o.session)
    return fail(fmt::format(
        "failed to unlock key \"{}\", lock isn't held, or is held by another session", o.key));
  put(o, old, old->lock_index, base::Uuid());
}

void KvTransaction::remove(const wire::KvOperation& o) {
  if (o.verb == remove_tree) {
    for (const auto& [key, entry] : under(o.key))
      writes_[key] = nullptr;
    return;
  }
  const Entry old = find(o.key);
  if (!old) return;
  if (o.verb == remove_cas && o.index != old->modify_index)
    return fail(fmt::format("failed to delete key \"{}\", index is stale", o.key));
  writes_[o.key] = nullptr;
}

void KvTransaction::read(const wire::KvOperation& o) {
  if (o.verb == get_tree) {
    for (const auto& [key, entry] : under(o.key))
      show(entry, true);
    return;
  }
  if (const Entry entry = find(o.key)) return show(entry, true);
  if (o.verb == get) return fail(fmt::format("key \"{}\" doesn't exist", o.key));
  model::KvEntry none;
  none.key = o.key;
  show(std::make_shared<const model::KvEntry>(std::move(none)), false);
}

void KvTransaction::check(const wire::KvOperation& o) {
  const Entry entry = find(o.key);
  if (o.verb == check_not_exists) {
    if (entry) fail(fmt::format("key \"{}\" exists", o.key));
    return;
  }
  if (!entry) return fail(fmt::format("key \"{}\" doesn't exist", o.key));
  if (o.verb == check_index && entry->modify_index != o.index)
    return fail(fmt::format("failed index check for key \"{}\", current modify index {} != {}",
                            o.key, entry->modify_index, o.index));
  if (o.verb == check_session && entry->session != o.session)
    return fail(fmt::format("failed session check for key \"{}\", current session \"{}\" != \"{}\"",
                            o.key, entry->session.to_string(), o.session.to_string()));
  show(entry, false);
}

void KvTransaction::run(const wire::KvOperation& o) {
  const bool is_tree = o.verb == get_tree || o.verb == remove_tree;
  if (is_tree && tree_keys_ > kv_tree_keys_max)
    fail(fmt::format("the tree operations before it looked at {} keys, which is above {}",
                     tree_keys_, kv_tree_keys_max));
  else
    step(o);
  ++operation_;
}

void KvTransaction::step(const wire::KvOperation& o) {
  switch (o.verb) {
    case wire::KvVerb::set:
    case cas:
      set(o);
      break;
    case wire::KvVerb::lock:
      lock(o);
      break;
    case wire::KvVerb::unlock:
      unlock(o);
      break;
    case get:
    case get_or_empty:
    case get_tree:
      read(o);
      break;
    case check_index:
    case check_session:
    case check_not_exists:
      check(o);
      break;
    case wire::KvVerb::remove:
    case remove_tree:
    case remove_cas:
      remove(o);
      break;
  }
}

}  // namespace caravan::state
