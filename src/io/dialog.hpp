// SPDX-License-Identifier: Apache-2.0
// A program that somebody talks to: through three pipes, or through a terminal of its own.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/task_fwd.hpp"

namespace caravan::io {

/// One reader of each kind and one writer at a time. Its end kills the program.
class Dialog {
 public:
  virtual ~Dialog() = default;
  /// The next piece; "" at the end. With a terminal everything comes through read_out.
  virtual Task<base::Result<std::string>> read_out() = 0;
  virtual Task<base::Result<std::string>> read_err() = 0;
  virtual Task<base::Status> write(std::string_view bytes) = 0;
  /// The end of the input; a terminal hears ^D.
  virtual Task<void> close_input() = 0;
  /// Asks the program to end (SIGHUP), as a terminal that goes away does.
  virtual void hang_up() = 0;
  virtual void resize(int rows, int columns) = 0;
  /// The exit code; 128+n when signal n ended it.
  virtual Task<base::Result<int>> wait() = 0;
};

}  // namespace caravan::io
