// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "base/gzip.hpp"
#include "http/server.hpp"
#include "io/task.hpp"

namespace caravan::http {
namespace asio = boost::asio;
namespace beast = boost::beast::http;
namespace {

using QuestionParser = beast::request_parser<beast::string_body>;
using ErrorCode = boost::system::error_code;

constexpr std::size_t question_read_bytes = 16 * 1024;
/// Smaller bodies are not worth compressing.
constexpr std::size_t gzip_bytes_min = 1024;
/// Smaller bodies are written together with their head; larger ones are not copied.
constexpr std::size_t joined_bytes_max = 16 * 1024;
/// What a request gives away about how it was broken.
struct Refusal {
  int status;
  std::string message;
};

Refusal refusal_for(const ErrorCode& error, const Limits& limits) {
  if (error == beast::error::body_limit)
    return {413, fmt::format("the request body is larger than {} bytes", limits.body_bytes_max)};
  if (error == beast::error::header_limit)
    return {431,
            fmt::format("the request headers are larger than {} bytes", limits.header_bytes_max)};
  return {400, fmt::format("malformed HTTP request: {}", error.message())};
}

std::string head_of(const Response& response, std::optional<std::size_t> length, bool keep_alive) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  for (const auto& [name, value] : response.headers) {
    // A line break in a value would let it begin a header of its own.
    if (value.find_first_of("\r\n") == std::string::npos) head += name + ": " + value + "\r\n";
  }
  if (length)
    head += fmt::format("Content-Length: {}\r\n", *length);
  else
    head += "Transfer-Encoding: chunked\r\n";
  if (!keep_alive) head += "Connection: close\r\n";
  return head + "\r\n";
}

class Connection : public Responder {
 public:
  Connection(io::Clock& clock, io::Stream& stream, const Limits& limits)
      : clock_(clock), stream_(stream), limits_(limits) {}

  /// The next request; nothing at the end of the connection, or after it was refused.
  io::Task<std::optional<Request>> next();
  /// Returns when nothing was asked for too long. One for all requests: a timer for each of them
  /// would cost more than most requests do.
  io::Task<void> idle_too_long();

  io::Task<base::Status> send(Response response) override {
    answered_ = true;
    const bool bodyless = response.status == 204 || response.status == 304;
    const auto& shared = response.shared;
    const std::string* body = shared ? &shared->plain() : &response.body;
    if (gzip_ && body->size() >= gzip_bytes_min && !response.headers.contains("Content-Encoding")) {
      if (!shared) response.body = base::gzip(response.body);
      body = shared ? &shared->gzipped() : &response.body;
      response.headers.add("Content-Encoding", "gzip");
      response.headers.add("Vary", "Accept-Encoding");
    }
    std::string bytes = head_of(response, bodyless ? 0 : body->size(), keep_alive_);
    if (bodyless || is_head_) co_return co_await stream_.write(bytes);
    if (body->size() > joined_bytes_max) {
      CO_TRY_VOID(co_await stream_.write(bytes));
      co_return co_await stream_.write(*body);
    }
    bytes += *body;
    co_return co_await stream_.write(bytes);
  }
  io::Task<base::Status> begin(Response head) override {
    answered_ = true;
    const std::string bytes = head_of(head, std::nullopt, keep_alive_);
    co_return co_await stream_.write(bytes);
  }
  io::Task<base::Status> write(std::string_view bytes) override {
    if (bytes.empty()) co_return base::Status();
    const std::string chunk = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
    co_return co_await stream_.write(chunk);
  }
  io::Task<base::Status> end() override { co_return co_await stream_.write("0\r\n\r\n"); }

  io::Task<base::Result<io::Stream*>> upgrade(Headers headers, std::string& already_read) override {
    answered_ = true;
    keep_alive_ = false;
    std::string head = "HTTP/1.1 101 Switching Protocols\r\n";
    for (const auto& [name, value] : headers)
      head += name + ": " + value + "\r\n";
    head += "\r\n";
    CO_TRY_VOID(co_await stream_.write(head));
    already_read = std::exchange(buffer_, {});
    co_return &stream_;
  }
  io::Task<void> hung_up() override {
    char byte[256];
    while (buffer_.size() < limits_.header_bytes_max) {
      const base::Result<std::size_t> n = co_await stream_.read_some(byte);
      if (!n || *n == 0) co_return;
      buffer_.append(byte, *n);  // the beginning of a pipelined request
    }
  }

  bool answered() const { return answered_; }
  bool keep_alive() const { return keep_alive_; }

 private:
  io::Task<base::Result<bool>> fill();
  ErrorCode put(QuestionParser& parser);
  io::Task<base::Result<bool>> parse(QuestionParser& parser, ErrorCode error);
  io::Task<void> refuse(Refusal refusal);
  base::Result<Request> take(QuestionParser& parser);

  io::Clock& clock_;
  io::Stream& stream_;
  const Limits& limits_;
  std::string buffer_;
  std::optional<base::Duration> idle_since_;  // by uptime; nothing while a request is under way
  bool keep_alive_ = true, answered_ = false, is_head_ = false, gzip_ = false;
};

/// True: there are more bytes. False: the peer closed.
io::Task<base::Result<bool>> Connection::fill() {
  std::string bytes(question_read_bytes, '\0');
  CO_TRY(const std::size_t n, co_await stream_.read_some(bytes));
  buffer_.append(bytes, 0, n);
  co_return n > 0;
}

io::Task<void> Connection::idle_too_long() {
  base::Duration left = limits_.idle_timeout;
  while (left > base::Duration(0)) {
    co_await clock_.sleep(left);
    left = limits_.idle_timeout;
    if (idle_since_) left -= clock_.uptime() - *idle_since_;
  }
}

io::Task<void> Connection::refuse(Refusal refusal) {
  keep_alive_ = false;
  Response response = plain_error(refusal.status, std::move(refusal.message));
  (void)co_await send(std::move(response));  // the connection ends either way
}

/// Gives the parser what there is.
ErrorCode Connection::put(QuestionParser& parser) {
  ErrorCode error;
  const std::size_t used = parser.put(asio::buffer(buffer_), error);
  buffer_.erase(0, used);
  return error == beast::error::need_more ? ErrorCode() : error;
}

/// Goes on until the request is whole; `error`: what put() said last.
io::Task<base::Result<bool>> Connection::parse(QuestionParser& parser, ErrorCode error) {
  while (error || !parser.is_done()) {
    if (error) {
      co_await refuse(refusal_for(error, limits_));
      co_return false;
    }
    if (parser.is_header_done() && parser.get()[beast::field::expect] == "100-continue" &&
        parser.get().body().empty()) {
      CO_TRY_VOID(co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n"));
      parser.get().erase(beast::field::expect);
    }
    CO_TRY(const bool more, co_await fill());
    if (!more) co_return false;
    error = put(parser);
  }
  co_return true;
}

base::Result<Request> Connection::take(QuestionParser& parser) {
  auto& message = parser.get();
  Request request;
  request.method = std::string_view(message.method_string().data(), message.method_string().size());
  TRY_VOID(request.set_target(std::string(message.target().data(), message.target().size())));
  for (const auto& field : message)
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  request.peer = stream_.peer();
  return request;
}

io::Task<std::optional<Request>> Connection::next() {
  using namespace asio::experimental::awaitable_operators;
  answered_ = false;
  if (buffer_.empty()) {
    idle_since_ = clock_.uptime();
    const base::Result<bool> more = co_await fill();
    idle_since_.reset();
    if (!more || !*more) co_return std::nullopt;
  }
  QuestionParser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser.body_limit(limits_.body_bytes_max);
  parser.eager(true);
  // Nearly every request is there in one piece, and needs nobody to watch the time.
  if (const ErrorCode error = put(parser); error || !parser.is_done()) {
    const auto whole = co_await (parse(parser, error) || clock_.sleep(limits_.header_timeout));
    if (whole.index() == 1) {
      co_await refuse({408, "the request did not arrive in time"});
      co_return std::nullopt;
    }
    const base::Result<bool>& ok = std::get<0>(whole);
    if (!ok || !*ok) co_return std::nullopt;
  }
  const auto& message = parser.get();
  keep_alive_ = message.keep_alive();
  is_head_ = message.method() == beast::verb::head;
  gzip_ = message[beast::field::accept_encoding].find("gzip") != std::string_view::npos;
  const bool both_lengths = message.chunked() && message.has_content_length();
  if (both_lengths || (message.version() == 11 && message[beast::field::host].empty() &&
                       !stream_.peer().is_unix && message.count(beast::field::host) == 0)) {
    Refusal refusal{400, both_lengths ? "both Content-Length and Transfer-Encoding were sent"
                                      : "the Host header is missing"};
    co_await refuse(std::move(refusal));
    co_return std::nullopt;
  }
  if (message.target().size() > limits_.target_bytes_max) {
    co_await refuse(
        {414, fmt::format("the request target is longer than {} bytes", limits_.target_bytes_max)});
    co_return std::nullopt;
  }
  base::Result<Request> request = take(parser);
  if (!request) {
    co_await refuse({400, request.error().message});
    co_return std::nullopt;
  }
  co_return *std::move(request);
}

/// What an escaped exception means for the client: cancellation ends the connection, the rest is
/// our fault.
enum class Outcome { done, cancelled, failed };

io::Task<Outcome> run_handler(const Handler& handler, const Request& request, Responder& responder,
                              const io::Logger& log) {
  try {
    co_await handler(request, responder);
    co_return Outcome::done;
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) co_return Outcome::cancelled;
    log.error("request failed",
              {{"method", request.method}, {"path", request.path}, {"error", e.what()}});
  } catch (const std::exception& e) {
    log.error("request failed",
              {{"method", request.method}, {"path", request.path}, {"error", e.what()}});
  }
  co_return Outcome::failed;
}

io::Task<void> serve_all(Connection& connection, const Handler& handler, const io::Logger& log) {
  while (true) {
    const std::optional<Request> request = co_await connection.next();
    if (!request) break;
    const Outcome outcome = co_await run_handler(handler, *request, connection, log);
    if (outcome == Outcome::cancelled) break;
    if (!connection.answered()) {
      Response failed = plain_error(
          500, outcome == Outcome::failed ? "internal error; see the agent's log" : "no answer");
      (void)co_await connection.send(std::move(failed));
    } else if (outcome == Outcome::failed) {
      break;  // half an answer is out; only the end of the connection says that it is none
    }
    if (!connection.keep_alive()) break;
  }
}

}  // namespace

io::Task<void> serve(io::Clock& clock, std::unique_ptr<io::Stream> stream, const Limits& limits,
                     const Handler& handler, const io::Logger& log) {
  using asio::experimental::awaitable_operators::operator||;
  Connection connection(clock, *stream, limits);
  (void)co_await (serve_all(connection, handler, log) || connection.idle_too_long());
  stream->close();
}

}  // namespace caravan::http
