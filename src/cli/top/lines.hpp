// SPDX-License-Identifier: Apache-2.0
// The picture as lines that fit a terminal of a given size. Pure.
#pragma once

#include "cli/top/picture.hpp"
#include "cli/top/view.hpp"

namespace caravan::cli::top {

enum class Tone { plain, head, title, bad, waiting, faint };

struct Line {
  std::string text;
  Tone tone = Tone::plain;
};

/// As many lines as fit; `offset` is the view's, not beyond the end, and `page` how many rows of
/// the chosen table there was room for.
struct Frame {
  std::vector<Line> lines;
  std::size_t offset = 0, page = 1;
};

/// At most `rows` lines of at most `columns` characters. `picture` is null until there is one.
Frame frame_of(const Picture* picture, const View& view, std::size_t rows, std::size_t columns,
               std::int64_t now_ns);

/// The head, all nodes and all jobs, for what is no terminal.
std::string plain_text(const Picture& picture, std::int64_t now_ns);

}  // namespace caravan::cli::top
