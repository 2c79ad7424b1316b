// SPDX-License-Identifier: Apache-2.0
// Another state takes the place of this one. It travels through the log in pieces, as everything
// does that servers have to agree on, and they are part of the state until the last one is there.
#include <algorithm>

#include "state/store.hpp"

namespace caravan::state {
namespace {

/// The pieces of `restore` in one; nothing when they have a gap, or give another size.
std::optional<std::string> joined(const Tables& tables, const wire::RestoreState& c) {
  std::string whole;
  bool complete = true;
  tables.restore_pieces.each([&](std::uint64_t offset, const Ref<wire::RestorePiece>& piece) {
    complete = complete && piece->restore == c.restore && offset == whole.size();
    if (complete) whole += piece->bytes;
  });
  if (!complete || whole.size() != c.bytes) return {};
  return whole;
}

}  // namespace

void apply(Change& change, const wire::BringRestorePiece& c) {
  if (c.piece.offset == 0) change.erase_restore_pieces();
  change.put(std::make_shared<const wire::RestorePiece>(c.piece));
}

void apply(Change& change, const wire::RestoreState& c) {
  const std::optional<std::string> bytes = joined(change.tables(), c);
  change.erase_restore_pieces();
  if (!bytes) return change.refuse();
  const base::Result<std::unique_ptr<Tables>> restored = load(*bytes);
  // Some server here might not understand it.
  const bool is_newer = restored && (*restored)->log_version > change.tables().log_version;
  if (!restored || is_newer) return change.refuse();
  change.replace_all(**restored);
}

void Change::replace_all(const Tables& restored) {
  const std::uint64_t log_index = tables_.log_index();
  const wire::LogVersion log_version = tables_.log_version;
  const Tree<std::string, std::uint64_t> before = tables_.prefix_index;
  index_ = std::max(tables_.index, restored.index + 1);
  tables_ = restored;
  tables_.index = index_;
  tables_.index_ahead = index_ - log_index;
  tables_.restored_index = index_;
  tables_.log_version = log_version;
  tables_.collected_before = index_;
  tables_.requests_before = index_;
  std::fill_n(tables_.table_index.begin(), tables_of(log_version), index_);
  // Whoever waits for a list sees it anew, also one of something that is gone.
  const auto renew = [&](const std::string& prefix, std::uint64_t) {
    tables_.prefix_index.put(prefix, index_);
  };
  before.each(renew);
  restored.prefix_index.each(renew);
  erase_restore_pieces();
  touched_ = {key::restored};
}

}  // namespace caravan::state
