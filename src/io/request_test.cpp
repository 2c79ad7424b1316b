// SPDX-License-Identifier: Apache-2.0
#include "io/request.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>


namespace caravan::io {
namespace {

Task<base::Uuid> ask_deeper() { co_return co_await take_request(); }

Task<base::Uuid> ask_after_a_wait(base::Uuid& second) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  std::chrono::milliseconds(1));
  co_await timer.async_wait(boost::asio::use_awaitable);
  const base::Uuid first = co_await ask_deeper();
  second = co_await take_request();
  co_return first;
}

class RequestTest : public testing::Test {
 protected:
  void run(Task<void> task) {
    TaskGroup group(io_.get_executor());
    group.spawn(std::move(task));
    io_.run();
  }
  static base::Uuid id() {
    base::Uuid id;
    id.bytes[0] = 7;
    return id;
  }

  boost::asio::io_context io_;
};

TEST_F(RequestTest, goes_with_the_task_and_is_taken_once) {
  base::Uuid first, second = id(), outside = id();
  const auto work = [&]() -> Task<void> {
    first = co_await for_request(id(), ask_after_a_wait(second));
    outside = co_await take_request();
  };
  run(work());
  EXPECT_EQ(first, id());
  EXPECT_TRUE(second.is_nil());
  EXPECT_TRUE(outside.is_nil());
}

TEST_F(RequestTest, does_not_reach_another_lane) {
  base::Uuid there = id();
  const auto work = [&]() -> Task<void> {
    const auto hop = [](boost::asio::any_io_executor lane) -> Task<base::Uuid> {
      co_return co_await on(lane, ask_deeper());
    };
    there = co_await for_request(id(), hop(io_.get_executor()));
  };
  run(work());
  EXPECT_TRUE(there.is_nil());
}

TEST_F(RequestTest, is_cancelled_with_the_caller) {
  bool went_on = false;
  Event never(io_.get_executor());
  const auto wait = [&]() -> Task<int> {
    co_await never.wait();
    went_on = true;
    co_return 1;
  };
  const auto work = [&]() -> Task<void> { (void)co_await for_request(id(), wait()); };
  TaskGroup group(io_.get_executor());
  group.spawn(work());
  io_.poll();
  group.cancel();
  io_.poll();
  EXPECT_EQ(group.running(), 0u);
  EXPECT_FALSE(went_on);
}

}  // namespace
}  // namespace caravan::io
