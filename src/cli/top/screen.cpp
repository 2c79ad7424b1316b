// SPDX-License-Identifier: Apache-2.0
#include "cli/top/screen.hpp"

#include <cerrno>

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

namespace caravan::cli::top {
namespace {

constexpr TerminalSize size_unknown = {.rows = 24, .columns = 80};

// Of ECMA-48, and of xterm the alternate screen, the cursor and the wrap at the end of a line.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr std::string_view leave = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

/// Bold, faint and inverse are no colours: they stay without them.
std::string_view style_of(Tone tone, bool coloured) {
  switch (tone) {
    case Tone::head:
      return "\x1b[1m";
    case Tone::title:
      return "\x1b[7m";
    case Tone::bad:
      return coloured ? "\x1b[31m" : "\x1b[1m";
    case Tone::waiting:
      return coloured ? "\x1b[33m" : "";
    case Tone::faint:
      return "\x1b[2m";
    case Tone::plain:
      break;
  }
  return "";
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {  // whoever shares the terminal made it so
      pollfd room = {STDOUT_FILENO, POLLOUT, 0};
      (void)::poll(&room, 1, -1);
      continue;
    }
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Screen::Screen(bool coloured) : raw_(true), coloured_(coloured) { (void)write_all(enter); }

Screen::~Screen() { (void)write_all(leave); }

TerminalSize Screen::size() const {
  const TerminalSize size = terminal_size();
  return size.rows > 0 && size.columns > 0 ? size : size_unknown;
}

bool Screen::draw(const std::vector<Line>& lines) {
  return write_all(drawing(lines, static_cast<std::size_t>(size().rows), coloured_));
}

/// A line is erased before it is written: behind one that is full, the cursor stands on its last
/// character. Below the last row there is no place to erase from.
std::string drawing(const std::vector<Line>& lines, std::size_t rows, bool coloured) {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view style = style_of(lines[i].tone, coloured);
    out += fmt::format("\x1b[{};1H\x1b[2K{}{}{}", i + 1, style, lines[i].text,
                       style.empty() ? "" : "\x1b[0m");
  }
  if (lines.size() < rows) out += fmt::format("\x1b[{};1H\x1b[J", lines.size() + 1);
  return out;
}

}  // namespace caravan::cli::top
