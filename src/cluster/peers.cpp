// SPDX-License-Identifier: Apache-2.0
#include "cluster/peers.hpp"

#include <mutex>

#include <boost/asio/post.hpp>

#include "rpc/frames.hpp"

namespace caravan::cluster {
namespace {

using namespace std::chrono_literals;
using Key = std::pair<consensus::ServerId, consensus::Traffic>;

constexpr base::Duration dial_timeout = 2s;
constexpr base::Duration redial = 100ms;
constexpr std::size_t waiting_bytes_max = 32 << 20;  // to one server; what comes on top is dropped
constexpr std::size_t write_bytes = 1 << 20;         // that leave with one write
constexpr std::size_t unread_bytes_max = 1 << 20;    // that came; above it reading waits

rpc::Purpose purpose_of(consensus::Traffic traffic) {
  return traffic == consensus::Traffic::raft ? rpc::Purpose::raft : rpc::Purpose::snapshot;
}

}  // namespace

struct Peers::Line {
  explicit Line(boost::asio::any_io_executor lane) : more(std::move(lane)) {}
  std::deque<std::string> waiting;
  std::size_t bytes = 0;
  io::Event more;
};

/// What was read and the main lane has not taken yet. The mutex guards all of it.
struct Peers::Inbox {
  std::mutex mutex;
  std::vector<std::string> messages;
  std::size_t bytes = 0;
  bool is_posted = false;
};

struct Peers::Inside : std::enable_shared_from_this<Peers::Inside> {
  Inside(io::World& world, rpc::Transport& transport, Members& members, io::Logger log)
      : world(world),
        transport(transport),
        members(members),
        log(std::move(log)),
        main(world.executor.lane(io::Lane::main)),
        tasks(main) {}

  /// Sends what waits for one server, over one connection after the other.
  static io::Task<void> keep(std::shared_ptr<Inside> self, Key key, std::shared_ptr<Line> line) {
    while (true) {
      while (line->waiting.empty())
        co_await line->more.wait();
      const Member* member = self->members.find(key.first);
      base::Status ended = base::fail(base::Code::not_found, "nothing is known of this server");
      if (member) {
        const io::Address address = member->rpc;
        ended = co_await carry(self, address, purpose_of(key.second), line);
      }
      line->waiting.clear();
      line->bytes = 0;
      self->log.debug("no connection to a server", {{"error", ended.error().message}});
      if (self->replica) self->replica->report_unreachable(key.first);
      co_await self->world.clock.sleep(self->world.random.jitter(redial, 0.5));
    }
  }

  static io::Task<base::Status> carry(std::shared_ptr<Inside> self, io::Address address,
                                      rpc::Purpose purpose, std::shared_ptr<Line> line) {
    CO_TRY(const rpc::Link link,
           co_await self->transport.dial(self->world, address, purpose, dial_timeout));
    std::string bytes;
    rpc::append_frame(bytes, wire::encode(self->members.self()));
    while (true) {
      while (!line->waiting.empty() && bytes.size() < write_bytes) {
        line->bytes -= line->waiting.front().size();
        rpc::append_frame(bytes, line->waiting.front());
        line->waiting.pop_front();
      }
      const base::Status written = co_await link.stream->write(bytes);
      if (!written) co_return written;
      bytes.clear();
      while (line->waiting.empty())
        co_await line->more.wait();
    }
  }

  /// Whether messages of this server may reach the log.
  bool trusts(const wire::ServerInfo& peer) const {
    return !peer.cluster.is_nil() && peer.cluster == members.self().cluster;
  }

  static io::Task<bool> greet(std::shared_ptr<Inside> self, std::string hello) {
    const auto peer = wire::decode<wire::ServerInfo>(hello);
    if (peer && self->trusts(*peer)) co_return true;
    self->log.warn("refused a server of another cluster",
                   {{"name", peer ? peer->name : std::string("?")}});
    co_return false;
  }

  /// Hands on what came over one connection. Whoever reads does not wait for it: while the main
  /// lane is busy, what comes is gathered.
  static void deliver(const std::shared_ptr<Inside>& self, const std::shared_ptr<Inbox>& inbox) {
    if (std::exchange(inbox->is_posted, true)) return;
    boost::asio::post(self->main, [self, inbox] {
      std::vector<std::string> messages;
      {
        const std::lock_guard lock(inbox->mutex);
        inbox->is_posted = false;
        inbox->bytes = 0;
        messages = std::exchange(inbox->messages, {});
      }
      if (self->replica) self->replica->receive(messages);
    });
  }

  static io::Task<void> catch_up() { co_return; }

  io::World& world;
  rpc::Transport& transport;
  Members& members;
  io::Logger log;
  boost::asio::any_io_executor main;
  io::TaskGroup tasks;
  consensus::Replica* replica = nullptr;
  std::map<Key, std::shared_ptr<Line>> lines;
};

Peers::Peers(io::World& world, rpc::Transport& transport, Members& members, io::Logger log)
    : inside_(std::make_shared<Inside>(world, transport, members, std::move(log))) {}

Peers::~Peers() = default;

void Peers::attach(consensus::Replica& replica) { inside_->replica = &replica; }

void Peers::send(consensus::ServerId to, consensus::Traffic traffic, std::string bytes) {
  std::shared_ptr<Line>& line = inside_->lines[{to, traffic}];
  if (!line) {
    line = std::make_shared<Line>(inside_->main);
    inside_->tasks.spawn(Inside::keep(inside_, {to, traffic}, line));
  }
  if (line->bytes + bytes.size() > waiting_bytes_max) return;
  line->bytes += bytes.size();
  line->waiting.push_back(std::move(bytes));
  line->more.notify();
}

io::Task<void> Peers::receive(rpc::Link link) {
  const auto inside = inside_;
  if (!link.peer.is_server) co_return;
  const auto inbox = std::make_shared<Inbox>();
  rpc::FrameReader frames(*link.stream);
  base::Result<std::string> hello = co_await frames.next();
  if (!hello || !co_await io::on(inside->main, Inside::greet(inside, *std::move(hello)))) co_return;
  while (true) {
    base::Result<std::string> message = co_await frames.next();
    if (!message) co_return;
    bool is_full = false;
    {
      const std::lock_guard lock(inbox->mutex);
      while (true) {
        inbox->bytes += message->size();
        inbox->messages.push_back(*std::move(message));
        base::Result<std::optional<std::string>> more = frames.next_here();
        if (!more || !*more) break;  // next() says it again
        message = **std::move(more);
      }
      is_full = inbox->bytes > unread_bytes_max;
      Inside::deliver(inside, inbox);
    }
    if (is_full) co_await io::on(inside->main, Inside::catch_up());
  }
}

io::Task<void> Peers::stop() {
  inside_->replica = nullptr;
  co_await inside_->tasks.stop();
}

}  // namespace caravan::cluster
