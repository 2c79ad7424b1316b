// SPDX-License-Identifier: Apache-2.0
#include "sim/random.hpp"

namespace caravan::sim {

std::uint64_t SimRandom::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

void SimRandom::fill(std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(next());
}

std::int64_t SimRandom::between(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
}

base::Duration SimRandom::between(base::Duration low, base::Duration high) {
  return base::Duration(between(low.count(), high.count()));
}

SimRandom SimRandom::fork(std::string_view name) { return SimRandom(mix(next(), name)); }

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  return (hash ^ word) * 1099511628211ull ^ hash >> 29;
}

std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  for (char c : text) hash = mix(hash, static_cast<unsigned char>(c));
  return hash;
}

}  // namespace caravan::sim
