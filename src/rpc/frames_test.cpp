// SPDX-License-Identifier: Apache-2.0
#include "rpc/frames.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "io/task.hpp"

namespace caravan::rpc {
namespace {

/// Gives what it was made with, piece by piece.
class Pieces : public io::Stream {
 public:
  explicit Pieces(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}
  io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    if (pieces_.empty()) co_return std::size_t{0};
    std::string& piece = pieces_.front();
    const std::size_t n = std::min(buffer.size(), piece.size());
    std::copy_n(piece.begin(), n, buffer.begin());
    piece.erase(0, n);
    if (piece.empty()) pieces_.pop_front();
    co_return n;
  }
  io::Task<base::Status> write(std::string_view) override { co_return base::Status(); }
  void close() override {}
  io::Address peer() const override { return {}; }
  io::Address local() const override { return {}; }

 private:
  std::deque<std::string> pieces_;
};

std::string framed(std::string_view message) {
  std::string bytes;
  append_frame(bytes, message);
  return bytes;
}

/// All messages, then the error that ended them; what was there already is taken by next_here().
std::vector<std::string> read_all(std::deque<std::string> pieces) {
  Pieces stream(std::move(pieces));
  std::vector<std::string> said;
  boost::asio::io_context context;
  const auto read = [&]() -> io::Task<void> {
    FrameReader frames(stream);
    while (true) {
      base::Result<std::string> message = co_await frames.next();
      if (!message) {
        said.push_back(message.error().message);
        co_return;
      }
      said.push_back(*message);
      while (true) {
        const base::Result<std::optional<std::string>> more = frames.next_here();
        if (!more || !*more) break;
        said.push_back("+" + **more);
      }
    }
  };
  io::TaskGroup tasks(context.get_executor());
  tasks.spawn(read());
  context.run();
  return said;
}

using Said = std::vector<std::string>;
constexpr const char* hung_up = "the other side has hung up";

TEST(Frames, those_that_arrive_together_are_there_together) {
  EXPECT_EQ(read_all({framed("one") + framed("") + framed("three")}),
            (Said{"one", "+", "+three", hung_up}));
}

TEST(Frames, are_put_together_from_pieces) {
  const std::string bytes = framed("first") + framed("second");
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    Said said = read_all({bytes.substr(0, cut), bytes.substr(cut)});
    for (std::string& each : said)
      if (each.starts_with('+')) each.erase(0, 1);
    EXPECT_EQ(said, (Said{"first", "second", hung_up})) << cut;
  }
}

TEST(Frames, large_ones_come_whole_and_what_follows_too) {
  const std::string large(3'000'000, 'x');
  const std::string bytes = framed("small") + framed(large) + framed("last");
  std::deque<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += 100'001)
    pieces.push_back(bytes.substr(at, 100'001));
  Said said = read_all(pieces);
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(said[1], large);
  EXPECT_EQ(said[2].substr(said[2].size() - 4), "last");
}

TEST(Frames, one_that_is_too_large_is_refused_before_it_comes) {
  const std::string head("\x7f\xff\xff\xff", 4);
  EXPECT_EQ(read_all({framed("good") + head, "and so on"}),
            (Said{"good", "a message of more than 64 MiB"}));
}

}  // namespace
}  // namespace caravan::rpc
