// SPDX-License-Identifier: Apache-2.0
#include "client/log_follower.hpp"

#include <mutex>

#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include "json/writer.hpp"

namespace caravan::client {
namespace {

/// Bytes that wait for a slow reader.
constexpr std::size_t waiting_max = 256 * 1024;

std::string json_line(const io::LogLine& line) {
  json::Object object{{"@level", std::string(io::level_name(line.level))},
                      {"@message", std::string(line.message)},
                      {"@module", std::string(line.part)},
                      {"@timestamp", base::format_rfc3339(line.time)}};
  for (const auto& [name, value] : line.fields)
    object[std::string(name)] = value;
  return json::to_string(object);
}

}  // namespace

std::string to_text(const LogWish& wish) {
  return fmt::format("{} {}", io::level_name(wish.level), wish.json ? "json" : "text");
}

base::Result<LogWish> parse_wish(std::string_view text) {
  const std::size_t space = text.find(' ');
  LogWish wish;
  TRY(wish.level, io::parse_level(text.substr(0, space)));
  wish.json = space != text.npos && text.substr(space + 1) == "json";
  return wish;
}

struct LogFollower::Heard {
  explicit Heard(boost::asio::any_io_executor lane) : lane(lane), news(lane) {}
  const boost::asio::any_io_executor lane;
  io::Event news;
  std::mutex mutex;  // guards what follows: lines come from any thread
  std::string lines;
  std::size_t missed = 0;
};

LogFollower::LogFollower(io::LogSource& source, LogWish wish, boost::asio::any_io_executor lane)
    : source_(source), heard_(std::make_shared<Heard>(std::move(lane))) {
  number_ = source_.listen([heard = heard_, wish](const io::LogLine& line) {
    if (line.level < wish.level) return;
    const std::string text = (wish.json ? json_line(line) : io::format_line(line)) + "\n";
    const std::scoped_lock lock(heard->mutex);
    if (heard->lines.size() + text.size() > waiting_max) {
      ++heard->missed;
      return;
    }
    const bool was_empty = heard->lines.empty();
    heard->lines += text;
    if (was_empty) boost::asio::post(heard->lane, [heard] { heard->news.notify(); });
  });
}

LogFollower::~LogFollower() { source_.unlisten(number_); }

io::Task<std::string> LogFollower::next() {
  while (true) {
    {
      const std::scoped_lock lock(heard_->mutex);
      std::string lines = std::exchange(heard_->lines, {});
      if (const std::size_t missed = std::exchange(heard_->missed, 0); missed > 0)
        lines += fmt::format("[WARN] monitor: Dropped {} logs during monitor request\n", missed);
      if (!lines.empty()) co_return lines;
    }
    co_await heard_->news.wait();
  }
}

}  // namespace caravan::client
