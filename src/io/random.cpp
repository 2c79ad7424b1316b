// SPDX-License-Identifier: Apache-2.0
#include "io/random_bytes.hpp"

#include "base/assert.hpp"

namespace caravan::io {

std::string random_bytes(Random& random, std::size_t count) {
  std::string bytes(count, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

base::Uuid Random::uuid() {
  std::array<std::uint8_t, 16> bytes;
  fill(bytes);
  return base::Uuid::from_random(bytes);
}

std::uint64_t Random::below(std::uint64_t limit) {
  ASSERT(limit > 0);
  std::array<std::uint8_t, 8> bytes;
  fill(bytes);
  std::uint64_t word = 0;
  for (std::uint8_t byte : bytes)
    word = word << 8 | byte;
  // The high half of a 128-bit product maps the word onto the range with a bias below 2^-40 for
  // every limit that a cluster has (nodes, milliseconds).
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(word) * limit >> 64);
}

base::Duration Random::jitter(base::Duration duration, double share) {
  const auto room = static_cast<std::uint64_t>(static_cast<double>(duration.count()) * share);
  return room == 0 ? duration : duration + base::Duration(below(room));
}

}  // namespace caravan::io
