// SPDX-License-Identifier: Apache-2.0
// Operations on the key-value store, one after the other, each seeing what those before it did, and
// nothing outside seeing any of it. Pure: what has to be written when all went well is handed over.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "state/tables.hpp"

namespace caravan::state {

/// Keys that the tree operations of one transaction may look at before the next one is refused: all
/// servers do the work again, on the thread that applies.
inline constexpr std::size_t kv_tree_keys_max = 32'768;

class KvTransaction {
 public:
  /// `index` and `time_ns`: of the command. `tables` outlives it.
  KvTransaction(const Tables& tables, std::uint64_t index, std::int64_t time_ns)
      : tables_(tables), index_(index), time_ns_(time_ns) {}

  void run(const wire::KvOperation& operation);

  const TxnOutcome& outcome() const { return outcome_; }
  /// The outcome since the last call, and what has to be written; it counts as written from then.
  TxnOutcome take_outcome() { return std::exchange(outcome_, {}); }
  std::map<std::string, Ref<model::KvEntry>> take_writes() { return std::exchange(writes_, {}); }
  /// What becomes of each key that is written; null: it is deleted.
  const std::map<std::string, Ref<model::KvEntry>>& writes() const { return writes_; }

 private:
  using Entry = Ref<model::KvEntry>;
  void step(const wire::KvOperation& o);
  Entry find(const std::string& key) const;
  std::map<std::string, Entry> under(const std::string& prefix);
  void set(const wire::KvOperation& o);
  void lock(const wire::KvOperation& o);
  void unlock(const wire::KvOperation& o);
  void remove(const wire::KvOperation& o);
  void read(const wire::KvOperation& o);
  void check(const wire::KvOperation& o);
  void put(const wire::KvOperation& o, const Entry& old, std::uint64_t lock_index,
           const base::Uuid& session);
  void show(const Entry& entry, bool with_value);
  void fail(std::string what);

  const Tables& tables_;
  std::uint64_t index_;
  std::int64_t time_ns_;
  std::size_t operation_ = 0;  // its place
  std::size_t tree_keys_ = 0;
  std::map<std::string, Entry> writes_;
  TxnOutcome outcome_;
};

/// The operations change nothing: any server can answer them from what it has.
bool only_reads(const std::vector<wire::KvOperation>& operations);

}  // namespace caravan::state
