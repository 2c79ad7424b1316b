// SPDX-License-Identifier: Apache-2.0
#include "dns/server.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "dns/message.hpp"
#include "dns/names.hpp"
#include "dns/wire.hpp"

namespace caravan::dns {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr std::size_t udp_plain_max = 512, udp_max = io::datagram_bytes_max, tcp_max = 65'535;
// Of a packet: a name that points to the question's, type, class, TTL, length, an IPv4 address.
constexpr std::size_t record_bytes_min = 16;
constexpr base::Duration tcp_idle = 10s;
constexpr int asked_elsewhere_max = 512;  // questions at once
constexpr int connections_max = 256;

/// Without a question, when that could not be read.
std::string refusal(const Question& question, Code code, bool is_ours) {
  Reply reply;
  reply.code = code;
  reply.is_ours = is_ours;
  return write_reply(question, reply);
}

}  // namespace

struct Server::Door {
  std::unique_ptr<io::DatagramSocket> socket;
  std::unique_ptr<io::Listener> listener;
};

Server::Server(io::World& world, io::Datagrams& datagrams, ServerConfig config, State state,
               Elsewhere elsewhere, io::Logger log, std::function<bool()> is_heard, Sight sight)
    : world_(world),
      datagrams_(datagrams),
      config_(std::move(config)),
      state_(std::move(state)),
      elsewhere_(std::move(elsewhere)),
      log_(std::move(log)),
      is_heard_(std::move(is_heard)),
      sight_(std::move(sight)),
      chance_(world.random.below(std::numeric_limits<std::uint64_t>::max())),
      below_([this](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(chance_);
      }),
      tasks_(world.executor.lane(io::Lane::main)) {}

Server::~Server() = default;

io::Task<base::Status> Server::start(io::Address address) {
  auto door = std::make_shared<Door>();
  CO_TRY(door->listener, co_await world_.network.listen(address));
  address.port = door->listener->address().port;
  CO_TRY(door->socket, co_await datagrams_.bind(address));
  doors_.push_back(door);
  tasks_.spawn(hear(door));
  tasks_.spawn(accept(door));
  co_return base::Status();
}

io::Task<void> Server::stop() {
  co_await tasks_.stop();
  for (const std::shared_ptr<Door>& door : doors_) {
    door->socket->close();
    door->listener->close();
  }
}

io::Task<void> Server::hear(std::shared_ptr<Door> door) {
  struct Answering {
    static io::Task<void> run(Server& server, std::shared_ptr<Door> door, io::Datagram packet) {
      const std::string reply = co_await server.respond(std::move(packet.bytes), true, packet.from,
                                                        server.own_secret_());
      if (!reply.empty()) (void)door->socket->send(reply, packet.from);
    }
  };
  while (true) {
    base::Result<io::Datagram> packet = co_await door->socket->receive();
    if (!packet) co_return;
    const base::Result<Question> question = read_question(packet->bytes);
    // What is ours is answered here and now; only what others have to be asked takes its time.
    if (question && state_ && dns::is_ours(config_.settings, question->name)) {
      const base::Duration begun = world_.clock.uptime();
      if (const auto reply = answer_here(*question, true, own_secret_())) {
        tell(*question, world_.clock.uptime() - begun, true, packet->from);
        if (!reply->empty()) (void)door->socket->send(*reply, packet->from);
        continue;
      }
    }
    tasks_.spawn(Answering::run(*this, door, *std::move(packet)));
  }
}

io::Task<void> Server::accept(std::shared_ptr<Door> door) {
  while (true) {
    base::Result<std::unique_ptr<io::Stream>> stream = co_await door->listener->accept();
    if (!stream) {
      co_await world_.clock.sleep(100ms);
      continue;
    }
    // Whoever holds a connection is sent away after a while; until then there is no room for more.
    if (connections_ < connections_max) tasks_.spawn(converse(*std::move(stream)));
  }
}

io::Task<void> Server::converse(std::unique_ptr<io::Stream> stream) {
  struct Counted {
    explicit Counted(int& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    int& count_;
  } counted(connections_);
  while (true) {
    auto read = co_await (read_packet(*stream) || world_.clock.sleep(tcp_idle));
    if (read.index() == 1 || std::get<0>(read).empty()) co_return;
    const std::string reply = co_await respond(std::move(std::get<0>(read)), false,
                                               stream->peer(), own_secret_());
    if (reply.empty() || reply.size() > tcp_max) co_return;
    if (!co_await write_packet(*stream, reply)) co_return;
  }
}

Source Server::source_of(const state::Tables& tables, const Visible& visible) const {
  return {tables, config_.settings, visible,
          static_cast<std::uint32_t>(world_.clock.now().unix_ns / 1'000'000'000), below_, sight_};
}

std::optional<std::string> Server::answer_here(const Question& question, bool by_udp,
                                               const std::string& secret) {
  const state::Snapshot tables = state_();
  // What a token lets see changes with the time, too: only strangers' answers are kept.
  const bool may_be_ready = by_udp && secret.empty();
  if (may_be_ready)
    if (std::optional<std::string> ready = ready_.find(question, *tables, below_)) return ready;
  const Visible visible = sight_ ? sight_(secret) : Visible();
  Source source = source_of(*tables, visible);
  if (abroad_.find) {
    const std::string other = datacenter_asked(config_.settings, question.name);
    const bool is_of_other = !other.empty() && abroad_.is_known(other);
    if (is_of_other || unfound_query(question, source)) return {};
  }
  return answer_now(question, by_udp, std::move(source), may_be_ready);
}

std::string Server::answer_now(const Question& question, bool by_udp, Source source,
                               bool may_be_ready) {
  const state::Tables& tables = source.tables;
  if (!by_udp) return write_within(question, complete(answer(question, source)), tcp_max, true);
  const auto few = static_cast<std::size_t>(std::max(config_.udp_answer_limit, 1));
  const std::size_t wanted = question.has_edns ? question.udp_size : udp_plain_max;
  // Whoever could have taken more is told to ask by TCP.
  const ReadyAnswers::Room room{std::min(wanted, udp_max),
                                question.has_edns ? udp_max / record_bytes_min : few,
                                config_.enable_truncate || wanted > udp_max};
  std::optional<ReadyAnswers::Basis> basis;
  if (may_be_ready)
    basis = ReadyAnswers::basis_of(question, watched_of(config_.settings, question), tables);
  // One more than fit, so that it shows that there are more; all of those that are kept.
  if (!basis) source.answers_max = room.answers + 1;
  Reply reply = complete(answer(question, source));
  if (basis && ready_.keep(question, *std::move(basis), tables, reply, room))
    if (std::optional<std::string> ready = ready_.find(question, tables, below_))
      return *std::move(ready);
  if (reply.answers.size() > room.answers) {
    reply.answers.resize(room.answers);
    reply.is_truncated = room.tells;
  }
  return write_within(question, std::move(reply), room.bytes, room.tells);
}

io::Task<std::string> Server::answer_after_others(const Question& question, std::string packet,
                                                  bool by_udp, std::string secret,
                                                  bool is_foreign) {
  const std::string other = datacenter_asked(config_.settings, question.name);
  if (!other.empty()) {
    // Whoever forwards takes this datacenter for that one; to forward again could go on for ever.
    if (is_foreign) co_return refusal(question, Code::no_such_name, true);
    std::string reply = co_await abroad_.answer(other, packet, by_udp, secret);
    co_return reply.empty() ? refusal(question, Code::failed, false) : reply;
  }
  const std::optional<Unfound> unfound = unfound_here(question, secret);
  catalog::Fallback found;
  if (unfound) {
    const std::string in_name_of = unfound->secret.empty() ? secret : unfound->secret;
    found = co_await abroad_.find(unfound->query, in_name_of);
  }
  const state::Snapshot tables = state_();
  const Visible visible = sight_ ? sight_(secret) : Visible();
  Source source = source_of(*tables, visible);
  if (unfound) source.fallback = &found;
  co_return answer_now(question, by_udp, std::move(source), false);
}

std::optional<Unfound> Server::unfound_here(const Question& question,
                                            const std::string& secret) const {
  const state::Snapshot tables = state_();
  const Visible visible = sight_ ? sight_(secret) : Visible();
  return unfound_query(question, source_of(*tables, visible));
}

io::Task<std::string> Server::answer_ours(const Question& question, std::string packet,
                                          bool by_udp, std::string secret, bool is_foreign) {
  if (state_)
    if (std::optional<std::string> reply = answer_here(question, by_udp, secret))
      co_return *std::move(reply);
  if (asked_elsewhere_ >= asked_elsewhere_max) co_return refusal(question, Code::failed, false);
  ++asked_elsewhere_;
  std::string reply;
  if (state_)
    reply = co_await answer_after_others(question, packet, by_udp, secret, is_foreign);
  else
    reply = co_await elsewhere_(packet, by_udp);
  --asked_elsewhere_;
  co_return reply.empty() ? refusal(question, Code::failed, false) : reply;
}

Reply Server::complete(Reply reply) const {
  reply.can_recurse = !config_.recursors.empty();
  return reply;
}

void Server::tell(const Question& question, base::Duration took, bool by_udp,
                  const io::Address& from) const {
  if (!is_heard_()) return;
  log_.debug("request served from client", {{"name", question.name},
                                            {"type", type_name(question.type)},
                                            {"class", "IN"},
                                            {"latency", base::format_duration(took)},
                                            {"client", from.to_string()},
                                            {"client_network", by_udp ? "udp" : "tcp"}});
}

io::Task<std::string> Server::respond(std::string packet, bool by_udp, io::Address from,
                                      std::string secret) {
  const base::Result<Question> question = read_question(packet);
  if (!question) {
    Question unread;
    const auto number = number_of(packet);
    if (!number) co_return "";
    unread.id = *number;
    const bool is_other = question.error().code == base::Code::unsupported;
    co_return refusal(unread, is_other ? Code::not_built : Code::malformed, false);
  }
  if (dns::is_ours(config_.settings, question->name)) {
    const base::Duration begun = world_.clock.uptime();
    std::string reply = co_await answer_ours(*question, packet, by_udp, secret, false);
    tell(*question, world_.clock.uptime() - begun, by_udp, from);
    co_return reply;
  }
  if (config_.recursors.empty() || asked_elsewhere_ >= asked_elsewhere_max)
    co_return refusal(*question, Code::refused, false);
  ++asked_elsewhere_;
  std::string reply = co_await relay(std::move(packet));
  --asked_elsewhere_;
  if (!reply.empty() && (!by_udp || reply.size() <= udp_max)) co_return reply;
  Reply failed;
  failed.code = reply.empty() ? Code::failed : Code::ok;
  failed.is_truncated = !reply.empty();
  failed.is_ours = false;
  failed.can_recurse = true;
  co_return write_reply(*question, failed);
}

io::Task<std::string> Server::respond_abroad(std::string packet, bool by_udp,
                                             std::string secret) {
  const base::Result<Question> question = read_question(packet);
  if (!question) co_return "";
  if (!dns::is_ours(config_.settings, question->name))
    co_return refusal(*question, Code::refused, false);
  co_return co_await answer_ours(*question, packet, by_udp, secret, true);
}

/// One resolver after the other, by TCP: an answer of any size, and nobody else's.
io::Task<std::string> Server::relay(std::string packet) {
  struct Asking {
    static io::Task<std::string> run(io::Network& network, io::Address to, base::Duration timeout,
                                     const std::string& packet) {
      base::Result<std::unique_ptr<io::Stream>> stream = co_await network.connect(to, timeout);
      if (!stream) co_return "";
      if (!co_await write_packet(**stream, packet)) co_return "";
      co_return co_await read_packet(**stream);
    }
  };
  std::vector<io::Address> recursors = config_.recursors;
  for (std::size_t left = recursors.size(); config_.shuffles_recursors && left > 1; --left)
    std::swap(recursors[left - 1], recursors[world_.random.below(left)]);
  for (const io::Address& recursor : recursors) {
    auto asked =
        co_await (Asking::run(world_.network, recursor, config_.recursor_timeout, packet) ||
                  world_.clock.sleep(config_.recursor_timeout));
    if (asked.index() == 0 && !std::get<0>(asked).empty()) co_return std::move(std::get<0>(asked));
  }
  co_return "";
}

}  // namespace caravan::dns
