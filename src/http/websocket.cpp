// SPDX-License-Identifier: Apache-2.0
#include "http/websocket.hpp"

#include <openssl/sha.h>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::http {
namespace {

constexpr std::string_view accept_magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3
/// Masks hide nothing; they keep bytes of ours from looking like HTTP to a proxy. Any value will
/// do.
constexpr std::uint32_t fixed_mask = 0x5a3cc35a;

int opcode(Frame::Kind kind) {
  switch (kind) {
    case Frame::Kind::text:
      return 1;
    case Frame::Kind::binary:
      return 2;
    case Frame::Kind::close:
      return 8;
    case Frame::Kind::ping:
      return 9;
    case Frame::Kind::pong:
      return 10;
  }
  return 1;
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + std::string(accept_magic);
  unsigned char digest[SHA_DIGEST_LENGTH];
  ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base::base64_encode(
      std::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
}

std::string encode_frame(const Frame& frame, bool masked, std::uint32_t mask) {
  std::string bytes;
  bytes += static_cast<char>(0x80 | opcode(frame.kind));
  const std::size_t n = frame.payload.size();
  const int mask_bit = masked ? 0x80 : 0;
  const int length_bytes = n < 126 ? 0 : n < 65536 ? 2 : 8;
  bytes += static_cast<char>(mask_bit | (length_bytes == 0   ? static_cast<int>(n)
                                         : length_bytes == 2 ? 126
                                                             : 127));
  for (int i = length_bytes - 1; i >= 0; --i)
    bytes += static_cast<char>(n >> (8 * i));
  if (!masked) return bytes + frame.payload;
  char key[4];
  for (int i = 0; i < 4; ++i)
    bytes += key[i] = static_cast<char>(mask >> (24 - 8 * i));
  for (std::size_t i = 0; i < n; ++i)
    bytes += static_cast<char>(frame.payload[i] ^ key[i % 4]);
  return bytes;
}

base::Result<std::optional<Frame>> FrameReader::next() {
  while (true) {
    if (buffer_.size() < 2) return std::optional<Frame>();
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(buffer_[i]); };
    const bool final = byte(0) & 0x80;
    const int op = byte(0) & 0x0f;
    if (byte(0) & 0x70) return base::invalid("websocket: reserved bits are set");
    const bool masked = byte(1) & 0x80;
    std::uint64_t length = byte(1) & 0x7f;
    const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    const std::size_t head = 2 + extra + (masked ? 4 : 0);
    if (buffer_.size() < head) return std::optional<Frame>();
    if (extra > 0) length = 0;
    for (std::size_t i = 0; i < extra; ++i)
      length = length << 8 | byte(2 + i);
    if (length > websocket_message_max || partial_.size() + length > websocket_message_max)
      return base::fail(
          base::Code::too_large,
          fmt::format("websocket: a message is larger than {} bytes", websocket_message_max));
    if (buffer_.size() < head + length) return std::optional<Frame>();
    std::string payload = buffer_.substr(head, length);
    if (masked)
      for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ buffer_[head - 4 + i % 4]);
    buffer_.erase(0, head + length);
    if (op >= 8) {
      if (!final || length > 125) return base::invalid("websocket: a broken control frame");
      if (op == 8) return Frame{Frame::Kind::close, std::move(payload)};
      if (op == 9) return Frame{Frame::Kind::ping, std::move(payload)};
      if (op == 10) return Frame{Frame::Kind::pong, std::move(payload)};
      return base::invalid("websocket: unknown opcode");
    }
    if ((op == 0) != in_message_ || op > 2) return base::invalid("websocket: frames out of order");
    if (op != 0) partial_kind_ = op == 1 ? Frame::Kind::text : Frame::Kind::binary;
    partial_ += payload;
    in_message_ = !final;
    if (final) return Frame{partial_kind_, std::exchange(partial_, {})};
  }
}

io::Task<base::Result<Frame>> WebSocket::read() {
  while (true) {
    CO_TRY(std::optional<Frame> frame, reader_.next());
    if (frame && frame->kind == Frame::Kind::ping) {
      Frame pong{Frame::Kind::pong, std::move(frame->payload)};
      CO_TRY_VOID(co_await send(std::move(pong)));
      continue;
    }
    if (frame && frame->kind != Frame::Kind::pong) co_return *std::move(frame);
    if (frame) continue;
    std::string bytes(16 * 1024, '\0');
    CO_TRY(const std::size_t n, co_await stream_.read_some(bytes));
    if (n == 0) co_return base::fail(base::Code::io, "websocket: the peer is gone");
    reader_.feed(std::string_view(bytes).substr(0, n));
  }
}

io::Task<base::Status> WebSocket::send_text(std::string text) {
  Frame frame{Frame::Kind::text, std::move(text)};
  co_return co_await send(std::move(frame));
}

io::Task<base::Status> WebSocket::close(int code, std::string reason) {
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code);
  payload += reason.substr(0, 120);  // a control frame holds 125 bytes
  Frame frame{Frame::Kind::close, std::move(payload)};
  co_return co_await send(std::move(frame));
}

io::Task<base::Status> WebSocket::send(Frame frame) {
  waiting_ += encode_frame(frame, client_, fixed_mask);
  if (writing_) co_return base::Status();  // the writer at work takes it along
  writing_ = true;
  base::Status status;
  while (!waiting_.empty() && status) {
    const std::string bytes = std::exchange(waiting_, {});
    status = co_await stream_.write(bytes);
  }
  writing_ = false;
  co_return status;
}

}  // namespace caravan::http
