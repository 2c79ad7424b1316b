// SPDX-License-Identifier: Apache-2.0
#include "io/task.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "io/network.hpp"

namespace caravan::io {
namespace {

Task<void> wait_for(Event& event, int& woken) {
  co_await event.wait();
  ++woken;
}

TEST(Event, wakes_everyone_who_waits) {
  boost::asio::io_context io;
  Event event(io.get_executor());
  TaskGroup group(io.get_executor());
  int woken = 0;
  group.spawn(wait_for(event, woken));
  group.spawn(wait_for(event, woken));
  io.poll();
  EXPECT_EQ(woken, 0);
  event.notify();
  io.poll();
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(group.running(), 0u);
}

TEST(TaskGroup, cancelled_tasks_end_without_going_on) {
  boost::asio::io_context io;
  Event event(io.get_executor());
  TaskGroup group(io.get_executor());
  int woken = 0;
  group.spawn(wait_for(event, woken));
  io.poll();
  group.cancel();
  io.poll();
  EXPECT_EQ(woken, 0);
  EXPECT_EQ(group.running(), 0u);
}

TEST(Address, reads_what_it_writes) {
  for (const char* text : {"10.0.0.1:4646", "[::1]:80", "unix:/run/a.sock"})
    EXPECT_EQ(Address::parse(text)->to_string(), text);
  EXPECT_EQ(Address::parse("10.0.0.1", 4647)->port, 4647);
  EXPECT_FALSE(Address::parse("10.0.0.1:70000").has_value());
}

}  // namespace
}  // namespace caravan::io
