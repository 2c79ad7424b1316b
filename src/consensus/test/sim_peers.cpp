// SPDX-License-Identifier: Apache-2.0
#include "consensus/bytes.hpp"
#include "consensus/test/replica_cluster.hpp"

namespace caravan::consensus::test {
using namespace std::chrono_literals;

namespace {
constexpr std::size_t line_bytes_max = 4 << 20;
constexpr std::uint16_t port = 4647;

io::Address address_of(ServerId server) {
  return {fmt::format("10.0.0.{}", server), port, false};
}
}  // namespace

struct SimPeers::Line {
  Line(boost::asio::any_io_executor executor) : wake(std::move(executor)) {}
  ServerId to = 0;
  std::deque<std::string> frames;
  std::size_t bytes = 0;
  io::Event wake;
};

struct SimPeers::State {
  State(io::World& world, sim::LifePtr life, ServerId self)
      : world(world), life(std::move(life)), self(self) {}
  io::World& world;
  sim::LifePtr life;
  ServerId self;
  Replica* replica = nullptr;
  std::map<std::pair<ServerId, Traffic>, std::shared_ptr<Line>> lines;
};

SimPeers::SimPeers(io::World& world, sim::Life& life, ServerId self, std::size_t servers)
    : state_(std::make_shared<State>(world, life.shared_from_this(), self)), tasks_(life.executor) {
  for (ServerId to = 1; to <= servers; ++to) {
    for (const Traffic traffic : {Traffic::raft, Traffic::snapshot}) {
      if (to == self) continue;
      const auto line = std::make_shared<Line>(life.executor);
      line->to = to;
      state_->lines[{to, traffic}] = line;
      tasks_.spawn(carry(state_, line));
    }
  }
}

void SimPeers::send(ServerId to, Traffic traffic, std::string bytes) {
  const auto found = state_->lines.find({to, traffic});
  if (found == state_->lines.end()) return;
  Line& line = *found->second;
  if (line.bytes + bytes.size() > line_bytes_max) return;
  std::string frame;
  put_bytes(frame, bytes);
  line.bytes += frame.size();
  line.frames.push_back(std::move(frame));
  line.wake.notify();
}

void SimPeers::serve(Replica& replica) {
  state_->replica = &replica;
  tasks_.spawn(listen(state_));
}

io::Task<void> SimPeers::carry(std::shared_ptr<State> state, std::shared_ptr<Line> line) {
  const io::Address address = address_of(line->to);
  for (;;) {
    while (line->frames.empty()) co_await line->wake.wait();
    const auto stream = co_await state->world.network.connect(address, 500ms);
    if (!stream) {
      line->frames.clear();
      line->bytes = 0;
      if (state->replica) state->replica->report_unreachable(line->to);
      co_await state->world.clock.sleep(100ms);
      continue;
    }
    for (bool open = true; open;) {
      while (line->frames.empty()) co_await line->wake.wait();
      const std::string frame = line->frames.front();  // stays, to be sent again when this fails
      const base::Status written = co_await (*stream)->write(frame);
      open = written.has_value();
      if (!open) break;
      line->bytes -= frame.size();
      line->frames.pop_front();
    }
  }
}

io::Task<void> SimPeers::listen(std::shared_ptr<State> state) {
  const io::Address here = address_of(state->self);
  const auto listener = co_await state->world.network.listen(here);
  io::TaskGroup readers(state->life->executor);
  for (;;) {
    auto accepted = co_await (*listener)->accept();
    const std::shared_ptr<io::Stream> stream = std::move(*accepted);
    readers.spawn(read(state, stream));
  }
}

io::Task<void> SimPeers::read(std::shared_ptr<State> state, std::shared_ptr<io::Stream> stream) {
  std::string bytes;
  std::vector<char> buffer(64 << 10);
  for (;;) {
    const auto count = co_await stream->read_some(buffer);
    if (!count || *count == 0) co_return;
    bytes.append(buffer.data(), *count);
    std::vector<std::string> messages;
    while (bytes.size() >= 4) {
      const auto size = ByteReader(bytes).get<std::uint32_t>();
      if (bytes.size() < size + 4u) break;
      messages.push_back(bytes.substr(4, size));
      bytes.erase(0, size + 4u);
    }
    if (state->life->alive()) state->replica->receive(messages);
  }
}

}  // namespace caravan::consensus::test
