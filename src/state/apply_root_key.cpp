// SPDX-License-Identifier: Apache-2.0
#include "state/root_key_use.hpp"
#include "state/store.hpp"

namespace caravan::state {

void apply(Change& change, const wire::UpsertRootKey& c) {
  auto key = std::make_shared<wire::RootKey>(c.key);
  const Ref<wire::RootKey>* old = change.tables().root_keys.find(key->id);
  key->create_index = old ? (*old)->create_index : change.index();
  key->modify_index = change.index();
  std::vector<Ref<wire::RootKey>> replaced;
  if (key->active)
    change.tables().root_keys.each([&](const base::Uuid& id, const Ref<wire::RootKey>& other) {
      const bool was_used = !other->is_prepublished() && !other->rekeying;
      if (id != c.key.id && (other->active || (c.rekey && was_used))) replaced.push_back(other);
    });
  for (const Ref<wire::RootKey>& other : replaced) {
    auto before = std::make_shared<wire::RootKey>(*other);
    before->active = false;
    before->rekeying = c.rekey;
    before->publish_time_ns = 0;
    before->modify_index = change.index();
    change.put(Ref<wire::RootKey>(before));
  }
  change.put(Ref<wire::RootKey>(key));
}

void apply(Change& change, const wire::DeleteRootKey& c) {
  const Ref<wire::RootKey>* key = change.tables().root_keys.find(c.id);
  if (!key || (*key)->active || (!c.force && !root_key_use(change.tables(), **key).empty()))
    return change.refuse();
  change.erase_root_key(c.id);
}

void apply(Change& change, const wire::ResealVariables& c) {
  if (!change.tables().root_keys.find(c.key_id)) return change.refuse();
  for (const wire::ResealedVariable& resealed : c.variables) {
    const Ref<model::Variable> old = change.tables().variable({resealed.ns, resealed.path});
    if (!old || old->modify_index != resealed.modify_index) continue;
    auto variable = std::make_shared<model::Variable>(*old);
    variable->key_id = c.key_id;
    variable->sealed = resealed.sealed;
    change.put(Ref<model::Variable>(variable));
  }
}

}  // namespace caravan::state
