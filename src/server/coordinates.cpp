// SPDX-License-Identifier: Apache-2.0
#include "server/coordinates.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration write_interval = 5s;
constexpr std::size_t waiting_max = 16'384, in_command_max = 512;

}  // namespace

void Coordinates::start() {
  waiting_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Coordinates::stop() {
  if (tasks_) co_await tasks_->stop();
}

base::Status Coordinates::note(model::NodeCoordinate coordinate) {
  if (const std::string wrong = model::coordinate_complaint(coordinate.coordinate); !wrong.empty())
    return base::invalid(wrong);
  std::string node = base::to_lower(coordinate.node);
  if (!store_.snapshot()->catalog_nodes.find(node))
    return base::fail(base::Code::not_found, fmt::format("node \"{}\" is not registered",
                                                         base::printable(coordinate.node, 64)));
  if (waiting_.size() >= waiting_max && !waiting_.contains(node))
    return base::fail(base::Code::busy, "too many coordinates wait to be written");
  waiting_[std::move(node)] = std::move(coordinate);
  return {};
}

base::Result<std::string> Coordinates::call(const std::string& request) {
  TRY(model::NodeCoordinate told, wire::decode<model::NodeCoordinate>(request));
  TRY_VOID(note(std::move(told)));
  return std::string();
}

io::Task<void> Coordinates::write() {
  wire::UpdateCoordinates command;
  const state::Snapshot tables = store_.snapshot();
  while (!waiting_.empty() && command.coordinates.size() < in_command_max) {
    model::NodeCoordinate next = std::move(waiting_.begin()->second);
    const auto* known = tables->coordinates.find(waiting_.begin()->first);
    waiting_.erase(waiting_.begin());
    if (!known || **known != next) command.coordinates.push_back(std::move(next));
  }
  if (command.coordinates.empty()) co_return;
  const auto done = co_await proposals_.propose(std::move(command), consensus::Priority::kv);
  if (!done) log_.debug("coordinates are lost", {{"error", done.error().message}});
}

io::Task<void> Coordinates::run() {
  while (true) {
    co_await world_.clock.sleep(write_interval);
    do
      co_await write();
    while (!waiting_.empty());
  }
}

}  // namespace caravan::server
