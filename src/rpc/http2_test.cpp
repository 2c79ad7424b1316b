// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <thread>

#include "io/linux/clock.hpp"
#include "io/linux/network.hpp"
#include "rpc/http2_channel.hpp"

namespace caravan::rpc {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class Echo : public Service {
 public:
  explicit Echo(asio::any_io_executor lane) : never(lane) {}
  std::atomic<int> serving = 0;
  io::Event never;

  io::Task<base::Result<std::string>> call(const Caller& caller, std::string method,
                                           std::string request) override {
    struct Count {
      std::atomic<int>& n;
      ~Count() { --n; }
    };
    ++serving;
    const Count count{serving};
    if (method == "Fail") co_return base::fail(base::Code::denied, "no");
    if (method == "Never") co_await never.wait();
    co_return request + (caller.is_server ? "!" : "?");
  }
  io::Task<base::Status> stream(const Caller&, std::string method, std::string head,
                                io::Stream& stream) override {
    if (method == "Fail") co_return base::fail(base::Code::not_found, "no such log");
    (void)co_await stream.write(head);
    std::string buffer(1000, '\0');
    while (true) {
      const auto n = co_await stream.read_some(buffer);
      if (!n || *n == 0) co_return base::Status();
      if (!co_await stream.write(std::string_view(buffer).substr(0, *n))) co_return base::Status();
    }
  }
};

/// An answering agent on a thread of its own, and a connection to it.
class Http2Test : public testing::Test {
 protected:
  Http2Test()
      : guard(asio::make_work_guard(there)),
        other([this] { there.run(); }),
        echo(there.get_executor()),
        accepting(std::make_unique<io::TaskGroup>(there.get_executor())),
        served(std::make_shared<Served>(there.get_executor())) {}

  ~Http2Test() override {
    guard.reset();
    there.stop();
    other.join();
  }

  io::Task<void> accept_one(std::unique_ptr<io::Listener> listener) {
    auto stream = *co_await listener->accept();
    const auto lane = co_await asio::this_coro::executor;
    auto connection =
        std::make_shared<Http2>(lane, clock, std::move(stream), Http2::Side::answers, false);
    (void)co_await answer(connection, echo, there.get_executor(), served, {true, {}});
  }
  io::Task<io::Address> listen() {
    auto listener = *co_await network.listen({"127.0.0.1", 0, false});
    const io::Address address = listener->address();
    accepting->spawn(accept_one(std::move(listener)));
    co_return address;
  }
  io::Task<void> connect(io::TaskGroup& tasks) {
    const io::Address address = co_await io::on(there.get_executor(), listen());
    auto stream = *co_await network.connect(address, 1s);
    connection = std::make_shared<Http2>(here.get_executor(), clock, std::move(stream),
                                         Http2::Side::asks, true);
    channel = make_http2_channel(connection);
    tasks.spawn(run_it());
  }
  io::Task<void> run_it() { ended = (co_await connection->run()).message; }

  /// Runs a test's coroutine with the connection up.
  void with(std::function<io::Task<void>()> body) {
    auto tasks = std::make_unique<io::TaskGroup>(here.get_executor());
    auto whole = [&]() -> io::Task<void> {
      co_await connect(*tasks);
      co_await body();
      co_await channel->stop();
      co_await tasks->stop();
      co_await served->stop();
    };
    auto done = asio::co_spawn(here, whole(), asio::use_future);
    here.run();
    done.get();
    channel.reset();
    connection.reset();
  }

  asio::io_context here, there;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  std::jthread other;
  io::linux_world::Clock clock;
  io::linux_world::Network network;
  Echo echo;
  std::unique_ptr<io::TaskGroup> accepting;
  std::shared_ptr<Served> served;
  std::shared_ptr<Http2> connection;
  std::unique_ptr<Channel> channel;
  std::string ended;
};

TEST_F(Http2Test, a_call_has_an_answer_or_an_error_with_its_code) {
  with([this]() -> io::Task<void> {
    EXPECT_EQ(*co_await channel->call("Say", "hi", 1s), "hi!");
    const auto refused = co_await channel->call("Fail", "", 1s);
    EXPECT_EQ(refused.error().code, base::Code::denied);
    EXPECT_EQ(refused.error().message, "no");
  });
}

TEST_F(Http2Test, carries_large_messages) {
  with([this]() -> io::Task<void> {
    const std::string large(20'000'000, 'x');
    const auto answer = co_await channel->call("Say", large, 20s);
    EXPECT_EQ(answer->size(), large.size() + 1);
  });
}

TEST_F(Http2Test, a_call_gives_up_in_time_and_others_go_on) {
  with([this]() -> io::Task<void> {
    const auto late = co_await channel->call("Never", "", 50ms);
    EXPECT_EQ(late.error().code, base::Code::timeout);
    EXPECT_EQ(*co_await channel->call("Say", "hi", 1s), "hi!");
  });
}

TEST_F(Http2Test, streams_carry_both_ways_and_end) {
  with([this]() -> io::Task<void> {
    const auto stream = co_await channel->open("Echo", ">");
    std::string heard, buffer(100'000, '\0');
    for (int i = 0; i < 20; ++i) {
      (void)co_await (*stream)->write(std::string(100'000, 'x'));
      while (heard.size() < static_cast<std::size_t>(i + 1) * 100'000 + 1) {
        const auto n = co_await (*stream)->read_some(buffer);
        heard.append(buffer, 0, *n);
      }
    }
    EXPECT_EQ(heard.size(), 2'000'001u);
    const auto refused = co_await channel->open("Fail", "");
    std::string said;
    while (true) {
      const auto n = co_await (*refused)->read_some(buffer);
      if (!n || *n == 0) break;
      said.append(buffer, 0, *n);
    }
    EXPECT_EQ(said, "no such log");
  });
}

TEST_F(Http2Test, what_is_served_ends_with_its_connection) {
  with([this]() -> io::Task<void> {
    auto lasting = [](Channel& channel) -> io::Task<void> {
      (void)co_await channel.call("Never", "", 20s);
    };
    io::TaskGroup waiting(here.get_executor());
    waiting.spawn(lasting(*channel));
    while (echo.serving == 0)
      co_await clock.sleep(1ms);
    connection->close();
    while (echo.serving > 0)
      co_await clock.sleep(1ms);
    co_await waiting.drain();
    EXPECT_EQ((co_await channel->call("Say", "", 1s)).error().code, base::Code::unavailable);
  });
}

/// Takes bytes and says nothing.
class Deaf : public io::Stream {
 public:
  explicit Deaf(asio::any_io_executor lane) : never_(lane) {}
  io::Task<base::Result<std::size_t>> read_some(std::span<char>) override {
    co_await never_.wait();
    co_return std::size_t{0};
  }
  io::Task<base::Status> write(std::string_view) override { co_return base::Status(); }
  void close() override {}
  io::Address peer() const override { return {}; }
  io::Address local() const override { return {}; }

 private:
  io::Event never_;
};

TEST(Http2, a_silent_peer_ends_the_connection) {
  asio::io_context here;
  io::linux_world::Clock clock;
  Http2Limits limits;
  limits.quiet = 20ms;
  limits.patience = 60ms;
  const auto connection = std::make_shared<Http2>(here.get_executor(), clock,
                                                  std::make_unique<Deaf>(here.get_executor()),
                                                  Http2::Side::asks, true, limits);
  auto why = asio::co_spawn(here, connection->run(), asio::use_future);
  here.run();
  EXPECT_EQ(why.get().message, "the other side is silent");
}

TEST(Http2, what_is_not_http2_is_refused) {
  asio::io_context here;
  io::linux_world::Clock clock;
  class Nonsense : public Deaf {
   public:
    using Deaf::Deaf;
    io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
      const std::string_view text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      std::ranges::copy(text, buffer.begin());
      co_return text.size();
    }
  };
  const auto connection = std::make_shared<Http2>(here.get_executor(), clock,
                                                  std::make_unique<Nonsense>(here.get_executor()),
                                                  Http2::Side::answers, false);
  auto why = asio::co_spawn(here, connection->run(), asio::use_future);
  here.run();
  EXPECT_EQ(why.get().code, base::Code::invalid);
}

}  // namespace
}  // namespace caravan::rpc
