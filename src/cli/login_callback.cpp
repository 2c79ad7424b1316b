// SPDX-License-Identifier: Apache-2.0
#include "cli/login_callback.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "http/server.hpp"
#include "io/linux/network.hpp"

namespace caravan::cli {
namespace {

constexpr const char* callback_path = "/oidc/callback";
constexpr const char* done_page =
    "<!doctype html><title>Logged in</title><p>You are logged in, and may close this window.";
constexpr const char* failed_page =
    "<!doctype html><title>Not logged in</title><p>The login failed; the terminal says why.";

class NoLog : public io::LogSink {
 public:
  void write(const io::LogLine&) override {}
};

http::Response page(int status, const char* text) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Connection", "close");
  response.body = text;
  return response;
}

base::Result<Callback> callback_in(const http::Query& query) {
  if (const std::string error = query.get("error"); !error.empty())
    return base::fail(
        base::Code::denied,
        fmt::format("the identity provider refused: {} {}", base::printable(error, 64),
                    base::printable(query.get("error_description"), 256)));
  Callback callback{query.get("code"), query.get("state"), query.get("iss")};
  if (callback.code.empty() || callback.state.empty())
    return base::invalid("the browser came back without code and state");
  return callback;
}

class Waiting {
 public:
  Waiting(const std::string& address, base::Duration timeout, const std::function<void()>& ready)
      : address_(address), timeout_(timeout), ready_(ready) {}

  io::Task<base::Result<Callback>> run() {
    using namespace boost::asio::experimental::awaitable_operators;
    auto raced = co_await (listen() || clock_.sleep(timeout_));
    if (raced.index() == 1)
      co_return base::fail(base::Code::timeout, fmt::format("nobody logged in within {}",
                                                            base::format_duration(timeout_)));
    co_return std::move(std::get<0>(raced));
  }

 private:
  io::Task<base::Result<Callback>> listen() {
    CO_TRY(io::Address address, io::Address::parse(address_));
    if (address.host == "localhost") address.host = "127.0.0.1";
    CO_TRY(const std::unique_ptr<io::Listener> listener, co_await network_.listen(address));
    ready_();
    // One connection after the other: it is one browser that comes, and it asks for icons, too.
    while (!found_) {
      CO_TRY(std::unique_ptr<io::Stream> stream, co_await listener->accept());
      http::Limits limits;
      limits.header_timeout = limits.idle_timeout = std::chrono::seconds(5);
      const http::Handler handler = [this](const http::Request& request,
                                           http::Responder& responder) {
        return answer(request, responder);
      };
      NoLog sink;
      const io::Logger log(sink, clock_, "login");
      co_await http::serve(clock_, std::move(stream), limits, handler, log);
    }
    co_return *std::move(found_);
  }

  io::Task<void> answer(const http::Request& request, http::Responder& responder) {
    if (request.path != callback_path || request.method != "GET") {
      http::Response missing = page(404, "");
      (void)co_await responder.send(std::move(missing));
      co_return;
    }
    found_ = callback_in(request.query);
    http::Response shown = *found_ ? page(200, done_page) : page(400, failed_page);
    (void)co_await responder.send(std::move(shown));
  }

  std::string address_;
  base::Duration timeout_;
  const std::function<void()>& ready_;
  io::linux_world::Network network_;
  io::linux_world::Clock clock_;
  std::optional<base::Result<Callback>> found_;
};

}  // namespace

base::Result<Callback> wait_for_callback(const std::string& address, base::Duration timeout,
                                         const std::function<void()>& ready) {
  Waiting waiting(address, timeout, ready);
  return wait_for(waiting.run());
}

}  // namespace caravan::cli
