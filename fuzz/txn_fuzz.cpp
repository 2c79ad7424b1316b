// SPDX-License-Identifier: Apache-2.0
// Any text as the body of a transaction: what is read is applied, whole or not at all, and the
// state reads back from a snapshot.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/consul/txn_operations.hpp"
#include "state/store.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto operations = api::consul::txn_operations(text);
  if (!operations) return 0;
  state::Store store;
  wire::CreateSession session;
  session.session.id.bytes[0] = 1;
  (void)store.apply(1, wire::encode_command({.time_ns = 1, .body = session}));
  for (std::uint64_t index = 2; index < 4; ++index) {  // the second time over what is there
    const auto before = store.snapshot()->table_hash;
    (void)store.apply(
        index, wire::encode_command({.time_ns = 1, .body = wire::ApplyTxn{*operations, "dc1", {}}}));
    const state::Snapshot tables = store.snapshot();
    const auto* outcome = tables->kv_outcomes.find(index);
    if (!outcome) std::abort();
    if ((*outcome)->failures.empty() == tables->was_refused(index)) std::abort();
    if (tables->was_refused(index) && tables->table_hash != before) std::abort();
    if (tables->kv_changed_under("") > index) std::abort();
  }
  (void)store.apply(
      4, wire::encode_command({.time_ns = 1, .body = wire::SetLogVersion{wire::log_version, {}}}));
  state::Store other;
  if (!other.restore(state::dump(*store.snapshot()))) std::abort();
  if (other.snapshot()->hash() != store.snapshot()->hash()) std::abort();
  return 0;
}
