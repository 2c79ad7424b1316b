// SPDX-License-Identifier: Apache-2.0
#include "base/id.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::base {

Result<Uuid> Uuid::parse(std::string_view text) {
  if (text.empty()) return Uuid{};
  const auto bad = [&] {
    return invalid(fmt::format("\"{}\" is not a UUID", printable(text, 64)));
  };
  if (text.size() != characters) return bad();
  Uuid uuid;
  std::size_t byte = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return bad();
      continue;
    }
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return bad();
    uuid.bytes[byte++] = static_cast<std::uint8_t>(high * 16 + low);
    i += 2;
  }
  return uuid;
}

Uuid Uuid::from_random(std::array<std::uint8_t, 16> bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  return Uuid{bytes};
}

bool Uuid::is_nil() const { return *this == Uuid{}; }

std::string Uuid::to_string() const {
  if (is_nil()) return "";
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(characters);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

}  // namespace caravan::base
