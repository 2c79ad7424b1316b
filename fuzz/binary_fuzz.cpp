// SPDX-License-Identifier: Apache-2.0
// Any bytes as a command of the log and as the content of a snapshot file. What is read is applied,
// and what a state writes must be read back to the same hash.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "state/store.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  state::Store store;
  (void)store.restore(bytes);
  std::uint64_t index = store.snapshot()->log_index();
  if (index > 1'000'000) return 0;
  store.apply(++index, bytes);
  const state::Snapshot tables = store.snapshot();
  state::Store again;
  if (!again.restore(state::dump(*tables)) || again.snapshot()->hash() != tables->hash())
    std::abort();
  return 0;
}
