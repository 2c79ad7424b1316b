// SPDX-License-Identifier: Apache-2.0
#include "checks/http2.hpp"

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstring>

#include <fmt/core.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::checks {
namespace {

constexpr std::size_t read_bytes = 16 * 1024;

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv header(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

/// One side of a connection that is used once.
class Conversation {
 public:
  Conversation() {
    nghttp2_session_callbacks* callbacks = nullptr;
    ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    ASSERT(nghttp2_session_client_new(&session_, callbacks, this) == 0);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry no_push{NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &no_push, 1);
  }
  ~Conversation() { nghttp2_session_del(session_); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

  void call(const Call& asked) {
    body_ = asked.body;
    const std::array<nghttp2_nv, 7> head{
        header(":method", "POST"),       header(":scheme", asked.scheme),
        header(":path", asked.path),     header(":authority", asked.authority),
        header("te", "trailers"),        header("content-type", "application/grpc"),
        header("user-agent", "caravan"),
    };
    nghttp2_data_provider provider{};
    provider.read_callback = read_body;
    nghttp2_submit_request(session_, nullptr, head.data(), head.size(), &provider, nullptr);
  }

  /// Talks until what was submitted is answered.
  io::Task<base::Status> run(io::Stream& stream) {
    std::string buffer(read_bytes, '\0');
    while (true) {
      const std::string out = outgoing();
      if (!out.empty()) CO_TRY_VOID(co_await stream.write(out));
      if (is_over_) co_return base::Status();
      CO_TRY(const std::size_t n, co_await stream.read_some(buffer));
      if (n == 0) co_return base::fail(base::Code::io, "the connection was closed");
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(buffer.data());
      const ssize_t used = nghttp2_session_mem_recv(session_, bytes, n);
      if (used < 0)
        co_return base::invalid(
            fmt::format("not HTTP/2: {}", nghttp2_strerror(static_cast<int>(used))));
    }
  }

  CallAnswer answer;

 private:
  static Conversation& self(void* data) { return *static_cast<Conversation*>(data); }

  std::string outgoing() {
    std::string all;
    while (true) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t n = nghttp2_session_mem_send(session_, &bytes);
      if (n <= 0) return all;
      all += view(bytes, static_cast<std::size_t>(n));
    }
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    const bool is_pong = frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK);
    if (is_pong || frame->hd.type == NGHTTP2_GOAWAY) self(data).is_over_ = true;
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* data) {
    const std::string_view key = view(name, name_size), text = view(value, value_size);
    CallAnswer& answer = self(data).answer;
    if (key == ":status") answer.status = static_cast<int>(base::parse_int(text).value_or(0));
    if (key == "grpc-status") answer.grpc_status = text;
    if (key == "grpc-message") answer.grpc_message = text;
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* bytes,
                     std::size_t size, void* data) {
    std::string& body = self(data).answer.body;
    body += view(bytes, std::min(size, call_body_max - std::min(call_body_max, body.size())));
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t, std::uint32_t, void* data) {
    self(data).is_over_ = true;
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* data) {
    std::string& body = self(data).body_;
    const std::size_t n = std::min(size, body.size());
    std::memcpy(buffer, body.data(), n);
    body.erase(0, n);
    if (body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(n);
  }

  nghttp2_session* session_ = nullptr;
  std::string body_;
  bool is_over_ = false;
};

}  // namespace

io::Task<base::Status> ping(std::unique_ptr<io::Stream> stream) {
  Conversation conversation;
  conversation.ping();
  co_return co_await conversation.run(*stream);
}

io::Task<base::Result<CallAnswer>> call(std::unique_ptr<io::Stream> stream, Call asked) {
  Conversation conversation;
  conversation.call(asked);
  CO_TRY_VOID(co_await conversation.run(*stream));
  co_return std::move(conversation.answer);
}

}  // namespace caravan::checks
