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
  IdSource(const base::EvalId& eval, std::uint64_t snapshot_index)
      : eval_(eval), index_(snapshot_index) {}

  template <class SomeId>
  SomeId next() {
    std::array<std::uint8_t, 16> bytes;
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint64_t word = draw();
      for (std::size_t i = 0; i < 8; ++i)
        bytes[half * 8 + i] = static_cast<std::uint8_t>(word >> 8 * i);
    }
    return SomeId(base::Uuid::from_random(bytes));
  }

  std::uint64_t draw() {
    ++count_;
    std::uint64_t words[2] = {index_, count_};
    const std::string_view seed(reinterpret_cast<const char*>(eval_.bytes.data()),
                                eval_.bytes.size());
    return base::hash64(std::string_view(reinterpret_cast<const char*>(words), sizeof words),
                        base::hash64(seed, 1)) ^
           base::hash64(seed, count_ * 0x9e3779b97f4a7c15ULL + index_);
  }

 private:
  base::EvalId eval_;
  std::uint64_t index_, count_ = 0;
};

}  // namespace caravan::scheduler
