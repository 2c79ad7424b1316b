// SPDX-License-Identifier: Apache-2.0
#include "rpc/frames.hpp"

#include "io/task.hpp"

namespace caravan::rpc {
namespace {

constexpr std::size_t head_bytes = 4;
constexpr std::size_t read_bytes = 256 * 1024;

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

io::Task<base::Result<std::string>> FrameReader::next() {
  while (true) {
    const std::string_view have = std::string_view(buffer_).substr(at_);
    if (have.size() >= head_bytes) {
      const std::size_t size = size_at(have);
      if (size > frame_bytes_max)
        co_return base::fail(base::Code::too_large, "a message of more than 64 MiB");
      if (have.size() >= head_bytes + size) {
        std::string message(have.substr(head_bytes, size));
        at_ += head_bytes + size;
        co_return message;
      }
    }
    buffer_.erase(0, std::exchange(at_, 0));
    const std::size_t before = buffer_.size();
    buffer_.resize(before + read_bytes);
    const auto n = co_await stream_.read_some({buffer_.data() + before, read_bytes});
    buffer_.resize(before + n.value_or(0));
    if (!n) co_return std::unexpected(n.error());
    if (*n == 0) co_return base::fail(base::Code::unavailable, "the other side has hung up");
  }
}

}  // namespace caravan::rpc
