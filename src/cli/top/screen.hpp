// SPDX-License-Identifier: Apache-2.0
// A terminal that belongs to us for a while: the alternate screen, without cursor and line wrap.
#pragma once

#include "cli/terminal.hpp"
#include "cli/top/lines.hpp"

namespace caravan::cli::top {

class Screen {
 public:
  /// Takes the terminal; the destructor gives it back as it was.
  explicit Screen(bool coloured);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// The terminal's size now; 80x24 where it does not say.
  TerminalSize size() const;
  /// Shows these lines from the top, and nothing below them. False: nobody sees it any more.
  bool draw(const std::vector<Line>& lines);

 private:
  RawMode raw_;
  bool coloured_;
};

/// The bytes of such a drawing on a screen of `rows`. Pure.
std::string drawing(const std::vector<Line>& lines, std::size_t rows, bool coloured);

}  // namespace caravan::cli::top
