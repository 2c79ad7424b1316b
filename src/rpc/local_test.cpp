// SPDX-License-Identifier: Apache-2.0
#include "rpc/local.hpp"

#include <atomic>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "io/linux/clock.hpp"
#include "io/task.hpp"

namespace caravan::rpc {
namespace {

using namespace std::chrono_literals;

class Echo : public Service {
 public:
  io::Task<base::Result<std::string>> call(const Caller&, std::string method,
                                           std::string request) override {
    if (method == "Fail") co_return base::fail(base::Code::denied, "no");
    co_return request + "!";
  }
  io::Task<base::Status> stream(const Caller&, std::string, std::string head,
                                io::Stream& stream) override {
    (void)co_await stream.write(head);
    std::string buffer(1000, '\0');
    while (true) {
      const auto n = co_await stream.read_some(buffer);
      if (!n || *n == 0) co_return base::Status();
      (void)co_await stream.write(std::string_view(buffer).substr(0, *n));
    }
  }
};

io::Task<std::string> talk(Channel& channel) {
  std::string said = *co_await channel.call("Say", "hi", 1s);
  const auto refused = co_await channel.call("Fail", "", 1s);
  said += refused.error().message;
  const auto stream = co_await channel.open("Echo", ">");
  const std::string much(1'000'000, 'x');
  std::string heard;
  for (int i = 0; i < 10; ++i) {
    (void)co_await (*stream)->write(much.substr(0, 100'000));
    std::string buffer(100'000, '\0');
    while (heard.size() < static_cast<std::size_t>(i + 1) * 100'000 + 1) {
      const auto n = co_await (*stream)->read_some(buffer);
      heard.append(buffer, 0, *n);
    }
  }
  co_return said + std::to_string(heard.size());
}

TEST(LocalChannel, calls_and_streams_cross_threads) {
  boost::asio::io_context here, there;
  auto guard = boost::asio::make_work_guard(there);
  std::jthread other([&] { there.run(); });
  Echo echo;
  const auto channel = make_local_channel(echo, there.get_executor(), {});
  auto said = boost::asio::co_spawn(here, talk(*channel), boost::asio::use_future);
  here.run();
  EXPECT_EQ(said.get(), "hi!no1000001");
  guard.reset();
  other.join();
  here.restart();
  here.poll();  // the last wakes of the pipes, which hold timers of both sides
}

/// Waits until it is cancelled, as a follower of a log that nobody writes does.
class Patient : public Service {
 public:
  explicit Patient(boost::asio::any_io_executor lane) : never_(lane) {}
  std::atomic<int> serving = 0;
  io::Task<base::Result<std::string>> call(const Caller&, std::string, std::string) override {
    const Count count(serving);
    co_await never_.wait();
    co_return "";
  }
  io::Task<base::Status> stream(const Caller&, std::string, std::string,
                                io::Stream& stream) override {
    const Count count(serving);
    (void)co_await stream.write("here");
    co_await never_.wait();
    co_return base::Status();
  }

 private:
  struct Count {
    explicit Count(std::atomic<int>& n) : n(n) { ++n; }
    ~Count() { --n; }
    std::atomic<int>& n;
  };
  io::Event never_;
};

io::Task<int> leave_open(Channel& channel, Patient& patient) {
  const auto stream = co_await channel.open("Follow", "");
  std::string buffer(4, '\0');
  (void)co_await (*stream)->read_some(buffer);
  const int before = patient.serving;
  co_await channel.stop();
  co_return before * 10 + patient.serving;
}

TEST(LocalChannel, a_stop_ends_what_is_served) {
  boost::asio::io_context here, there;
  auto guard = boost::asio::make_work_guard(there);
  std::jthread other([&] { there.run(); });
  Patient patient(there.get_executor());
  const auto channel = make_local_channel(patient, there.get_executor(), {});
  auto said = boost::asio::co_spawn(here, leave_open(*channel, patient), boost::asio::use_future);
  here.run();
  EXPECT_EQ(said.get(), 10);
  guard.reset();
  other.join();
  here.restart();
  here.poll();
}

using boost::asio::experimental::awaitable_operators::operator||;

/// Whether the call or the patience ended first, and how many calls are served afterwards.
io::Task<std::string> give_up(Channel& channel, Patient& patient, io::Clock& clock) {
  const auto first = co_await (channel.call("Wait", "", 1h) || clock.sleep(20ms));
  co_await channel.stop();
  co_return fmt::format("{} {}", first.index(), patient.serving.load());
}

TEST(LocalChannel, a_caller_that_gives_up_does_not_wait_for_the_answer) {
  boost::asio::io_context here, there;
  auto guard = boost::asio::make_work_guard(there);
  std::jthread other([&] { there.run(); });
  io::linux_world::Clock clock;
  Patient patient(there.get_executor());
  const auto channel = make_local_channel(patient, there.get_executor(), {});
  auto said =
      boost::asio::co_spawn(here, give_up(*channel, patient, clock), boost::asio::use_future);
  here.run();
  EXPECT_EQ(said.get(), "1 0");
  guard.reset();
  other.join();
  here.restart();
  here.poll();
}

io::Task<void> stop_soon(Channel& channel, io::Clock& clock) {
  co_await clock.sleep(20ms);
  co_await channel.stop();
}

io::Task<std::string> ask(Channel& channel) {
  const auto answer = co_await channel.call("Wait", "", 1h);
  co_return answer ? "answered" : answer.error().message;
}

TEST(LocalChannel, a_stop_answers_who_waits) {
  boost::asio::io_context here, there;
  auto guard = boost::asio::make_work_guard(there);
  std::jthread other([&] { there.run(); });
  io::linux_world::Clock clock;
  Patient patient(there.get_executor());
  const auto channel = make_local_channel(patient, there.get_executor(), {});
  auto said = boost::asio::co_spawn(here, ask(*channel), boost::asio::use_future);
  auto stopped = boost::asio::co_spawn(here, stop_soon(*channel, clock), boost::asio::use_future);
  here.run();
  stopped.get();
  EXPECT_EQ(said.get(), "the other side is ending");
  guard.reset();
  other.join();
  here.restart();
  here.poll();
}

}  // namespace
}  // namespace caravan::rpc
