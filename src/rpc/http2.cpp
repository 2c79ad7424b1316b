// SPDX-License-Identifier: Apache-2.0
#include "rpc/http2.hpp"

#include <nghttp2/nghttp2.h>

#include <array>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/assert.hpp"

namespace caravan::rpc {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t write_bytes = 256 * 1024;  // that leave with one write

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv header(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

/// What nghttp2 calls; `user_data` is the connection.
struct Http2Callbacks {
  static Http2& self(void* data) { return *static_cast<Http2*>(data); }
  static std::shared_ptr<Exchange> find(void* data, std::int32_t id) {
    const auto found = self(data).exchanges_.find(id);
    return found == self(data).exchanges_.end() ? nullptr : found->second;
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    auto exchange = std::make_shared<Exchange>(self(data).lane_);
    exchange->id = frame->hd.stream_id;
    self(data).exchanges_[frame->hd.stream_id] = std::move(exchange);
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* data) {
    const auto exchange = find(data, frame->hd.stream_id);
    if (!exchange) return 0;
    const std::string_view key = view(name, name_size), text = view(value, value_size);
    if (key == ":path") exchange->path = text;
    if (key == "caravan-code") exchange->code = text;
    if (key == ":status") exchange->status = std::atoi(std::string(text).c_str());
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    const auto exchange = find(data, frame->hd.stream_id);
    if (!exchange) return 0;
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) exchange->inbound_ended = true;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST &&
        self(data).on_request)
      self(data).on_request(exchange);
    exchange->changed.notify();
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                     const std::uint8_t* bytes, std::size_t size, void* data) {
    // The connection's window only bounds a burst; what a reader leaves counts against its own.
    nghttp2_session_consume_connection(session, size);
    const auto exchange = find(data, id);
    if (exchange && exchange->is_unwanted) {
      nghttp2_session_consume_stream(session, id, size);
    } else if (exchange) {
      exchange->inbound += view(bytes, size);
      exchange->changed.notify();
    }
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* data) {
    const auto exchange = find(data, id);
    if (!exchange) return 0;
    if (error != NGHTTP2_NO_ERROR || !exchange->inbound_ended) exchange->broken = true;
    exchange->inbound_ended = true;
    self(data).exchanges_.erase(id);
    exchange->changed.notify();
    return 0;
  }

  static ssize_t read_outbound(nghttp2_session*, std::int32_t id, std::uint8_t* buffer,
                               std::size_t size, std::uint32_t* flags, nghttp2_data_source*,
                               void* data) {
    const auto exchange = find(data, id);
    if (!exchange) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t n = std::min(size, exchange->waiting());
    if (n == 0 && !exchange->outbound_ended) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(exchange->outbound.data() + exchange->left, n, buffer);
    exchange->left += n;
    if (exchange->waiting() == 0) {
      exchange->outbound.clear();
      exchange->left = 0;
      if (exchange->outbound_ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    exchange->changed.notify();
    return static_cast<ssize_t>(n);
  }
};

Http2::Http2(boost::asio::any_io_executor lane, io::Clock& clock,
             std::unique_ptr<io::Stream> stream, Side side, bool dialed, Http2Limits limits)
    : lane_(lane),
      clock_(clock),
      stream_(std::move(stream)),
      side_(side),
      dialed_(dialed),
      limits_(limits),
      writable_(lane),
      heard_(clock.uptime()) {
  nghttp2_session_callbacks* callbacks = nullptr;
  ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Http2Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Http2Callbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Http2Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Http2Callbacks::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Http2Callbacks::on_close);
  nghttp2_option* option = nullptr;
  ASSERT(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_no_auto_window_update(option, 1);
  const auto make = side == Side::asks ? nghttp2_session_client_new2 : nghttp2_session_server_new2;
  ASSERT(make(&session_, callbacks, this, option) == 0);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  const std::array<nghttp2_settings_entry, 3> settings{{
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(limits_.window_bytes)},
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits_.exchanges)},
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(limits_.connection_bytes));
}

Http2::~Http2() { nghttp2_session_del(session_); }

void Http2::wake() {
  dirty_ = true;
  writable_.notify();
}

io::Task<base::Error> Http2::run() {
  using namespace boost::asio::experimental::awaitable_operators;
  const auto keep = shared_from_this();
  struct End {
    Http2& connection;
    ~End() { connection.end(); }
  } const at_the_end{*this};
  auto why = co_await (read_all() || write_all() || watch());
  co_return std::visit([](base::Error& error) { return std::move(error); }, why);
}

void Http2::close() {
  stream_->close();
  end();
}

void Http2::end() {
  if (std::exchange(over_, true)) return;
  const auto all = std::exchange(exchanges_, {});
  for (const auto& [id, exchange] : all) {
    exchange->broken = exchange->inbound_ended = true;
    exchange->changed.notify();
  }
}

io::Task<base::Error> Http2::read_all() {
  std::string buffer(read_bytes, '\0');
  while (true) {
    const base::Result<std::size_t> n = co_await stream_->read_some(buffer);
    if (!n) co_return n.error();
    if (*n == 0) co_return base::Error{base::Code::unavailable, "the other side has hung up"};
    heard_ = clock_.uptime();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(buffer.data());
    const ssize_t used = nghttp2_session_mem_recv(session_, bytes, *n);
    if (used < 0)
      co_return base::Error{
          base::Code::invalid,
          fmt::format("not HTTP/2: {}", nghttp2_strerror(static_cast<int>(used)))};
    wake();
  }
}

io::Task<base::Error> Http2::write_all() {
  std::string out;
  while (true) {
    dirty_ = false;
    out.clear();
    while (out.size() < write_bytes) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t n = nghttp2_session_mem_send(session_, &bytes);
      if (n < 0) co_return base::Error{base::Code::internal, nghttp2_strerror(static_cast<int>(n))};
      if (n == 0) break;
      out += view(bytes, static_cast<std::size_t>(n));
    }
    if (!out.empty()) {
      const base::Status written = co_await stream_->write(out);
      if (!written) co_return written.error();
      continue;
    }
    if (!nghttp2_session_want_read(session_))
      co_return base::Error{base::Code::unavailable, "the connection was ended"};
    while (!dirty_)
      co_await writable_.wait();
  }
}

io::Task<base::Error> Http2::watch() {
  while (true) {
    co_await clock_.sleep(limits_.quiet / 2);
    const base::Duration silence = clock_.uptime() - heard_;
    if (silence > limits_.patience)
      co_return base::Error{base::Code::unavailable, "the other side is silent"};
    if (!dialed_ || silence < limits_.quiet) continue;
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    wake();
  }
}

std::shared_ptr<Exchange> Http2::request(const std::string& path) {
  auto exchange = std::make_shared<Exchange>(lane_);
  exchange->path = path;
  const std::array<nghttp2_nv, 4> head{header(":method", "POST"), header(":scheme", "https"),
                                       header(":authority", "caravan"), header(":path", path)};
  nghttp2_data_provider provider{};
  provider.read_callback = Http2Callbacks::read_outbound;
  if (!over_)
    exchange->id =
        nghttp2_submit_request(session_, nullptr, head.data(), head.size(), &provider, nullptr);
  if (over_ || exchange->id < 0) {
    exchange->broken = exchange->inbound_ended = true;
    return exchange;
  }
  exchanges_[exchange->id] = exchange;
  return exchange;
}

void Http2::respond(Exchange& exchange, int status, const std::string& code) {
  if (exchange.broken) return;
  const std::string text = std::to_string(status);
  const std::array<nghttp2_nv, 2> head{header(":status", text), header("caravan-code", code)};
  nghttp2_data_provider provider{};
  provider.read_callback = Http2Callbacks::read_outbound;
  nghttp2_submit_response(session_, exchange.id, head.data(), code.empty() ? 1 : 2, &provider);
  wake();
}

void Http2::send(Exchange& exchange, std::string_view bytes, bool end) {
  if (exchange.broken || over_) return;
  exchange.outbound += bytes;
  exchange.outbound_ended |= end;
  nghttp2_session_resume_data(session_, exchange.id);  // no matter if it was not waiting
  wake();
}

std::string Http2::take(Exchange& exchange, std::size_t most) {
  std::string bytes;
  if (exchange.inbound.size() <= most) {
    bytes = std::exchange(exchange.inbound, {});
  } else {
    bytes = exchange.inbound.substr(0, most);
    exchange.inbound.erase(0, most);
  }
  if (!over_ && !bytes.empty()) {
    nghttp2_session_consume_stream(session_, exchange.id, bytes.size());
    wake();
  }
  return bytes;
}

void Http2::reset(Exchange& exchange) {
  if (exchange.broken || over_) return;
  exchange.broken = exchange.inbound_ended = true;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, exchange.id, NGHTTP2_CANCEL);
  exchanges_.erase(exchange.id);
  exchange.changed.notify();
  wake();
}

}  // namespace caravan::rpc
