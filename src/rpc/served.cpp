// SPDX-License-Identifier: Apache-2.0
#include "rpc/served.hpp"

#include <atomic>

#include <boost/asio/post.hpp>

namespace caravan::rpc {
namespace asio = boost::asio;

std::uint64_t Served::next_connection() {
  static std::atomic<std::uint64_t> last = 0;  // a name within the process, seen by nobody else
  return ++last;
}

void Served::spawn(std::uint64_t connection, io::Task<void> task) {
  asio::post(lane_, [self = shared_from_this(), connection, task = std::move(task)]() mutable {
    self->spawn_here(connection, std::move(task));
  });
}

void Served::end(std::uint64_t connection) {
  asio::post(lane_, [self = shared_from_this(), connection] { self->end_here(connection); });
}

io::Task<void> Served::stop() { co_await io::on(lane_, stop_here(shared_from_this())); }

void Served::spawn_here(std::uint64_t connection, io::Task<void> task) {
  if (stopped_) return;
  std::unique_ptr<io::TaskGroup>& group = groups_[connection];
  if (!group) group = std::make_unique<io::TaskGroup>(lane_);
  group->spawn(std::move(task));
}

void Served::end_here(std::uint64_t connection) {
  // Those that ended before and have nothing left to unwind.
  std::erase_if(groups_, [](const auto& entry) { return entry.second->running() == 0; });
  if (const auto found = groups_.find(connection); found != groups_.end()) found->second->cancel();
}

io::Task<void> Served::stop_here(std::shared_ptr<Served> self) {
  self->stopped_ = true;
  for (const auto& [connection, group] : self->groups_)
    co_await group->stop();
  self->groups_.clear();
}

}  // namespace caravan::rpc
