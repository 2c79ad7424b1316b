// SPDX-License-Identifier: Apache-2.0
// What -f, -tail, -n and -c mean for a stream of bytes. Shared by logs and fs.
#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"

namespace caravan::cli {

struct Tail {
  bool follow = false;
  bool from_end = false;
  std::size_t bytes = 0;  // how far before the end to begin
  std::size_t lines = 0;  // how many of the last lines to keep; 0 keeps all
  Params params() const;
};

std::vector<FlagSpec> tail_flags(std::vector<FlagSpec> others);
/// Errors: invalid (a number that is none).
base::Result<Tail> tail_of(const Flags& flags);

/// The last `lines` lines of `text`.
std::string_view last_lines(std::string_view text, std::size_t lines);

/// Copies the answer of `path` to standard output, or to standard error.
base::Status copy_tail(Context& context, const std::string& path, Params params, const Tail& tail,
                       bool to_stderr);

}  // namespace caravan::cli
