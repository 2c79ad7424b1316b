// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/core.h>

#include "base/gzip.hpp"
#include "io/task.hpp"

namespace caravan::http {
namespace asio = boost::asio;
namespace beast = boost::beast::http;
namespace {

using AnswerParser = beast::response_parser<beast::string_body>;
using ErrorCode = boost::system::error_code;

constexpr std::size_t answer_read_bytes = 32 * 1024;
constexpr std::uint32_t header_bytes_max = 64 * 1024;

class Reply : public Incoming {
 public:
  Reply(std::unique_ptr<io::Stream> stream, bool head_only) : stream_(std::move(stream)) {
    parser_.header_limit(header_bytes_max);
    parser_.body_limit(boost::none);
    parser_.eager(true);
    parser_.skip(head_only);
  }

  io::Task<base::Status> read_head() {
    while (!parser_.is_header_done())
      CO_TRY_VOID(co_await step());
    const auto& message = parser_.get();
    status = static_cast<int>(message.result_int());
    for (const auto& field : message)
      headers.add(std::string(field.name_string()), std::string(field.value()));
    co_return base::Status();
  }

  io::Task<base::Result<std::string>> read() override {
    while (true) {
      std::string piece = std::exchange(parser_.get().body(), {});
      if (!piece.empty()) co_return piece;
      if (parser_.is_done() || ended_) co_return std::string();
      CO_TRY_VOID(co_await step());
    }
  }

  io::Stream& stream() override { return *stream_; }
  std::string take_already_read() override { return std::exchange(buffer_, {}); }

 private:
  /// Feeds the parser with what is there, or with what comes next.
  io::Task<base::Status> step() {
    ErrorCode error;
    if (!buffer_.empty()) {
      const std::size_t used = parser_.put(asio::buffer(buffer_), error);
      buffer_.erase(0, used);
      if (error && error != beast::error::need_more) {
        co_return base::invalid(fmt::format("malformed HTTP response: {}", error.message()));
      }
      if (used > 0) co_return base::Status();
    }
    std::string bytes(answer_read_bytes, '\0');
    CO_TRY(const std::size_t n, co_await stream_->read_some(bytes));
    if (n > 0) {
      buffer_.append(bytes, 0, n);
      co_return base::Status();
    }
    ended_ = true;
    if (!parser_.got_some())
      co_return base::fail(base::Code::io, "the connection was closed before an answer came");
    parser_.put_eof(error);
    if (error)
      co_return base::fail(base::Code::io, "the connection was closed in the middle of an answer");
    co_return base::Status();
  }

  std::unique_ptr<io::Stream> stream_;
  AnswerParser parser_;
  std::string buffer_;
  bool ended_ = false;
};

std::string head_of(const Request& request, const io::Address& address,
                    std::optional<std::uint64_t> body_bytes) {
  std::string bytes = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  if (!request.headers.contains("Host"))
    bytes += fmt::format("Host: {}\r\n", address.is_unix ? "localhost" : address.to_string());
  for (const auto& [name, value] : request.headers)
    bytes += name + ": " + value + "\r\n";
  if (body_bytes) bytes += fmt::format("Content-Length: {}\r\n", *body_bytes);
  return bytes + "\r\n";
}

std::string bytes_of(const Request& request, const io::Address& address) {
  const bool has_body =
      !request.body.empty() || request.method == "PUT" || request.method == "POST";
  std::optional<std::uint64_t> size;
  if (has_body) size = request.body.size();
  return head_of(request, address, size) + request.body;
}

io::Task<base::Result<std::unique_ptr<Incoming>>> exchange(std::unique_ptr<io::Stream> stream,
                                                           std::string bytes, bool head_only) {
  auto reply = std::make_unique<Reply>(std::move(stream), head_only);
  CO_TRY_VOID(co_await reply->stream().write(bytes));
  CO_TRY_VOID(co_await reply->read_head());
  co_return reply;
}

io::Task<base::Result<std::unique_ptr<Incoming>>> exchange(std::unique_ptr<io::Stream> stream,
                                                           std::string head, Outgoing& body) {
  auto reply = std::make_unique<Reply>(std::move(stream), false);
  CO_TRY_VOID(co_await reply->stream().write(head));
  while (true) {
    CO_TRY(const std::string piece, body.next());
    if (piece.empty()) break;
    const base::Status sent = co_await reply->stream().write(piece);
    if (!sent) break;  // a peer that has heard enough has said why
  }
  CO_TRY_VOID(co_await reply->read_head());
  co_return reply;
}

io::Task<base::Result<std::unique_ptr<Incoming>>> within(
    io::Clock& clock, io::Address address, base::Duration timeout,
    io::Task<base::Result<std::unique_ptr<Incoming>>> answer) {
  using namespace asio::experimental::awaitable_operators;
  auto raced = co_await (std::move(answer) || clock.sleep(timeout));
  if (raced.index() == 1) {
    co_return base::fail(base::Code::timeout,
                         fmt::format("{} did not answer within {}", address.to_string(),
                                     base::format_duration(timeout)));
  }
  co_return std::move(std::get<0>(raced));
}

io::Task<base::Result<std::string>> read_all(Incoming& incoming, std::size_t limit) {
  std::string body;
  while (true) {
    CO_TRY(std::string piece, co_await incoming.read());
    if (piece.empty()) co_return body;
    body += piece;
    if (body.size() > limit)
      co_return base::fail(base::Code::too_large,
                           fmt::format("the answer is larger than {} bytes", limit));
  }
}

}  // namespace

io::Task<base::Result<std::unique_ptr<Incoming>>> open(io::Network& network, io::Clock& clock,
                                                       io::Address address, Request request,
                                                       base::Duration timeout) {
  CO_TRY(std::unique_ptr<io::Stream> stream, co_await network.connect(address, timeout));
  std::string bytes = bytes_of(request, address);
  const bool head_only = request.method == "HEAD";
  auto answer = exchange(std::move(stream), std::move(bytes), head_only);
  co_return co_await within(clock, address, timeout, std::move(answer));
}

io::Task<base::Result<std::unique_ptr<Incoming>>> open_on(std::unique_ptr<io::Stream> stream,
                                                          io::Address address, Request request) {
  std::string bytes = bytes_of(request, address);
  const bool head_only = request.method == "HEAD";
  co_return co_await exchange(std::move(stream), std::move(bytes), head_only);
}

io::Task<base::Result<std::unique_ptr<Incoming>>> open(io::Network& network, io::Clock& clock,
                                                       io::Address address, Request request,
                                                       Outgoing& body, base::Duration timeout) {
  CO_TRY(std::unique_ptr<io::Stream> stream, co_await network.connect(address, timeout));
  std::string head = head_of(request, address, body.size());
  auto answer = exchange(std::move(stream), std::move(head), body);
  co_return co_await within(clock, address, timeout, std::move(answer));
}

io::Task<base::Result<Response>> fetch(io::Network& network, io::Clock& clock, io::Address address,
                                       Request request, base::Duration timeout,
                                       std::size_t body_bytes_max) {
  using namespace asio::experimental::awaitable_operators;
  CO_TRY(std::unique_ptr<Incoming> incoming,
         co_await open(network, clock, address, std::move(request), timeout));
  Response response;
  response.status = incoming->status;
  response.headers = incoming->headers;
  auto raced = co_await (read_all(*incoming, body_bytes_max) || clock.sleep(timeout));
  if (raced.index() == 1) {
    co_return base::fail(base::Code::timeout,
                         fmt::format("{} did not finish its answer within {}", address.to_string(),
                                     base::format_duration(timeout)));
  }
  CO_TRY(response.body, std::move(std::get<0>(raced)));
  if (response.headers.get("Content-Encoding") == "gzip") {
    CO_TRY(response.body, base::gunzip(response.body, body_bytes_max));
  }
  co_return response;
}

}  // namespace caravan::http
