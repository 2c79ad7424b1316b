// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "checks/status.hpp"
#include "io/linux/clock.hpp"
#include "io/task.hpp"

namespace caravan::checks {
namespace {

using namespace std::chrono_literals;

/// A network whose only service says one thing to everybody.
class OneAnswer : public io::Network {
 public:
  explicit OneAnswer(std::string answer) : answer_(std::move(answer)) {}
  io::Task<base::Result<std::unique_ptr<io::Listener>>> listen(io::Address) override {
    co_return base::fail(base::Code::unsupported, "");
  }
  io::Task<base::Result<std::unique_ptr<io::Stream>>> connect(io::Address,
                                                              base::Duration) override {
    if (answer_.empty()) co_return base::fail(base::Code::io, "connection refused");
    co_return std::make_unique<Answering>(answer_);
  }

 private:
  class Answering : public io::Stream {
   public:
    explicit Answering(std::string rest) : rest_(std::move(rest)) {}
    io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
      const std::size_t n = std::min(rest_.size(), buffer.size());
      std::copy_n(rest_.begin(), n, buffer.begin());
      rest_.erase(0, n);
      co_return n;
    }
    io::Task<base::Status> write(std::string_view) override { co_return base::Status(); }
    void close() override {}
    io::Address peer() const override { return {}; }
    io::Address local() const override { return {}; }

   private:
    std::string rest_;
  };
  std::string answer_;
};

Outcome ask_once(std::string answer, Probe::Kind kind) {
  boost::asio::io_context context;
  io::linux_world::Clock clock;
  OneAnswer network(std::move(answer));
  Probe probe;
  probe.kind = kind;
  probe.timeout = 5s;
  auto done = boost::asio::co_spawn(context, ask(network, clock, probe), boost::asio::use_future);
  context.run();
  return done.get();
}

TEST(Probe, whoever_accepts_passes_tcp) {
  EXPECT_TRUE(ask_once("x", Probe::Kind::tcp).passing);
  EXPECT_FALSE(ask_once("", Probe::Kind::tcp).passing);
}

TEST(Probe, codes_below_400_pass_and_other_bodies_are_kept_short) {
  const Outcome ok = ask_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", Probe::Kind::http);
  EXPECT_TRUE(ok.passing);
  EXPECT_EQ(ok.output, "hi");
  EXPECT_EQ(ok.health, model::Health::passing);
  EXPECT_TRUE(
      ask_once("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", Probe::Kind::http).passing);
  const Outcome busy =
      ask_once("HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", Probe::Kind::http);
  EXPECT_EQ(busy.health, model::Health::warning);
  EXPECT_FALSE(busy.passing);
  const Outcome bad =
      ask_once("HTTP/1.1 500 No\r\nContent-Length: 9000\r\n\r\n" + std::string(9000, 'x'),
               Probe::Kind::http);
  EXPECT_FALSE(bad.passing);
  EXPECT_EQ(bad.status_code, 500);
  EXPECT_EQ(bad.output.size(), output_bytes_max);
}

TEST(Probe, who_speaks_no_http2_is_not_well) {
  for (const auto kind : {Probe::Kind::h2ping, Probe::Kind::grpc}) {
    EXPECT_FALSE(ask_once("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", kind).passing);
    EXPECT_FALSE(ask_once("", kind).passing);
  }
}

TEST(Status, restarts_after_the_limit_of_failures_in_a_row_past_the_grace_time) {
  Status status;
  const model::CheckRestart restart{.limit = 2, .grace = 10s};
  const Outcome bad;
  Outcome good;
  good.passing = true;
  EXPECT_STREQ(status.name(), "pending");
  EXPECT_FALSE(status.note(bad, {}, restart, 1s));  // still in its grace time
  EXPECT_FALSE(status.note(bad, {}, restart, 11s));
  EXPECT_FALSE(status.note(good, {}, restart, 12s));
  EXPECT_FALSE(status.note(bad, {}, restart, 13s));
  EXPECT_TRUE(status.note(bad, {}, restart, 14s));
  EXPECT_FALSE(status.note(bad, {}, restart, 15s));
  EXPECT_FALSE(status.note(bad, {}, {}, 16s));
}

}  // namespace
}  // namespace caravan::checks
