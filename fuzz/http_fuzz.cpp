// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a client sends over one connection, in pieces whose length the first byte says.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <cstring>
#include <string>

#include "http/server.hpp"

namespace {

using namespace caravan;

/// Gives the bytes, then the end; swallows what is written.
class Bytes : public io::Stream {
 public:
  Bytes(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
  io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    const std::size_t n = std::min({buffer.size(), bytes_.size(), piece_});
    std::memcpy(buffer.data(), bytes_.data(), n);
    bytes_.remove_prefix(n);
    co_return n;
  }
  io::Task<base::Status> write(std::string_view) override { co_return base::Status(); }
  void close() override { bytes_ = {}; }
  io::Address peer() const override { return {"127.0.0.1", 1, false}; }
  io::Address local() const override { return {"127.0.0.1", 2, false}; }

 private:
  std::string_view bytes_;
  std::size_t piece_;
};

/// Time stands still: a deadline that is never reached is the harder case.
class Still : public io::Clock {
 public:
  base::Instant now() const override { return base::Instant::from_seconds(1); }
  base::Duration uptime() const override { return base::Duration(1); }
  io::Task<void> sleep(base::Duration) override {
    boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max());
    co_await never.async_wait(boost::asio::use_awaitable);
  }
};

class Silent : public io::LogSink {
 public:
  void write(const io::LogLine&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  boost::asio::io_context context;
  Still clock;
  Silent sink;
  const io::Logger log(sink, clock, "fuzz");
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const http::Limits limits;
  const http::Handler handler = [](const http::Request& request,
                                   http::Responder& responder) -> io::Task<void> {
    http::Response response;
    response.body = request.path + std::string(request.headers.get("Accept-Encoding"));
    (void)co_await responder.send(std::move(response));
  };
  boost::asio::co_spawn(
      context,
      http::serve(clock, std::make_unique<Bytes>(bytes, data[0] + 1u), limits, handler, log),
      boost::asio::detached);
  context.run();
  return 0;
}
