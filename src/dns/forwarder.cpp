// SPDX-License-Identifier: Apache-2.0
#include "dns/forwarder.hpp"

#include <algorithm>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "dns/message.hpp"
#include "dns/wire.hpp"

namespace caravan::dns {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr base::Duration ask_timeout = 2s;     // of one resolver
constexpr base::Duration answer_timeout = 5s;  // of all that are tried
constexpr base::Duration forward_idle = 10s, retry_accept = 100ms;
constexpr int asked_max = 2048, forward_connections_max = 256;
constexpr std::uint32_t ids = 65'536;

std::string refusal(const Question& question, Code code) {
  Reply reply;
  reply.code = code;
  reply.is_ours = false;
  return write_reply(question, reply);
}

io::Task<std::string> ask_by_tcp(io::Network& network, io::Address to, std::string packet) {
  base::Result<std::unique_ptr<io::Stream>> stream =
      co_await network.connect(std::move(to), ask_timeout);
  if (!stream) co_return "";
  const base::Status sent = co_await write_packet(**stream, std::move(packet));
  if (!sent) co_return "";
  co_return co_await read_packet(**stream);
}

io::Task<std::string> ask_by_udp(io::Datagrams& datagrams, io::Address to, std::string packet) {
  const bool is_v6 = to.host.find(':') != std::string::npos;
  io::Address any{is_v6 ? "::" : "0.0.0.0", 0, false};
  const auto socket = co_await datagrams.bind(std::move(any));
  if (!socket || !(*socket)->send(packet, to)) co_return "";
  while (true) {
    base::Result<io::Datagram> reply = co_await (*socket)->receive();
    if (!reply) co_return "";
    const bool is_it = reply->from == to && number_of(reply->bytes) == number_of(packet);
    if (is_it) co_return std::move(reply->bytes);
  }
}

std::string code_name(int code) {
  constexpr const char* names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
                                   "REFUSED"};
  return code < 6 ? names[code] : fmt::format("RCODE{}", code);
}

}  // namespace

struct Forwarder::Door {
  io::Address address;
  /// The zones that are served here, and by which block.
  std::vector<std::pair<std::string, const ServerBlock*>> zones;
  std::unique_ptr<io::DatagramSocket> socket;
  std::unique_ptr<io::Listener> listener;

  const ServerBlock* server_of(std::string_view name) const {
    const ServerBlock* best = nullptr;
    std::size_t length = 0;
    for (const auto& [zone, server] : zones)
      if (is_within(name, zone) && zone.size() > length) {
        best = server;
        length = zone.size();
      }
    return best;
  }
};

Forwarder::Forwarder(io::World& world, io::Datagrams& datagrams, Corefile file, io::Logger log)
    : world_(world),
      datagrams_(datagrams),
      file_(std::move(file)),
      log_(std::move(log)),
      tasks_(world.executor.lane(io::Lane::main)) {}

Forwarder::~Forwarder() = default;

io::Task<base::Status> Forwarder::start(Addresses addresses) {
  for (const ServerBlock& server : file_.servers) {
    std::vector<std::string> hosts;
    for (const std::string& named : server.bind) {
      CO_TRY(const std::vector<std::string> found, addresses(named));
      hosts.insert(hosts.end(), found.begin(), found.end());
    }
    if (server.bind.empty()) hosts.emplace_back("0.0.0.0");
    for (const std::string& host : hosts)
      for (const ServerBlock::Zone& zone : server.zones) {
        const io::Address at{host, zone.port, false};
        CO_TRY_VOID(co_await open(at, server, zone.name));
      }
  }
  co_return base::Status();
}

io::Task<base::Status> Forwarder::open(const io::Address& address, const ServerBlock& server,
                                       const std::string& zone) {
  for (const std::shared_ptr<Door>& door : doors_)
    if (door->address == address) {
      door->zones.emplace_back(zone, &server);
      co_return base::Status();
    }
  auto door = std::make_shared<Door>();
  door->address = address;
  door->zones.emplace_back(zone, &server);
  CO_TRY(door->listener, co_await world_.network.listen(address));
  CO_TRY(door->socket, co_await datagrams_.bind(address));
  doors_.push_back(door);
  log_.info("names are relayed", {{"address", address.to_string()}, {"zone", zone}});
  tasks_.spawn(hear(door));
  tasks_.spawn(accept(door));
  co_return base::Status();
}

io::Task<void> Forwarder::stop() {
  co_await tasks_.stop();
  for (const std::shared_ptr<Door>& door : doors_) {
    door->socket->close();
    door->listener->close();
  }
}

io::Task<void> Forwarder::answer_packet(std::shared_ptr<Door> door, io::Datagram packet) {
  const io::Address from = packet.from;
  const std::string reply = co_await respond(*door, std::move(packet.bytes), from, true);
  if (!reply.empty()) (void)door->socket->send(reply, from);
}

io::Task<void> Forwarder::hear(std::shared_ptr<Door> door) {
  while (true) {
    base::Result<io::Datagram> packet = co_await door->socket->receive();
    if (!packet) co_return;
    if (asked_ < asked_max) tasks_.spawn(answer_packet(door, *std::move(packet)));
  }
}

io::Task<void> Forwarder::accept(std::shared_ptr<Door> door) {
  while (true) {
    base::Result<std::unique_ptr<io::Stream>> stream = co_await door->listener->accept();
    if (!stream)
      co_await world_.clock.sleep(retry_accept);
    else if (connections_ < forward_connections_max)
      tasks_.spawn(converse(door, *std::move(stream)));
  }
}

io::Task<void> Forwarder::converse(std::shared_ptr<Door> door, std::unique_ptr<io::Stream> stream) {
  struct Counted {
    explicit Counted(int& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    int& count_;
  } counted(connections_);
  while (true) {
    auto read = co_await (read_packet(*stream) || world_.clock.sleep(forward_idle));
    if (read.index() == 1 || std::get<0>(read).empty()) co_return;
    std::string reply =
        co_await respond(*door, std::move(std::get<0>(read)), stream->peer(), false);
    if (reply.empty() || reply.size() > tcp_bytes_max) co_return;
    if (!co_await write_packet(*stream, std::move(reply))) co_return;
  }
}

io::Task<std::string> Forwarder::respond(const Door& door, std::string packet, io::Address from,
                                         bool by_udp) {
  const base::Result<Question> question = read_question(packet);
  if (!question) {
    Question unread;
    const auto number = number_of(packet);
    if (!number) co_return "";
    unread.id = *number;
    const bool is_other = question.error().code == base::Code::unsupported;
    co_return refusal(unread, is_other ? Code::not_built : Code::malformed);
  }
  const ServerBlock* server = door.server_of(question->name);
  const Forward* rule = server ? forward_for(*server, question->name) : nullptr;
  const Asked asked{*question, std::move(packet), std::move(from), by_udp};
  const base::Duration begun = world_.clock.uptime();
  std::string error, reply;
  const int most = rule && rule->concurrent_max > 0 ? rule->concurrent_max : asked_max;
  if (!rule || asked_of_[rule] >= most) {
    reply = refusal(*question, Code::refused);
  } else {
    ++asked_;
    ++asked_of_[rule];
    reply = co_await relay(*rule, asked, error);
    --asked_of_[rule];
    --asked_;
  }
  if (reply.empty()) reply = refusal(*question, Code::failed);
  if (by_udp && reply.size() > io::datagram_bytes_max) {
    Reply cut;  // whoever could take more asks by TCP
    cut.is_ours = false;
    cut.can_recurse = true;
    cut.is_truncated = true;
    reply = write_reply(*question, cut);
  }
  if (server) tell(*server, asked, reply, world_.clock.uptime() - begun, error);
  co_return reply;
}

/// Those that are well, in the order of the policy; when none is, all of them by chance.
std::vector<io::Address> Forwarder::order(const Forward& rule) {
  std::vector<io::Address> all;
  for (const io::Address& to : rule.to)
    if (rule.fails_max == 0 || health_[{&rule, to}].fails < rule.fails_max) all.push_back(to);
  const bool is_shuffled = all.empty() || rule.policy == Forward::Policy::random;
  if (all.empty()) all = rule.to;
  if (is_shuffled)
    for (std::size_t i = all.size(); i > 1; --i)
      std::swap(all[i - 1], all[world_.random.below(i)]);
  else if (rule.policy == Forward::Policy::round_robin)
    std::ranges::rotate(
        all, all.begin() + static_cast<std::ptrdiff_t>(turns_[&rule]++ % all.size()));
  return all;
}

io::Task<std::string> Forwarder::relay(const Forward& rule, const Asked& asked,
                                       std::string& error) {
  const base::Duration deadline = world_.clock.uptime() + answer_timeout;
  for (const io::Address& to : order(rule)) {
    if (world_.clock.uptime() >= deadline) break;
    std::string reply = co_await exchange(rule, asked, to);
    if (!reply.empty()) {
      health_[{&rule, to}].fails = 0;
      co_return with_id(std::move(reply), asked.question.id);
    }
    error = fmt::format("{} does not answer", to.to_string());
    failed(rule, to);
  }
  co_return "";
}

/// "" when nothing came in time.
io::Task<std::string> Forwarder::ask(bool by_udp, io::Address to, std::string packet) {
  if (!by_udp) {
    auto raced =
        co_await (ask_by_tcp(world_.network, to, packet) || world_.clock.sleep(ask_timeout));
    co_return raced.index() == 0 ? std::get<0>(std::move(raced)) : std::string();
  }
  auto raced = co_await (ask_by_udp(datagrams_, to, packet) || world_.clock.sleep(ask_timeout));
  co_return raced.index() == 0 ? std::get<0>(std::move(raced)) : std::string();
}

/// By UDP when the reply fits into a packet of ours, whatever it is.
io::Task<std::string> Forwarder::exchange(const Forward& rule, const Asked& asked,
                                          io::Address to) {
  const std::size_t room = asked.question.has_edns ? asked.question.udp_size : 512;
  const bool fits = asked.by_udp && room <= io::datagram_bytes_max;
  const bool by_udp = !rule.force_tcp && (fits || rule.prefer_udp);
  const std::string packet =
      with_id(asked.packet, static_cast<std::uint16_t>(world_.random.below(ids)));
  std::string reply = co_await ask(by_udp, std::move(to), packet);
  co_return number_of(reply) == number_of(packet) ? reply : "";
}

void Forwarder::failed(const Forward& rule, const io::Address& at) {
  Health& health = health_[{&rule, at}];
  ++health.fails;
  if (rule.fails_max == 0 || std::exchange(health.is_probed, true)) return;
  tasks_.spawn(probe(rule, at));
}

/// Until it says anything at all.
io::Task<void> Forwarder::probe(const Forward& rule, io::Address at) {
  Question question;
  question.name = rule.probe_name;
  question.type = Type::ns;
  question.wants_recursion = rule.probe_recurses;
  while (true) {
    co_await world_.clock.sleep(rule.probe_interval);
    question.id = static_cast<std::uint16_t>(world_.random.below(ids));
    std::string packet = write_question(question);
    const std::string said = co_await ask(!rule.force_tcp, at, std::move(packet));
    if (!said.empty()) break;
    ++health_[{&rule, at}].fails;
  }
  health_[{&rule, at}] = {};
}

/// As CoreDNS words it, which log readers know.
void Forwarder::tell(const ServerBlock& server, const Asked& asked, const std::string& reply,
                     base::Duration took, const std::string& error) const {
  const Question& q = asked.question;
  if (server.logs)
    log_.info(fmt::format("{} - {} \"{} IN {} {} {} {} {}\" {} {} {} {:.9f}s",
                          asked.from.to_string(), q.id, type_name(q.type), base::to_lower(q.name),
                          asked.by_udp ? "udp" : "tcp", asked.packet.size(), q.wants_dnssec,
                          q.has_edns ? q.udp_size : 512, code_name(code_of(reply)),
                          flags_of(reply), reply.size(),
                          std::chrono::duration<double>(took).count()));
  if (server.logs_errors && !error.empty())
    log_.error(fmt::format("plugin/errors: {} {} {}: {}", code_of(reply), base::to_lower(q.name),
                           type_name(q.type), error));
}

}  // namespace caravan::dns
