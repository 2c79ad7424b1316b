// SPDX-License-Identifier: Apache-2.0
// Ids for what a plan creates, drawn from the evaluation's own id: a scheduler has no randomness,
// so that a decision can be replayed. Evaluations have random ids, and each is scheduled a few
// times at most, each time on another snapshot.
#pragma once

#include "base/hash.hpp"
#include "base/id.hpp"

namespace caravan::scheduler {

class IdSource {
 public:
  IdSource(const base::EvalId& eval, std::uint64_t snapshot_index) {
    const std::string_view seed(reinterpret_cast<const char*>(eval.bytes.data()),
                                eval.bytes.size());
    low_ = base::hash64(seed, snapshot_index);
    high_ = base::hash64(seed, ~snapshot_index);
  }

  template <class SomeId>
  SomeId next() {
    std::array<std::uint8_t, 16> bytes;
    const std::uint64_t words[2] = {draw(), mixed(high_ + count_)};
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::uint8_t>(words[i / 8] >> 8 * (i % 8));
    return SomeId(base::Uuid::from_random(bytes));
  }

  std::uint64_t draw() {
    count_ += 0x9e3779b97f4a7c15ULL;  // SplitMix64
    return mixed(low_ + count_);
  }

 private:
  static std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
    return x ^ x >> 31;
  }

  std::uint64_t low_ = 0, high_ = 0, count_ = 0;
};

}  // namespace caravan::scheduler
