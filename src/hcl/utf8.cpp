// SPDX-License-Identifier: Apache-2.0
#include "hcl/utf8.hpp"

namespace caravan::hcl {
namespace {

char32_t decode(std::string_view point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(point[i]); };
  if (point.size() == 1) return byte(0);
  char32_t c = byte(0) & (0xff >> (point.size() + 1));
  for (std::size_t i = 1; i < point.size(); ++i) c = c << 6 | (byte(i) & 0x3f);
  return c;
}

bool between(char32_t c, char32_t low, char32_t high) { return c >= low && c <= high; }

/// Latin Extended-A comes in pairs; in two stretches the capital is the odd one of its pair.
bool capital_is_odd(char32_t c) { return between(c, 0x139, 0x148) || between(c, 0x179, 0x17e); }

char32_t lower(char32_t c) {
  if (between(c, 'A', 'Z') || (between(c, 0xc0, 0xde) && c != 0xd7) || between(c, 0x391, 0x3a9) ||
      between(c, 0x410, 0x42f))
    return c + 32;
  if (between(c, 0x400, 0x40f)) return c + 80;
  if (c == 0x178) return 0xff;
  if (between(c, 0x100, 0x17e) && c != 0x130 && c != 0x138 && c != 0x149)
    return (c % 2 == 1) == capital_is_odd(c) ? c + 1 : c;
  return c;
}

char32_t upper(char32_t c) {
  if (between(c, 'a', 'z') || (between(c, 0xe0, 0xfe) && c != 0xf7) || between(c, 0x430, 0x44f) ||
      (between(c, 0x3b1, 0x3c9) && c != 0x3c2))
    return c - 32;
  if (between(c, 0x450, 0x45f)) return c - 80;
  if (c == 0xff) return 0x178;
  if (between(c, 0x101, 0x17e) && c != 0x131 && c != 0x138 && c != 0x149 && c != 0x178)
    return (c % 2 == 0) == capital_is_odd(c) ? c - 1 : c;
  return c;
}

template <class Map>
std::string mapped(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  for (const std::string_view point : CodePoints(text)) append_utf8(out, map(decode(point)));
  return out;
}

}  // namespace

std::string utf8_lower(std::string_view text) { return mapped(text, lower); }
std::string utf8_upper(std::string_view text) { return mapped(text, upper); }

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(heads[more] | c >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3f));
}

}  // namespace caravan::hcl
