// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

namespace caravan::state {
namespace {

using wire::LockStep;

bool is_expected(const Ref<model::Variable>& old, std::optional<std::uint64_t> index) {
  return !index || *index == (old ? old->modify_index : 0);
}

/// Who writes shows the lock's id while it is held, and none while it is not.
bool holds(const Ref<model::Variable>& old, const base::Uuid& lock_id) {
  const bool is_held = old && old->lock;
  return is_held ? old->lock->id == lock_id : lock_id.is_nil();
}

bool may_acquire(const Change& change, const Ref<model::Variable>& old, const base::Uuid& lock_id) {
  if (!holds(old, lock_id)) return false;
  return !old || old->lock || old->lock_free_at_ns <= change.time_ns();
}

}  // namespace

void apply(Change& change, const wire::PutVariable& c) {
  const Ref<model::Variable> old = change.tables().variable(c.variable.key());
  const bool allowed =
      c.step == LockStep::acquire ? may_acquire(change, old, c.lock_id) : holds(old, c.lock_id);
  const bool needs_old =
      c.step == LockStep::release || c.step == LockStep::lose || c.variable.sealed.empty();
  if (!allowed || !is_expected(old, c.expected_index) || (needs_old && !old))
    return change.refuse();
  auto variable = std::make_shared<model::Variable>(c.variable);
  if (variable->sealed.empty()) {
    variable->sealed = old->sealed;
    variable->key_id = old->key_id;
  }
  if (old && old->lock && c.step != LockStep::release && c.step != LockStep::lose)
    variable->lock = old->lock;
  else if (c.step != LockStep::acquire)
    variable->lock.reset();
  variable->lock_free_at_ns = old && !variable->lock ? old->lock_free_at_ns : 0;
  if (c.step == LockStep::lose)
    variable->lock_free_at_ns = change.time_ns() + old->lock->delay.count();
  variable->create_index = old ? old->create_index : change.index();
  variable->create_time_ns = old ? old->create_time_ns : change.time_ns();
  variable->modify_index = change.index();
  variable->modify_time_ns = change.time_ns();
  change.put(Ref<model::Variable>(variable));
}

void apply(Change& change, const wire::DeleteVariable& c) {
  const model::VariableKey key{c.ns, c.path};
  const Ref<model::Variable> old = change.tables().variable(key);
  if (!old || !holds(old, c.lock_id) || !is_expected(old, c.expected_index)) return change.refuse();
  change.erase_variable(key);
}

}  // namespace caravan::state
