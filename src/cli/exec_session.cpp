// SPDX-License-Identifier: Apache-2.0
#include "cli/exec_session.hpp"

#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/terminal.hpp"
#include "http/client.hpp"
#include "http/websocket.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/network.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

constexpr base::Duration open_timeout = 30s;
constexpr base::Duration heartbeat = 10s;  // an empty message, so that proxies keep the connection
constexpr int exit_detached = 0;

/// What was typed and not yet sent. Handlers that the reader posted may outlive the session, so it
/// is shared.
struct Input {
  explicit Input(boost::asio::any_io_executor executor) : arrived(executor) {}
  std::deque<std::string> pieces;  // "" is the end
  io::Event arrived;
};

/// The two directions of one session, on one executor.
class Session {
 public:
  Session(http::WebSocket& socket, io::Clock& clock, const ExecOptions& options,
          boost::asio::any_io_executor executor)
      : socket_(socket),
        clock_(clock),
        options_(options),
        escape_(options.tty ? options.escape : ""),
        executor_(executor),
        input_(std::make_shared<Input>(executor)) {}

  io::Task<base::Result<int>> run();

 private:
  io::Task<base::Result<int>> receive();
  io::Task<void> send_input();
  io::Task<void> send_sizes();
  io::Task<void> send_heartbeats();
  io::Task<int> wait_for_signal();
  io::Task<base::Status> send(json::Object message);
  io::Task<base::Status> send_size();

  http::WebSocket& socket_;
  io::Clock& clock_;
  const ExecOptions& options_;
  EscapeWatch escape_;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Input> input_;
};

io::Task<base::Status> Session::send(json::Object message) {
  std::string bytes = json::to_string(message);
  co_return co_await socket_.send_text(std::move(bytes));
}

io::Task<base::Status> Session::send_size() {
  const TerminalSize size = terminal_size();
  if (size.rows <= 0 || size.columns <= 0) co_return base::Status();
  json::Object message = {
      {"tty_size", json::Object{{"height", size.rows}, {"width", size.columns}}}};
  co_return co_await send(std::move(message));
}

void print(const json::Value& piece, std::FILE* file) {
  const base::Result<std::string> bytes = base::base64_decode(text(piece, "data"));
  if (!bytes || bytes->empty()) return;
  std::fwrite(bytes->data(), 1, bytes->size(), file);
  std::fflush(file);
}

io::Task<base::Result<int>> Session::receive() {
  std::string last_words =
      "the session was closed";  // a node that refuses says why before it hangs up
  while (true) {
    CO_TRY(const http::Frame frame, co_await socket_.read());
    if (frame.kind == http::Frame::Kind::close) {
      if (frame.payload.size() > 2) last_words = frame.payload.substr(2);
      co_return base::fail(base::Code::unavailable, std::move(last_words));
    }
    const base::Result<json::Value> message = json::parse(frame.payload);
    if (!message) last_words = base::printable(frame.payload, 512);
    if (!message) continue;
    print(message->at("stdout"), stdout);
    print(message->at("stderr"), stderr);
    if (boolean(*message, "exited"))
      co_return static_cast<int>(integer(message->at("result"), "exit_code"));
  }
}

io::Task<void> Session::send_input() {
  while (true) {
    while (input_->pieces.empty())
      co_await input_->arrived.wait();
    const std::string keys = std::move(input_->pieces.front());
    input_->pieces.pop_front();
    json::Object message = {{"stdin", json::Object{{"close", true}}}};
    if (!keys.empty()) {
      const std::string passed = escape_.pass(keys);
      if (escape_.ended()) co_return;
      if (passed.empty()) continue;
      message = {{"stdin", json::Object{{"data", base::base64_encode(passed)}}}};
    }
    const base::Status sent = co_await send(std::move(message));
    if (!sent || keys.empty()) break;  // a broken connection shows in receive()
  }
  io::Event never(executor_);
  while (true)
    co_await never.wait();
}

io::Task<void> Session::send_sizes() {
  boost::asio::signal_set changed(executor_, SIGWINCH);
  while (options_.tty) {
    (void)co_await send_size();
    (void)co_await changed.async_wait(boost::asio::use_awaitable);
  }
  io::Event never(executor_);
  while (true)
    co_await never.wait();
}

io::Task<void> Session::send_heartbeats() {
  while (true) {
    co_await clock_.sleep(heartbeat);
    (void)co_await send(json::Object());
  }
}

/// So that the terminal is put back before this program goes.
io::Task<int> Session::wait_for_signal() {
  boost::asio::signal_set ends(executor_, SIGTERM, SIGHUP, SIGINT);
  co_return co_await ends.async_wait(boost::asio::use_awaitable);
}

io::Task<base::Result<int>> Session::run() {
  const auto take = [executor = executor_, input = input_](std::string bytes) {
    boost::asio::post(executor, [input, bytes = std::move(bytes)] {
      input->pieces.push_back(bytes);
      input->arrived.notify();
    });
  };
  const RawMode raw(options_.tty);
  std::unique_ptr<InputReader> reader;
  if (options_.interactive)
    reader = std::make_unique<InputReader>(take);
  else
    input_->pieces.push_back("");
  auto ended = co_await (receive() || send_input() || send_sizes() || send_heartbeats() ||
                         wait_for_signal());
  reader.reset();
  if (ended.index() == 0) co_return std::get<0>(std::move(ended));
  if (ended.index() == 4) co_return 128 + std::get<4>(ended);
  co_return exit_detached;
}

io::Task<base::Result<int>> open_session(io::Network& network, io::Address address,
                                         http::Request request, const ExecOptions& options) {
  io::linux_world::Clock clock;
  CO_TRY(const std::unique_ptr<http::Incoming> incoming,
         co_await http::open(network, clock, std::move(address), std::move(request), open_timeout));
  if (incoming->status != 101) {
    std::string body;
    while (true) {
      CO_TRY(const std::string piece, co_await incoming->read());
      if (piece.empty()) break;
      body += piece;
    }
    co_return std::unexpected(response_error(incoming->status, body));
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  http::WebSocket socket(incoming->stream(), incoming->take_already_read(), true);
  Session session(socket, clock, options, executor);
  base::Result<int> code = co_await session.run();
  (void)co_await socket.close(1000, "");
  co_return code;
}

}  // namespace

base::Result<int> run_exec(const Client& client, const std::string& path, Params params,
                           const ExecOptions& options) {
  std::array<std::uint8_t, 16> key{};
  io::linux_world::Random().fill(key);
  http::Request request = client.request("GET", path, std::move(params));
  request.headers.add("Upgrade", "websocket");
  request.headers.add("Connection", "Upgrade");
  request.headers.add("Sec-WebSocket-Version", "13");
  request.headers.add(
      "Sec-WebSocket-Key",
      base::base64_encode(std::string_view(reinterpret_cast<const char*>(key.data()), key.size())));
  return wait_for(open_session(client.network(), client.address(), std::move(request), options));
}

}  // namespace caravan::cli
