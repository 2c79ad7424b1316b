// SPDX-License-Identifier: Apache-2.0
#include "io/linux/clock.hpp"

#include <ctime>
#include <sys/random.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"

namespace caravan::io::linux_world {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec t{};
  ASSERT(::clock_gettime(id, &t) == 0);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace

base::Instant Clock::now() const { return {read_clock(CLOCK_REALTIME)}; }
base::Duration Clock::uptime() const { return base::Duration(read_clock(CLOCK_BOOTTIME)); }

Task<void> Clock::sleep(base::Duration duration) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

void Random::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    ASSERT(got > 0);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace caravan::io::linux_world
