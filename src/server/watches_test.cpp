// SPDX-License-Identifier: Apache-2.0
#include "server/watches.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "io/clock.hpp"
#include "io/task.hpp"
#include "state/tables.hpp"

namespace caravan::server {
namespace {

/// Nobody's time ever comes.
class StoppedClock : public io::Clock {
 public:
  base::Instant now() const override { return {}; }
  base::Duration uptime() const override { return {}; }
  io::Task<void> sleep(base::Duration) override {
    io::Event never(co_await boost::asio::this_coro::executor);
    co_await never.wait();
  }
};

io::Task<void> wait_once(Watches& watches, std::vector<std::string> keys, bool& woken) {
  const std::uint64_t ticket = watches.ticket();
  const base::Result<bool> touched = co_await watches.wait(std::move(keys), ticket, {});
  woken = touched && *touched;
}

class WatchesTest : public testing::Test {
 protected:
  /// Whether one who waits for `waited` is woken by a touch of `touched`.
  bool wakes(const std::string& waited, const std::string& touched) {
    boost::asio::io_context context;
    StoppedClock clock;
    Watches watches(clock);
    bool woken = false;
    boost::asio::co_spawn(context, wait_once(watches, {waited}, woken),
                          [](std::exception_ptr error) {
                            if (error) std::rethrow_exception(error);
                          });
    context.poll();
    watches.touch({touched});
    context.restart();
    context.poll();
    const bool was_touched = woken;
    watches.close();
    context.restart();
    context.poll();
    EXPECT_EQ(watches.parked(), 0U);
    return was_touched;
  }
};

TEST_F(WatchesTest, who_waits_for_a_key_is_woken_by_that_one_only) {
  EXPECT_TRUE(wakes("kv/a", "kv/a"));
  EXPECT_FALSE(wakes("kv/a", "kv/a/b"));
  EXPECT_FALSE(wakes("kv/a/b", "kv/a"));
}

TEST_F(WatchesTest, who_waits_for_a_beginning_is_woken_by_all_that_begin_so) {
  const std::string under = state::key::kv_under("a/");
  EXPECT_TRUE(wakes(under, state::key::kv("a/")));
  EXPECT_TRUE(wakes(under, state::key::kv("a/b/c")));
  EXPECT_FALSE(wakes(under, state::key::kv("a")));
  EXPECT_FALSE(wakes(under, state::key::kv("b/a/")));
  EXPECT_FALSE(wakes(under, "a/b"));
  EXPECT_TRUE(wakes(state::key::kv_under(""), state::key::kv("x")));
}

}  // namespace
}  // namespace caravan::server
