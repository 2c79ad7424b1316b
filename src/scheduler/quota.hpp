// SPDX-License-Identifier: Apache-2.0
// What the allocations under each quota take. A ledger follows the state by what changed, as a
// fleet does, and costs nothing while no quota stands.
#pragma once

#include <map>
#include <string>

#include "model/quota.hpp"
#include "state/tables.hpp"

namespace caravan::scheduler {

/// The quota that a namespace names, null when it names none.
state::Ref<model::Quota> quota_of(const state::Tables& tables, const std::string& ns);

/// What counts now, of all namespaces that name the quota. O(their allocations).
model::QuotaAmounts quota_usage(const state::Tables& tables, const std::string& quota);

/// By namespace, all that is wanted and not over.
class QuotaLedger {
 public:
  void follow(const state::Tables& tables);
  /// Of all namespaces that name the quota.
  model::QuotaAmounts used(const state::Tables& tables, const std::string& quota) const;

 private:
  void count(const model::Allocation& alloc, bool is_there);
  state::Tree<base::AllocId, state::Ref<model::Allocation>> known_;
  std::map<std::string, model::QuotaAmounts> by_namespace_;
};

/// The quota of one job while a plan for it is made. Without a quota everything is allowed.
class QuotaGate {
 public:
  QuotaGate(const state::Tables& tables, const QuotaLedger& ledger, const model::Job& job);

  /// What one more copy of the group would exceed; empty when it may be placed.
  std::vector<std::string> exceeded(const model::TaskGroup& group) const;
  void add(const model::QuotaAmounts& amounts);
  void add(const model::TaskGroup& group) {
    if (limit_) add(model::quota_amounts(group));
  }
  void remove(const model::TaskGroup& group);
  /// "" when there is none.
  std::string name() const { return quota_ ? quota_->name : ""; }

 private:
  state::Ref<model::Quota> quota_;
  const model::QuotaLimit* limit_ = nullptr;
  model::QuotaAmounts used_;
};

}  // namespace caravan::scheduler
