// SPDX-License-Identifier: Apache-2.0
#include "state/kv_transaction.hpp"
#include "state/store.hpp"

namespace caravan::state {

void apply(Change& change, const wire::ApplyKv& c) {
  KvTransaction transaction(change.tables(), change.index(), change.time_ns());
  for (const wire::KvOperation& operation : c.operations)
    transaction.run(operation);
  if (c.wants_outcome) change.keep(transaction.outcome());
  if (!transaction.outcome().failures.empty()) return change.refuse();
  for (const auto& [key, entry] : transaction.writes()) {
    if (entry)
      change.put(entry);
    else
      change.erase_kv(key);
  }
}

void apply(Change& change, const wire::CreateSession& c) {
  const Tables& tables = change.tables();
  const Tree<base::Uuid, Nothing>* others = tables.sessions_by_node.find(c.session.node);
  if (c.session.id.is_nil() || tables.session(c.session.id) ||
      (others && others->size() >= model::sessions_per_node_max))
    return change.refuse();
  auto session = std::make_shared<model::Session>(c.session);
  session->create_index = session->modify_index = change.index();
  change.put(Ref<model::Session>(session));
}

void apply(Change& change, const wire::DestroySession& c) {
  const Ref<model::Session> session = change.tables().session(c.id);
  if (!session) return change.refuse();
  end_session(change, *session);
}

void end_session(Change& change, const model::Session& session) {
  std::vector<std::string> held;
  const Tables& tables = change.tables();
  tables.kv_by_session.from({session.id, ""}, [&](const auto& pair, const Nothing&) {
    if (pair.first != session.id) return false;
    held.push_back(pair.second);
    return true;
  });
  for (const std::string& key : held) {
    if (session.lock_delay > base::Duration(0))
      change.put(std::make_shared<const model::LockDelay>(
          model::LockDelay{key, change.time_ns() + session.lock_delay.count(), {}}));
    if (session.behavior == model::SessionBehavior::remove) {
      change.erase_kv(key);
      continue;
    }
    auto entry = std::make_shared<model::KvEntry>(*tables.kv_entry(key));
    entry->session = {};
    entry->modify_index = change.index();
    change.put(Ref<model::KvEntry>(entry));
  }
  std::vector<base::Uuid> bound;
  tables.queries_by_session.from({session.id, {}}, [&](const auto& pair, const Nothing&) {
    if (pair.first == session.id) bound.push_back(pair.second);
    return pair.first == session.id;
  });
  for (const base::Uuid& query : bound)
    change.erase_prepared_query(query);
  change.erase_session(session.id);
  change.erase_lock_delays_that_ended();
}

void end_sessions(Change& change, const std::string& node, const std::string& check) {
  const Tree<base::Uuid, Nothing>* ids = change.tables().sessions_by_node.find(node);
  if (!ids) return;
  const auto depends = [&](const model::Session& session) {
    return check.empty() ||
           std::ranges::find(session.node_checks, check) != session.node_checks.end() ||
           std::ranges::find(session.service_checks, check, &model::SessionCheck::id) !=
               session.service_checks.end();
  };
  std::vector<Ref<model::Session>> over;
  ids->each([&](const base::Uuid& id, const Nothing&) {
    if (const Ref<model::Session> session = change.tables().session(id); depends(*session))
      over.push_back(session);
  });
  for (const Ref<model::Session>& session : over)
    end_session(change, *session);
}

}  // namespace caravan::state
