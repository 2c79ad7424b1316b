// SPDX-License-Identifier: Apache-2.0
#include "rpc/frames.hpp"

#include <cstring>

#include "io/task.hpp"

namespace caravan::rpc {
namespace {

constexpr std::size_t head_bytes = 4;
constexpr std::size_t read_bytes = 64 * 1024;

std::size_t size_at(std::string_view bytes) {
  std::size_t size = 0;
  for (const char c : bytes.substr(0, head_bytes))
    size = size << 8 | static_cast<unsigned char>(c);
  return size;
}

}  // namespace

void append_frame(std::string& to, std::string_view message) {
  const auto size = static_cast<std::uint32_t>(message.size());
  for (int shift = 24; shift >= 0; shift -= 8)
    to += static_cast<char>(size >> shift);
  to += message;
}

base::Result<std::optional<std::string>> FrameReader::next_here() {
  const std::string_view have = std::string_view(buffer_).substr(begin_, end_ - begin_);
  if (have.size() < head_bytes) return std::nullopt;
  const std::size_t size = size_at(have);
  if (size > frame_bytes_max)
    return base::fail(base::Code::too_large, "a message of more than 64 MiB");
  if (have.size() - head_bytes < size) return std::nullopt;
  begin_ += head_bytes + size;
  return std::string(have.substr(head_bytes, size));
}

io::Task<base::Result<std::string>> FrameReader::next() {
  while (true) {
    CO_TRY(std::optional<std::string> message, next_here());
    if (message) co_return *std::move(message);
    if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    if (buffer_.size() < end_ + read_bytes) buffer_.resize(end_ + read_bytes);
    CO_TRY(const std::size_t n,
           co_await stream_.read_some({buffer_.data() + end_, buffer_.size() - end_}));
    if (n == 0) co_return base::fail(base::Code::unavailable, "the other side has hung up");
    end_ += n;
  }
}

}  // namespace caravan::rpc
