// SPDX-License-Identifier: Apache-2.0
#include "rpc/http2_channel.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include "rpc/pipe.hpp"

namespace caravan::rpc {
namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
namespace {

constexpr std::string_view call_prefix = "/call/", stream_prefix = "/stream/";
constexpr std::size_t copy_bytes = 64 * 1024;
constexpr std::size_t head_bytes_max = 64 * 1024;

base::Error lost() {
  return {base::Code::unavailable, "the connection to the other agent was lost"};
}

/// All of what the other side sends in this exchange.
io::Task<base::Result<std::string>> read_whole(std::shared_ptr<Http2> connection,
                                               std::shared_ptr<Exchange> exchange) {
  std::string all;
  while (true) {
    all += connection->take(*exchange, message_bytes_max);
    if (all.size() > message_bytes_max) {
      connection->reset(*exchange);
      co_return base::fail(base::Code::too_large, "the message is larger than 64 MiB");
    }
    if (exchange->broken) co_return std::unexpected(lost());
    if (exchange->inbound_ended && exchange->inbound.empty()) co_return all;
    if (exchange->inbound.empty()) co_await exchange->changed.wait();
  }
}

base::Error error_of(const Exchange& exchange, std::string message) {
  const int code = std::atoi(exchange.code.c_str());
  const bool known = code >= 0 && code <= static_cast<int>(base::Code::busy);
  return {known ? static_cast<base::Code>(code) : base::Code::internal, std::move(message)};
}

void refuse(Http2& connection, Exchange& exchange, const base::Error& error) {
  connection.respond(exchange, 500, std::to_string(static_cast<int>(error.code)));
  connection.send(exchange, error.message, true);
}

/// One exchange as a stream, on the connection's lane.
class ExchangeStream : public io::Stream {
 public:
  ExchangeStream(std::shared_ptr<Http2> connection, std::shared_ptr<Exchange> exchange)
      : connection_(std::move(connection)), exchange_(std::move(exchange)) {}
  ~ExchangeStream() override { close(); }

  io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    while (exchange_->inbound.empty() && !exchange_->inbound_ended)
      co_await exchange_->changed.wait();
    const std::string bytes = connection_->take(*exchange_, buffer.size());
    if (bytes.empty() && exchange_->broken) co_return std::unexpected(lost());
    std::ranges::copy(bytes, buffer.begin());
    co_return bytes.size();
  }
  io::Task<base::Status> write(std::string_view bytes) override {
    while (exchange_->waiting() >= connection_->limits().outbound_bytes && !exchange_->broken)
      co_await exchange_->changed.wait();
    if (exchange_->broken || exchange_->outbound_ended) co_return std::unexpected(lost());
    connection_->send(*exchange_, bytes, false);
    co_return base::Status();
  }
  void end_writing() override {
    if (!exchange_->outbound_ended) connection_->send(*exchange_, "", true);
  }
  /// An answer that is over is said to its end; whoever asked and goes away says so at once.
  void close() override {
    end_writing();
    if (exchange_->inbound_ended) return;
    if (connection_->side() == Http2::Side::asks) return connection_->reset(*exchange_);
    exchange_->is_unwanted = true;
    (void)connection_->take(*exchange_, exchange_->inbound.size());
  }
  io::Address peer() const override { return connection_->peer(); }
  io::Address local() const override { return {}; }

 private:
  std::shared_ptr<Http2> connection_;
  std::shared_ptr<Exchange> exchange_;
};

/// To the end of what `from` says. Who takes no more may still have words of its own on the way,
/// and they are waited for: what is for it is dropped.
io::Task<void> copy(io::Stream& from, io::Stream& to) {
  std::string buffer(copy_bytes, '\0');
  bool is_taken = true;
  while (true) {
    const base::Result<std::size_t> n = co_await from.read_some(buffer);
    if (!n || *n == 0) co_return;
    if (is_taken)
      is_taken = (co_await to.write(std::string_view(buffer).substr(0, *n))).has_value();
  }
}

/// Until either side ends it.
io::Task<void> carry(std::unique_ptr<io::Stream> a, std::unique_ptr<io::Stream> b) {
  co_await (copy(*a, *b) || copy(*b, *a));
  a->close();
  b->close();
}

class Http2Channel : public Channel {
 public:
  explicit Http2Channel(std::shared_ptr<Http2> connection)
      : connection_(std::move(connection)),
        carried_(std::make_shared<io::TaskGroup>(connection_->lane())) {}
  ~Http2Channel() override {  // whoever asked last may be on another lane
    asio::post(connection_->lane(), [carried = std::move(carried_)] {});
  }

  io::Task<base::Result<std::string>> call(std::string method, std::string request,
                                           base::Duration timeout) override {
    auto asked = call_here(connection_, std::move(method), std::move(request), timeout);
    if (co_await asio::this_coro::executor == connection_->lane())
      co_return co_await std::move(asked);
    co_return co_await io::on(connection_->lane(), std::move(asked));
  }

  io::Task<base::Result<std::unique_ptr<io::Stream>>> open(std::string method,
                                                           std::string head) override {
    const asio::any_io_executor here = co_await asio::this_coro::executor;
    auto [ours, theirs] = make_pipe(here, connection_->lane());
    auto carried = carry_here(connection_, std::move(method), std::move(head), std::move(theirs));
    asio::post(connection_->lane(), [group = carried_, carried = std::move(carried)]() mutable {
      group->spawn(std::move(carried));
    });
    co_return std::move(ours);
  }

  io::Task<void> stop() override {
    co_await io::on(connection_->lane(), stop_here(connection_, carried_));
  }

 private:
  static io::Task<base::Result<std::string>> call_here(std::shared_ptr<Http2> connection,
                                                       std::string method, std::string request,
                                                       base::Duration timeout) {
    const auto exchange = connection->request(std::string(call_prefix) + method);
    struct Reset {  // also when the caller was cancelled
      Http2& connection;
      Exchange& exchange;
      ~Reset() {
        if (!exchange.inbound_ended) connection.reset(exchange);
      }
    } const reset{*connection, *exchange};
    connection->send(*exchange, request, true);
    auto answer = co_await (read_whole(connection, exchange) || connection->clock().sleep(timeout));
    if (answer.index() == 1)
      co_return base::fail(base::Code::timeout, method + ": no answer in time");
    base::Result<std::string>& body = std::get<0>(answer);
    if (body && exchange->status != 200)
      co_return std::unexpected(error_of(*exchange, *std::move(body)));
    co_return std::move(body);
  }

  static io::Task<void> carry_here(std::shared_ptr<Http2> connection, std::string method,
                                   std::string head, std::unique_ptr<io::Stream> pipe) {
    const auto exchange = connection->request(std::string(stream_prefix) + method);
    const auto size = static_cast<std::uint32_t>(head.size());
    std::string begin;
    for (int shift = 24; shift >= 0; shift -= 8)
      begin += static_cast<char>(size >> shift);
    connection->send(*exchange, begin + head, false);
    std::unique_ptr<io::Stream> stream = std::make_unique<ExchangeStream>(connection, exchange);
    co_await carry(std::move(stream), std::move(pipe));
  }

  static io::Task<void> stop_here(std::shared_ptr<Http2> connection,
                                  std::shared_ptr<io::TaskGroup> carried) {
    connection->close();
    co_await carried->stop();
  }

  std::shared_ptr<Http2> connection_;
  std::shared_ptr<io::TaskGroup> carried_;  // touched on the connection's lane only
};

/// What an answering connection knows; its tasks share it.
struct Answering {
  std::shared_ptr<Http2> connection;
  Service& service;
  asio::any_io_executor lane;
  Caller caller;
  std::shared_ptr<Served> served;
  std::uint64_t name;
};

struct PendingAnswer {
  explicit PendingAnswer(asio::any_io_executor lane) : done(std::move(lane)) {}
  std::optional<base::Result<std::string>> result;
  io::Event done;
};

io::Task<void> call_there(Answering all, std::string method, std::string request,
                          std::shared_ptr<PendingAnswer> answer) {
  base::Result<std::string> result =
      co_await all.service.call(all.caller, std::move(method), std::move(request));
  asio::post(all.connection->lane(), [answer, result = std::move(result)]() mutable {
    answer->result = std::move(result);
    answer->done.notify();
  });
}

io::Task<void> answer_call(Answering all, std::shared_ptr<Exchange> exchange) {
  base::Result<std::string> request = co_await read_whole(all.connection, exchange);
  if (!request) co_return;
  const auto answer = std::make_shared<PendingAnswer>(all.connection->lane());
  auto task =
      call_there(all, exchange->path.substr(call_prefix.size()), *std::move(request), answer);
  all.served->spawn(all.name, std::move(task));
  while (!answer->result)
    co_await answer->done.wait();
  if (!*answer->result) co_return refuse(*all.connection, *exchange, answer->result->error());
  all.connection->respond(*exchange, 200);
  all.connection->send(*exchange, **answer->result, true);
}

io::Task<void> serve_there(Answering all, std::string method, std::string head,
                           std::unique_ptr<io::Stream> stream) {
  const base::Status ended =
      co_await all.service.stream(all.caller, std::move(method), std::move(head), *stream);
  if (!ended) (void)co_await stream->write(ended.error().message);
  stream->close();
}

io::Task<void> answer_stream(Answering all, std::shared_ptr<Exchange> exchange) {
  std::string bytes;
  std::size_t size = 0;
  while (bytes.size() < 4 || bytes.size() < 4 + size) {
    while (exchange->inbound.empty() && !exchange->inbound_ended)
      co_await exchange->changed.wait();
    const std::string more = all.connection->take(
        *exchange, bytes.size() < 4 ? 4 - bytes.size() : 4 + size - bytes.size());
    if (more.empty()) co_return;
    bytes += more;
    if (bytes.size() == 4)
      for (const char c : bytes)
        size = size << 8 | static_cast<unsigned char>(c);
    if (size > head_bytes_max) co_return all.connection->reset(*exchange);
  }
  all.connection->respond(*exchange, 200);
  auto [ours, theirs] = make_pipe(all.connection->lane(), all.lane);
  auto task = serve_there(all, exchange->path.substr(stream_prefix.size()), bytes.substr(4),
                          std::move(theirs));
  all.served->spawn(all.name, std::move(task));
  std::unique_ptr<io::Stream> stream = std::make_unique<ExchangeStream>(all.connection, exchange);
  co_await carry(std::move(stream), std::move(ours));
}

}  // namespace

std::unique_ptr<Channel> make_http2_channel(std::shared_ptr<Http2> connection) {
  return std::make_unique<Http2Channel>(std::move(connection));
}

io::Task<base::Error> answer(std::shared_ptr<Http2> connection, Service& service,
                             asio::any_io_executor lane, std::shared_ptr<Served> served,
                             Caller caller) {
  const Answering all{connection, service, lane, caller, served, Served::next_connection()};
  const auto tasks = std::make_shared<io::TaskGroup>(connection->lane());
  connection->on_request = [all, tasks](std::shared_ptr<Exchange> exchange) {
    if (exchange->path.starts_with(call_prefix)) return tasks->spawn(answer_call(all, exchange));
    if (exchange->path.starts_with(stream_prefix))
      return tasks->spawn(answer_stream(all, exchange));
    refuse(*all.connection, *exchange, {base::Code::not_found, "no such method"});
  };
  struct End {
    const Answering& all;
    io::TaskGroup& tasks;
    ~End() {
      all.connection->on_request = {};  // it holds the connection that holds it
      all.served->end(all.name);
      tasks.cancel();
    }
  } const at_the_end{all, *tasks};
  co_return co_await connection->run();
}

}  // namespace caravan::rpc
