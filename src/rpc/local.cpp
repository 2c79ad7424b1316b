// SPDX-License-Identifier: Apache-2.0
#include "rpc/local.hpp"

#include "io/task.hpp"
#include "rpc/pipe.hpp"

namespace caravan::rpc {
namespace asio = boost::asio;
namespace {

/// One call, as its caller waits for it.
struct Pending {
  explicit Pending(asio::any_io_executor lane) : lane(lane), done(lane) {}
  asio::any_io_executor lane;
  io::Event done;
  std::optional<base::Result<std::string>> answer;
};

/// Answers in any case, also when the service is stopped meanwhile. A caller that went away is not
/// waited for, and the service ends on its own.
io::Task<void> call_there(Service& service, Caller caller, std::string method, std::string request,
                          std::shared_ptr<Pending> pending) {
  struct Answered {
    std::shared_ptr<Pending> pending;
    base::Result<std::string> answer =
        base::fail(base::Code::unavailable, "the other side is ending");
    ~Answered() {
      asio::post(pending->lane, [pending = pending, answer = std::move(answer)]() mutable {
        pending->answer = std::move(answer);
        pending->done.notify();
      });
    }
  } answered{std::move(pending)};
  answered.answer = co_await service.call(caller, std::move(method), std::move(request));
}

io::Task<void> serve_there(Service& service, Caller caller, std::string method, std::string head,
                           std::unique_ptr<io::Stream> stream) {
  const base::Status ended =
      co_await service.stream(caller, std::move(method), std::move(head), *stream);
  if (!ended) {
    const std::string message = ended.error().message;
    (void)co_await stream->write(message);
  }
  stream->close();
}

io::Task<void> stop_there(std::shared_ptr<io::TaskGroup> served) { co_await served->stop(); }

class LocalChannel : public Channel {
 public:
  LocalChannel(Service& service, asio::any_io_executor lane, Caller caller)
      : service_(service),
        lane_(lane),
        caller_(caller),
        served_(std::make_shared<io::TaskGroup>(lane)) {}

  io::Task<base::Result<std::string>> call(std::string method, std::string request,
                                           base::Duration) override {
    // No deadline of its own: both ends live and die together, and every service call has its
    // limits.
    const auto pending = std::make_shared<Pending>(co_await asio::this_coro::executor);
    auto called = call_there(service_, caller_, std::move(method), std::move(request), pending);
    asio::post(lane_, [group = served_, called = std::move(called)]() mutable {
      group->spawn(std::move(called));
    });
    while (!pending->answer)
      co_await pending->done.wait();
    co_return *std::move(pending->answer);
  }

  io::Task<base::Result<std::unique_ptr<io::Stream>>> open(std::string method,
                                                           std::string head) override {
    const asio::any_io_executor here = co_await asio::this_coro::executor;
    auto [ours, theirs] = make_pipe(here, lane_);
    auto served =
        serve_there(service_, caller_, std::move(method), std::move(head), std::move(theirs));
    asio::post(lane_, [group = served_, served = std::move(served)]() mutable {
      group->spawn(std::move(served));
    });
    co_return std::move(ours);
  }

  io::Task<void> stop() override { co_await io::on(lane_, stop_there(served_)); }

 private:
  Service& service_;
  asio::any_io_executor lane_;
  Caller caller_;
  std::shared_ptr<io::TaskGroup> served_;  // touched on lane_ only
};

}  // namespace

std::unique_ptr<Channel> make_local_channel(Service& service, asio::any_io_executor lane,
                                            Caller caller) {
  return std::make_unique<LocalChannel>(service, lane, caller);
}

}  // namespace caravan::rpc
