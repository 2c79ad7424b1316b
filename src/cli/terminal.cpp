// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace caravan::cli {

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_row, size.ws_col};
}

RawMode::RawMode(bool wanted) {
  if (!wanted || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
  termios raw = before_;
  ::cfmakeraw(&raw);
  active_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

RawMode::~RawMode() {
  if (active_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

InputReader::InputReader(std::function<void(std::string)> take) : take_(std::move(take)) {
  if (::pipe2(stop_pipe_, O_CLOEXEC) == 0)
    thread_ = std::thread([this] { run(); });
  else
    take_("");
}

InputReader::~InputReader() {
  if (!thread_.joinable()) return;
  ::close(stop_pipe_[1]);  // the reader sees the end of its pipe
  thread_.join();
  ::close(stop_pipe_[0]);
}

void InputReader::run() {
  std::string buffer(16 * 1024, '\0');
  while (true) {
    pollfd ready[2] = {{STDIN_FILENO, POLLIN, 0}, {stop_pipe_[0], POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return take_("");
    }
    if (ready[1].revents != 0) return;
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return take_("");
    take_(buffer.substr(0, static_cast<std::size_t>(n)));
  }
}

std::string EscapeWatch::pass(std::string_view keys) {
  if (escape_.empty()) return std::string(keys);
  std::string out;
  for (const char key : keys) {
    if (held_) {
      held_ = false;
      if (key == '.') {
        ended_ = true;
        return out;
      }
      if (key != escape_[0]) out += escape_;  // twice the escape sends it once
    } else if (line_start_ && key == escape_[0]) {
      held_ = true;
      continue;
    }
    out += key;
    line_start_ = key == '\r' || key == '\n';
  }
  return out;
}

}  // namespace caravan::cli
