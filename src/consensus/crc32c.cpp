// SPDX-License-Identifier: Apache-2.0
#include "consensus/crc32c.hpp"

#include <array>
#include <cstring>

namespace caravan::consensus {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t word = i;
    for (int bit = 0; bit < 8; ++bit)
      word = word >> 1 ^ (word & 1 ? polynomial : 0);
    table[i] = word;
  }
  return table;
}
constexpr auto table = make_table();

std::uint32_t by_table(std::string_view bytes, std::uint32_t word) {
  for (const char c : bytes)
    word = word >> 8 ^ table[(word ^ static_cast<std::uint8_t>(c)) & 0xff];
  return word;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_processor(std::string_view bytes,
                                                             std::uint32_t word) {
  std::uint64_t wide = word;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t next;
    std::memcpy(&next, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, next);
  }
  return by_table(bytes, static_cast<std::uint32_t>(wide));
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~by_processor(bytes, ~crc);
#endif
  return ~by_table(bytes, ~crc);
}

}  // namespace caravan::consensus
