// SPDX-License-Identifier: Apache-2.0
// Operations of all kinds, one after the other, each seeing what those before it did. They write as
// they go: what fails half way is not undone, so a copy of the tables has to go first.
#pragma once

#include "state/kv_transaction.hpp"
#include "state/store.hpp"

namespace caravan::state {

class Transaction {
 public:
  /// `change` outlives it.
  explicit Transaction(Change& change)
      : change_(change), kv_(change.tables(), change.index(), change.time_ns()) {}

  void run(const wire::TxnOperation& operation);

  TxnOutcome& outcome() { return outcome_; }

 private:
  void run(const wire::KvOperation& o);
  void run(const wire::NodeOperation& o);
  void run(const wire::ServiceOperation& o);
  void run(const wire::CheckOperation& o);
  /// Whether the entry's index is what a verb with a condition expects; if not, it has failed.
  bool is_as_expected(wire::CatalogVerb verb, std::uint64_t expected, std::uint64_t index,
                      const std::string& what);
  void fail(std::string what) { outcome_.failures.push_back({place_, std::move(what)}); }

  Change& change_;
  KvTransaction kv_;
  std::size_t place_ = 0;  // of the operation
  TxnOutcome outcome_;
};

/// What the operations would find and do, without doing it.
TxnOutcome tried(const Tables& tables, std::uint64_t index, std::int64_t time_ns,
                 const std::vector<wire::TxnOperation>& operations);

/// The operations change nothing: any server can answer them from what it has.
bool only_reads(const std::vector<wire::TxnOperation>& operations);

}  // namespace caravan::state
