// SPDX-License-Identifier: Apache-2.0
// A text with a name, and places in it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace caravan::hcl {

struct Source {
  std::string name;
  std::string text;  // UTF-8, without a byte order mark
};

/// Lines and columns count from 1; a column is a code point.
struct Position {
  std::uint32_t offset = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// Half open. A default Range points nowhere and prints without a place.
struct Range {
  const Source* source = nullptr;  // kept alive by the File that was parsed from it
  Position begin;
  Position end;

  std::string_view text() const {
    if (source == nullptr) return {};
    return std::string_view(source->text).substr(begin.offset, end.offset - begin.offset);
  }
  Range to(const Range& last) const { return {source, begin, last.end}; }
};

}  // namespace caravan::hcl
