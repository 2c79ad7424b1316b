// SPDX-License-Identifier: Apache-2.0
// Text of a given width: columns that fit, lines that wrap. Pure. A character is counted as one
// place, as most are.
#pragma once

#include "cli/top/sheet.hpp"

namespace caravan::cli::top {

/// Of each column; 0 for one there is no room for.
using Widths = std::vector<std::size_t>;

/// Leaves out columns by their rank, then narrows the first, until a row fits.
Widths widths_of(const Sheet& sheet, std::size_t columns);

/// One row, without trailing spaces and never longer than `columns`.
std::string row_text(const Sheet& sheet, const std::vector<std::string>& cells,
                     const Widths& widths, std::size_t columns);

/// At most `width` characters; "~" ends what was longer. Control bytes become "?".
std::string cut(std::string_view text, std::size_t width);

/// Without line ends: the first line, and what of the others is said nowhere else is lost.
std::string one_line(std::string_view text);

struct Piece {
  std::string text;
  bool hurts = false;
};

/// Pieces with two spaces between, as many on a line as fit; a line hurts when one of them does.
std::vector<Piece> wrapped(const std::vector<Piece>& pieces, std::size_t width);

}  // namespace caravan::cli::top
