// SPDX-License-Identifier: Apache-2.0
// Text as code points, and the letter cases of the scripts that people write configuration in:
// Latin, Greek and Cyrillic. Other scripts are left as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace caravan::hcl {

/// `for (std::string_view point : CodePoints(text))`. The text is valid UTF-8 or is cut bytewise.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) : text_(text) {}

  static std::size_t size_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return 0;
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
    return end - at;
  }
  struct Iterator {
    std::string_view text;
    std::size_t at;
    std::string_view operator*() const { return text.substr(at, size_at(text, at)); }
    Iterator& operator++() {
      at += size_at(text, at);
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at != other.at; }
  };
  Iterator begin() const { return {text_, 0}; }
  Iterator end() const { return {text_, text_.size()}; }
  std::size_t count() const {
    std::size_t n = 0;
    for (Iterator i = begin(); i != end(); ++i) ++n;
    return n;
  }

 private:
  std::string_view text_;
};

std::string utf8_lower(std::string_view text);
std::string utf8_upper(std::string_view text);
void append_utf8(std::string& out, char32_t code_point);

}  // namespace caravan::hcl
