// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection on a stream: many exchanges of a request and an answer at once, each with a
// window of its own, so that none that is slow to read holds up the others. nghttp2 does the
// framing and knows no socket. All of it lives on one lane.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "io/network.hpp"
#include "io/task.hpp"
#include "io/world.hpp"

struct nghttp2_session;

namespace caravan::rpc {

/// A request and its answer, as one side sees them.
struct Exchange {
  explicit Exchange(boost::asio::any_io_executor lane) : changed(std::move(lane)) {}
  std::int32_t id = 0;
  std::string path;     // of the request
  int status = 0;       // of the answer; 0 until it came
  std::string code;     // of an answer that is an error: its base::Code as a number
  std::string inbound;  // that nobody has taken yet
  bool inbound_ended = false;
  std::string outbound;  // of it `left` bytes have left already
  std::size_t left = 0;
  bool outbound_ended = false;
  bool is_unwanted = false;  // what still comes is thrown away
  bool broken = false;       // reset, or the connection is gone
  io::Event changed;         // anything of the above
  std::size_t waiting() const { return outbound.size() - left; }
};

struct Http2Limits {
  std::size_t window_bytes = 1 << 20;       // unread bytes of one exchange,
  std::size_t connection_bytes = 64 << 20;  // and of all of them
  std::size_t outbound_bytes = 1 << 20;     // a writer waits when so much has not left yet
  std::size_t exchanges = 20'000;           // at a time, of those that the peer began
  // The side that dialed asks for a sign of life after `quiet`; both give up after `patience`.
  base::Duration quiet{1'500'000'000};
  base::Duration patience{4'000'000'000};
};

class Http2 : public std::enable_shared_from_this<Http2> {
 public:
  enum class Side { asks, answers };
  Http2(boost::asio::any_io_executor lane, io::Clock& clock, std::unique_ptr<io::Stream> stream,
        Side side, bool dialed, Http2Limits limits = {});
  ~Http2();

  /// Carries bytes until the connection ends, and says why. Exchanges are broken then.
  io::Task<base::Error> run();
  void close();
  bool is_over() const { return over_; }

  /// Begins an exchange; its body follows by send(). Precondition: this side asks.
  std::shared_ptr<Exchange> request(const std::string& path);
  /// What is called with a request when its head is there, on the side that answers.
  std::function<void(std::shared_ptr<Exchange>)> on_request;
  /// Begins the answer; its body follows by send().
  void respond(Exchange& exchange, int status, const std::string& code = "");
  void send(Exchange& exchange, std::string_view bytes, bool end);
  /// Takes up to `most` bytes of what came.
  std::string take(Exchange& exchange, std::size_t most);
  void reset(Exchange& exchange);
  Side side() const { return side_; }
  const Http2Limits& limits() const { return limits_; }
  const boost::asio::any_io_executor& lane() const { return lane_; }
  io::Clock& clock() { return clock_; }
  io::Address peer() const { return stream_->peer(); }

 private:
  friend struct Http2Callbacks;
  io::Task<base::Error> read_all();
  io::Task<base::Error> write_all();
  io::Task<base::Error> watch();
  void wake();
  void end();

  const boost::asio::any_io_executor lane_;
  io::Clock& clock_;
  std::unique_ptr<io::Stream> stream_;
  const Side side_;
  const bool dialed_;
  const Http2Limits limits_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::shared_ptr<Exchange>> exchanges_;
  io::Event writable_;
  bool dirty_ = true;  // something may have to be written
  bool over_ = false;
  base::Duration heard_{0};
};

}  // namespace caravan::rpc
