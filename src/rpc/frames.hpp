// SPDX-License-Identifier: Apache-2.0
// Messages on a stream of their own: four bytes of length, then the message.
#pragma once

#include <optional>
#include <string>

#include "io/network.hpp"
#include "io/task_fwd.hpp"

namespace caravan::rpc {

/// Larger messages are refused on both sides.
inline constexpr std::size_t frame_bytes_max = 64 * 1024 * 1024;

void append_frame(std::string& to, std::string_view message);

/// Reads frame after frame. One reader at a time.
class FrameReader {
 public:
  explicit FrameReader(io::Stream& stream) : stream_(stream) {}
  /// Errors: unavailable (the other side hung up), io, too_large.
  io::Task<base::Result<std::string>> next();
  /// As next(), when the whole message has been read already.
  base::Result<std::optional<std::string>> next_here();

 private:
  io::Stream& stream_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what was read and not given yet
};

}  // namespace caravan::rpc
