// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/log_follower.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

namespace caravan::driver::docker {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration logs_timeout = 30s;
constexpr std::int64_t ns_per_second = 1'000'000'000;

}  // namespace

LogFollower::LogFollower(Api& api, std::string container, std::string kind, LogFile file,
                         std::string position_path, io::Logger log)
    : api_(api),
      container_(std::move(container)),
      kind_(std::move(kind)),
      file_(std::move(file)),
      position_path_(std::move(position_path)),
      log_(std::move(log)) {}

base::Status LogFollower::open() {
  if (position_file_) return {};
  std::optional<LogPosition> before;
  if (const base::Result<std::string> text = api_.world().disk.read_file(position_path_))
    before = LogPosition::parse(*text);
  if (before) {
    position_ = *before;
    TRY_VOID(file_.open_at(position_.file, position_.size));
  } else {
    TRY_VOID(file_.open_newest());
    position_ = {0, 0, file_.number(), file_.size()};
  }
  TRY(position_file_, api_.world().disk.open(position_path_, true));
  return position_file_->write_at(0, position_.to_text());
}

/// First the bytes, then the position: whoever dies between the two takes the bytes back.
void LogFollower::write(const std::string& bytes) {
  if (bytes.empty()) return;
  base::Status written = file_.append(bytes);
  position_.file = file_.number();
  position_.size = file_.size();
  if (written) written = position_file_->write_at(0, position_.to_text());
  if (written || lost_some_) return;
  lost_some_ = true;  // a full disk loses output, not the task
  log_.warn("cannot write a task's output", {{"error", written.error().message}});
}

base::Status LogFollower::take(LogRecords& records, bool at_end) {
  std::string bytes;
  while (true) {
    base::Result<std::optional<LogRecord>> record = records.next();
    if (record && !*record && at_end) record = records.last();
    if (!record || !*record) {
      write(bytes);
      if (!record) return std::unexpected(record.error());
      return {};
    }
    if (choice_.take(**record, position_)) bytes += (*record)->bytes;
  }
}

io::Task<base::Status> LogFollower::copy(bool follow, bool tty) {
  CO_TRY_VOID(open());
  std::string path = fmt::format("/containers/{}/logs?{}=1&timestamps=1&follow={}", container_,
                                 kind_, follow ? 1 : 0);
  if (position_.stamp_ns > 0)
    path += fmt::format("&since={}.{:09}", position_.stamp_ns / ns_per_second,
                        position_.stamp_ns % ns_per_second);
  http::Request ask = request("GET", std::move(path));
  CO_TRY(const std::unique_ptr<http::Incoming> incoming,
         co_await api_.open(std::move(ask), logs_timeout));
  LogRecords records(tty);
  choice_.reopen(position_);
  while (true) {
    CO_TRY(const std::string piece, co_await incoming->read());
    records.feed(piece);
    const bool ended = piece.empty();
    CO_TRY_VOID(take(records, ended && !follow));
    if (ended) co_return base::Status();
  }
}

}  // namespace caravan::driver::docker
