// SPDX-License-Identifier: Apache-2.0
// Entries of the key-value store: what was there, who holds it, and what was done already.
#include "state/change_entries.hpp"

namespace caravan::state {

void Change::put(Ref<model::DoneRequest> request) {
  tables_.requests_by_index.put(request->index, request->id);
  const base::Uuid id = request->id;
  replace(Table::requests, tables_.requests, id, std::move(request));
  if (tables_.requests.size() <= requests_max) return;
  base::Uuid oldest;
  tables_.requests_by_index.from(0, [&](std::uint64_t index, const base::Uuid& first) {
    tables_.requests_before = index;
    oldest = first;
    return false;
  });
  tables_.requests_by_index.erase(tables_.requests_before);
  remove(Table::requests, tables_.requests, oldest);
}

void Change::bury(const std::string& key) {
  unbury(key);
  tables_.kv_graves.put(key, index_);
  tables_.kv_graves_by_index.put({index_, key}, {});
  if (tables_.kv_graves.size() <= kv_graves_max) return;
  std::pair<std::uint64_t, std::string> oldest;
  tables_.kv_graves_by_index.from({0, ""}, [&](const auto& grave, const Nothing&) {
    oldest = grave;
    return false;
  });
  unbury(oldest.second);
  tables_.kv_graves_before = oldest.first;
}

void Change::unbury(const std::string& key) {
  const std::uint64_t* grave = tables_.kv_graves.find(key);
  if (!grave) return;
  tables_.kv_graves_by_index.erase({*grave, key});
  tables_.kv_graves.erase(key);
}

void Change::put(Ref<model::KvEntry> entry) {
  const std::string key = entry->key;
  const Ref<model::KvEntry> old = tables_.kv_entry(key);
  if (old && !old->session.is_nil()) tables_.kv_by_session.erase({old->session, key});
  if (!entry->session.is_nil()) {
    tables_.kv_by_session.put({entry->session, key}, {});
    erase_lock_delay(key);
  }
  unbury(key);
  touch_once(key::kv(key));
  replace(Table::kv, tables_.kv, key, std::move(entry));
}

void Change::erase_kv(const std::string& key) {
  const Ref<model::KvEntry> old = tables_.kv_entry(key);
  if (!old) return;
  tables_.kv_by_session.erase({old->session, key});
  bury(key);
  touch_once(key::kv(key));
  remove(Table::kv, tables_.kv, key);
}

void Change::put(Ref<model::Session> session) {
  const base::Uuid id = session->id;
  tables_.sessions_by_node.at(session->node).put(id, {});
  touch(key::session(id));
  touch_prefix(key::sessions_of_node(session->node));
  replace(Table::sessions, tables_.sessions, id, std::move(session));
}

void Change::erase_session(const base::Uuid& id) {
  const Ref<model::Session> session = tables_.session(id);
  if (!session) return;
  Tree<base::Uuid, Nothing>& others = tables_.sessions_by_node.at(session->node);
  others.erase(id);
  if (others.size() == 0) tables_.sessions_by_node.erase(session->node);
  touch(key::session(id));
  touch_prefix(key::sessions_of_node(session->node));
  remove(Table::sessions, tables_.sessions, id);
}

void Change::put(Ref<model::LockDelay> delay) {
  const std::string key = delay->key;
  erase_lock_delay(key);
  tables_.lock_delays_by_end.put({delay->until_ns, key}, {});
  replace(Table::lock_delays, tables_.lock_delays, key, std::move(delay));
}

void Change::erase_lock_delay(const std::string& key) {
  const Ref<model::LockDelay>* delay = tables_.lock_delays.find(key);
  if (!delay) return;
  tables_.lock_delays_by_end.erase({(*delay)->until_ns, key});
  remove(Table::lock_delays, tables_.lock_delays, key);
}

void Change::erase_lock_delays_that_ended() {
  std::vector<std::string> ended;
  tables_.lock_delays_by_end.from({0, ""}, [&](const auto& delay, const Nothing&) {
    if (delay.first > time_ns_) return false;
    ended.push_back(delay.second);
    return true;
  });
  for (const std::string& key : ended)
    erase_lock_delay(key);
}

void Change::keep(TxnOutcome outcome) {
  tables_.kv_outcomes.put(index_, std::make_shared<const TxnOutcome>(std::move(outcome)));
  if (tables_.kv_outcomes.size() <= kv_outcomes_max) return;
  std::uint64_t oldest = 0;
  tables_.kv_outcomes.from(0, [&](std::uint64_t index, const auto&) {
    oldest = index;
    return false;
  });
  tables_.kv_outcomes.erase(oldest);
}

}  // namespace caravan::state
