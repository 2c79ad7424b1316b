// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "http/client.hpp"
#include "base/gzip.hpp"
#include "http/server.hpp"
#include "http/websocket.hpp"
#include "io/linux/clock.hpp"
#include "io/task.hpp"

namespace caravan::http {
namespace {

/// What a client sent, handed out in pieces of one size; and what it got back.
class ScriptedStream : public io::Stream {
 public:
  ScriptedStream(std::string in, std::size_t piece, std::string& out)
      : in_(std::move(in)), piece_(piece), out_(out) {}
  io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    const std::size_t n = std::min({piece_, in_.size(), buffer.size()});
    std::copy_n(in_.begin(), n, buffer.begin());
    in_.erase(0, n);
    co_return n;
  }
  io::Task<base::Status> write(std::string_view bytes) override {
    out_ += bytes;
    co_return base::Status();
  }
  void close() override {}
  io::Address peer() const override { return {"10.0.0.1", 1, false}; }
  io::Address local() const override { return {}; }

 private:
  std::string in_;
  std::size_t piece_;
  std::string& out_;
};

class NoLog : public io::LogSink {
 public:
  void write(const io::LogLine&) override {}
};

io::Task<void> echo(const Request& request, Responder& responder) {
  Response response;
  response.body =
      request.method + " " + request.path + " " + request.query.get("a") + " " + request.body;
  (void)co_await responder.send(std::move(response));
}

std::string answer(std::string request, std::size_t piece = 1000, Limits limits = {}) {
  std::string out;
  boost::asio::io_context context;
  io::linux_world::Clock clock;
  NoLog sink;
  const io::Logger log(sink, clock, "http");
  const Handler handler = echo;
  auto stream = std::make_unique<ScriptedStream>(std::move(request), piece, out);
  auto done = boost::asio::co_spawn(context, serve(clock, std::move(stream), limits, handler, log),
                                    boost::asio::use_future);
  context.run();
  done.get();
  return out;
}

TEST(Http, requests_arrive_whole_however_they_are_cut) {
  const std::string request =
      "PUT /v1/x?a=b%20c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  for (const std::size_t piece : {1, 7, 1000}) {
    const std::string out = answer(request, piece);
    EXPECT_TRUE(out.ends_with("PUT /v1/x b c hello")) << out;
  }
}

TEST(Http, pipelined_requests_are_answered_in_order) {
  const std::string one = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n",
                    two = "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string out = answer(one + two);
  EXPECT_LT(out.find("GET /1"), out.find("GET /2"));
}

TEST(Http, chunked_bodies_are_put_together) {
  EXPECT_TRUE(answer("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                     "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                  .ends_with("abcde"));
}

TEST(Http, what_is_broken_is_refused_with_its_reason) {
  const auto starts = [](const std::string& out, const char* head) {
    return out.starts_with(std::string("HTTP/1.1 ") + head);
  };
  EXPECT_TRUE(starts(answer("GET /x HTTP/1.1\r\n\r\n"), "400"));  // no Host
  EXPECT_TRUE(starts(answer("\x16\x03\x01\x02 hello\r\n\r\n"), "400"));
  EXPECT_TRUE(starts(answer("GET /x?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n"), "400"));
  EXPECT_TRUE(starts(answer("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: "
                            "1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                     "400"));
  EXPECT_TRUE(
      starts(answer("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n"), "414"));
  EXPECT_TRUE(starts(
      answer("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n"), "431"));
  EXPECT_TRUE(starts(answer("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n", 1000,
                            {.body_bytes_max = 10}),
                     "413"));
}

TEST(Gzip, round_trips_and_refuses_bombs) {
  const std::string text(100'000, 'a');
  EXPECT_EQ(base::gunzip(base::gzip(text), 200'000), text);
  EXPECT_EQ(base::gunzip(base::gzip(text), 1'000).error().code, base::Code::too_large);
  EXPECT_FALSE(base::gunzip("nonsense", 1'000).has_value());
}

TEST(WebSocket, accepts_as_the_rfc_shows) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, frames_of_every_length_survive_any_cut) {
  for (const std::size_t n : {0, 1, 125, 126, 65535, 65536}) {
    for (const bool masked : {false, true}) {
      const std::string bytes =
          encode_frame({Frame::Kind::binary, std::string(n, 'z')}, masked, 0x01020304);
      FrameReader reader;
      reader.feed(bytes.substr(0, bytes.size() - 1));
      EXPECT_FALSE(reader.next()->has_value());
      reader.feed(bytes.substr(bytes.size() - 1));
      EXPECT_EQ((*reader.next())->payload.size(), n);
    }
  }
}

TEST(WebSocket, broken_frames_are_refused) {
  FrameReader reserved, huge;
  reserved.feed("\xf1\x01x");
  EXPECT_FALSE(reserved.next().has_value());
  huge.feed(std::string("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10));
  EXPECT_EQ(huge.next().error().code, base::Code::too_large);
}

}  // namespace
}  // namespace caravan::http
