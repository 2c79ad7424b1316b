// SPDX-License-Identifier: Apache-2.0
// The core's own randomness, from one seed, so that a history replays: whom to ask, and numbers
// that nobody can guess without the seed. SplitMix64.
#pragma once

#include <cstdint>

namespace caravan::gossip {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  /// In 0..limit-1. Precondition: limit > 0.
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }

 private:
  std::uint64_t state_;
};

}  // namespace caravan::gossip
