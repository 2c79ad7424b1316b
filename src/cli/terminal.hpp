// SPDX-License-Identifier: Apache-2.0
// This terminal, for as long as a remote one is in it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <termios.h>

namespace caravan::cli {

struct TerminalSize {
  int rows = 0, columns = 0;
};
TerminalSize terminal_size();

/// Keys go through as they are; the destructor puts the terminal back.
class RawMode {
 public:
  explicit RawMode(bool wanted);
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  bool active_ = false;
  termios before_{};
};

/// Reads standard input on a thread, whatever kind of file it is. `take` is called on that thread,
/// with "" at the end; the destructor ends it at once.
class InputReader {
 public:
  explicit InputReader(std::function<void(std::string)> take);
  ~InputReader();

 private:
  void run();
  std::function<void(std::string)> take_;
  int stop_pipe_[2] = {-1, -1};
  std::thread thread_;
};

/// Finds "~." at the start of a line, which ends a session. Pure.
class EscapeWatch {
 public:
  /// `escape` is one character, or "" for none.
  explicit EscapeWatch(std::string escape) : escape_(std::move(escape)) {}
  /// What of `keys` goes to the other side. Afterwards ended() says whether the session shall end.
  std::string pass(std::string_view keys);
  bool ended() const { return ended_; }

 private:
  std::string escape_;
  bool line_start_ = true, held_ = false, ended_ = false;
};

}  // namespace caravan::cli
