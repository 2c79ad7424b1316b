// SPDX-License-Identifier: Apache-2.0
// Randomness from a seed. fork() makes an independent stream per use, so that one more draw in one
// host's network does not change what another host's disk does.
#pragma once

#include <cstdint>
#include <string_view>

#include "io/random.hpp"

namespace caravan::sim {

class SimRandom : public io::Random {
 public:
  explicit SimRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;
  std::uint64_t next();  // splitmix64
  /// True `share` times in a thousand.
  bool chance(int share) { return share > 0 && next() % 1000 < static_cast<std::uint64_t>(share); }
  /// Between `low` and `high`, both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  base::Duration between(base::Duration low, base::Duration high);
  SimRandom fork(std::string_view name);

 private:
  std::uint64_t state_;
};

/// One step of the running hash that two runs of one seed must agree on.
std::uint64_t mix(std::uint64_t hash, std::uint64_t word);
std::uint64_t mix(std::uint64_t hash, std::string_view text);

}  // namespace caravan::sim
