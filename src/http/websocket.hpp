// SPDX-License-Identifier: Apache-2.0
// WebSocket frames (RFC 6455), as much as exec needs: text and binary messages within a limit,
// pings answered, closes with a code. Sans IO at the bottom, a stream on top.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/network.hpp"

namespace caravan::http {

inline constexpr std::size_t websocket_message_max = 1024 * 1024;

/// The value of Sec-WebSocket-Accept for a client's key.
std::string websocket_accept(std::string_view key);

struct Frame {
  enum class Kind { text, binary, close, ping, pong };
  Kind kind = Kind::text;
  std::string payload;
};

std::string encode_frame(const Frame& frame, bool masked, std::uint32_t mask);

/// Bytes in, messages out.
class FrameReader {
 public:
  void feed(std::string_view bytes) { buffer_ += bytes; }
  /// The next whole message, or nothing yet. Errors: invalid, too_large.
  base::Result<std::optional<Frame>> next();

 private:
  std::string buffer_, partial_;
  Frame::Kind partial_kind_ = Frame::Kind::text;
  bool in_message_ = false;
};

class WebSocket {
 public:
  /// `client` masks what it sends. The stream outlives it.
  WebSocket(io::Stream& stream, std::string already_read, bool client)
      : stream_(stream), client_(client) {
    reader_.feed(already_read);
  }
  /// The next text or binary message; a close frame as such. Pings are answered here. Errors: io,
  /// invalid.
  io::Task<base::Result<Frame>> read();
  io::Task<base::Status> send_text(std::string text);
  io::Task<base::Status> close(int code, std::string reason);

 private:
  io::Task<base::Status> send(Frame frame);
  io::Stream& stream_;
  FrameReader reader_;
  bool client_;
  bool writing_ = false;
  std::string waiting_;  // frames that came while a write was under way
};

}  // namespace caravan::http
