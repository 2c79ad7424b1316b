// SPDX-License-Identifier: Apache-2.0
// Little-endian numbers and length-prefixed strings, for the files of this chapter. Reading is
// bounds-checked: a reader that ran out says so once, at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caravan::consensus {

template <class Number>
void put(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i)));
}

inline void put_bytes(std::string& out, std::string_view bytes) {
  put(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  /// False once something did not fit; everything read after that is zero or empty.
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

  template <class Number>
  Number get() {
    const std::string_view from = take(sizeof(Number));
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
      number |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(from[i])) << (8 * i);
    return static_cast<Number>(number);
  }
  std::string_view bytes() { return take(get<std::uint32_t>()); }

 private:
  std::string_view take(std::size_t count) {
    if (!ok_ || count > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace caravan::consensus
