// SPDX-License-Identifier: Apache-2.0
#include "cli/top/layout.hpp"

#include <algorithm>

namespace caravan::cli::top {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t first_column_min = 8;

bool is_continuation_byte(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

bool is_control(char byte) { return static_cast<unsigned char>(byte) < ' ' || byte == '\x7f'; }

/// U+0080 to U+009F: controls too, in two bytes.
bool is_c1(char first, char second) {
  return first == '\xc2' && static_cast<unsigned char>(second) < 0xa0;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return !is_continuation_byte(byte); }));
}

std::size_t total(const Widths& widths) {
  std::size_t sum = 0;
  for (const std::size_t width : widths)
    if (width > 0) sum += width + (sum > 0 ? gap : 0);
  return sum;
}

/// Of those that are shown, the one to go first; -1 when all are to stay.
std::ptrdiff_t least(const Sheet& sheet, const Widths& widths) {
  std::ptrdiff_t found = -1;
  int rank = 0;
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (widths[i] > 0 && sheet.columns[i].rank > rank) {
      rank = sheet.columns[i].rank;
      found = static_cast<std::ptrdiff_t>(i);
    }
  return found;
}

}  // namespace

Widths widths_of(const Sheet& sheet, std::size_t columns) {
  Widths widths;
  for (const Column& column : sheet.columns)
    widths.push_back(characters(column.title));
  for (const SheetRow& row : sheet.rows)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], characters(row.cells[i]));
  const auto overflow = [&] {
    const std::size_t sum = total(widths);
    return sum > columns ? sum - columns : 0;
  };
  const std::size_t first_can_give =
      widths[0] > first_column_min ? widths[0] - first_column_min : 0;
  while (overflow() > first_can_give) {
    const std::ptrdiff_t column = least(sheet, widths);
    if (column < 0) break;
    widths[static_cast<std::size_t>(column)] = 0;
  }
  widths[0] -= std::min(overflow(), first_can_give);
  return widths;
}

std::string row_text(const Sheet& sheet, const std::vector<std::string>& cells,
                     const Widths& widths, std::size_t columns) {
  std::string out;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0) continue;
    if (!out.empty()) out.append(gap, ' ');
    const std::string shown = cut(cells[i], widths[i]);
    const std::size_t padding = widths[i] - std::min(widths[i], characters(shown));
    if (sheet.columns[i].right) out.append(padding, ' ');
    out += shown;
    if (!sheet.columns[i].right) out.append(padding, ' ');
  }
  out = cut(out, columns);
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string cut(std::string_view text, std::size_t width) {
  const bool too_long = characters(text) > width;
  const std::size_t room = too_long && width > 0 ? width - 1 : width;
  std::string out;
  std::size_t taken = 0;
  char before = 0;
  for (const char byte : text) {
    const bool begins = !is_continuation_byte(byte);
    if (begins && taken == room) break;
    if (begins) ++taken;
    if (is_c1(before, byte)) out.pop_back();
    out += is_control(byte) || is_c1(before, byte) ? '?' : byte;
    before = byte;
  }
  if (too_long && width > 0) out += '~';
  return out;
}

std::string one_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

std::vector<Piece> wrapped(const std::vector<Piece>& pieces, std::size_t width) {
  std::vector<Piece> lines;
  for (const Piece& piece : pieces) {
    const std::string shown = cut(piece.text, width);
    const bool fits =
        !lines.empty() && characters(lines.back().text) + gap + characters(shown) <= width;
    if (!fits) {
      lines.push_back({shown, piece.hurts});
      continue;
    }
    lines.back().text += std::string(gap, ' ') + shown;
    lines.back().hurts = lines.back().hurts || piece.hurts;
  }
  return lines;
}

}  // namespace caravan::cli::top
