// SPDX-License-Identifier: Apache-2.0
#include "gossip/gossip.hpp"

#include <fmt/core.h>

#include "base/hash.hpp"

namespace caravan::gossip {
namespace {

using namespace std::chrono_literals;

constexpr const char* packet_bound = "caravan gossip packet";
constexpr const char* request_bound = "caravan gossip request";
constexpr const char* answer_bound = "caravan gossip answer ";
/// One line a host in so long a time, of so many hosts.
constexpr base::Duration complaint_interval = 60s;
constexpr std::size_t complaints_max = 64;

CoreConfig core_config(io::World& world, const GossipConfig& config) {
  std::uint64_t seed = 0;
  world.random.fill({reinterpret_cast<std::uint8_t*>(&seed), sizeof seed});
  const std::int64_t ms = std::max<std::int64_t>(1, world.clock.now().unix_ns / 1'000'000);
  return {config.tuning, config.self, static_cast<std::uint64_t>(ms), seed};
}

}  // namespace

Gossip::Gossip(io::World& world, GossipConfig config, Keys& keys, Ask ask,
               std::function<void(MemberId)> changed, io::Logger log)
    : world_(world),
      config_(std::move(config)),
      label_(static_cast<std::uint32_t>(base::hash64(config_.label))),
      keys_(keys),
      ask_(std::move(ask)),
      changed_(std::move(changed)),
      log_(std::move(log)),
      core_(core_config(world, config_), world.clock.uptime()),
      tasks_(world.executor.lane(io::Lane::main)) {}

io::Task<base::Status> Gossip::open(io::Datagrams& datagrams, io::Address address) {
  CO_TRY(socket_, co_await datagrams.bind(std::move(address)));
  tasks_.spawn(hear());
  tasks_.spawn(tick());
  co_return base::Status();
}

io::Task<void> Gossip::stop() {
  co_await tasks_.stop();
  if (socket_) socket_->close();
}

io::Task<void> Gossip::tick() {
  while (true) {
    co_await world_.clock.sleep(config_.tuning.tick);
    act(core_.tick(world_.clock.uptime()));
  }
}

io::Task<void> Gossip::hear() {
  while (true) {
    const base::Result<io::Datagram> packet = co_await socket_->receive();
    if (packet) {
      take(*packet);
      continue;
    }
    // What is wrong with a socket may pass; without a pause it would fill the log.
    log_.warn("cannot hear gossip", {{"error", packet.error().message}});
    co_await world_.clock.sleep(1s);
  }
}

void Gossip::take(const io::Datagram& packet) {
  const auto plain = keys_.ring().open(packet.bytes, packet_bound);
  if (!plain) return complain(packet.from, plain.error().message);
  const auto said = decode_packet(*plain);
  if (!said) return complain(packet.from, said.error().message);
  act(core_.receive(world_.clock.uptime(), packet.from, *said));
}

void Gossip::complain(const io::Address& from, const std::string& why) {
  const base::Duration now = world_.clock.uptime();
  std::erase_if(complained_,
                [&](const auto& entry) { return now - entry.second > complaint_interval; });
  if (complained_.size() >= complaints_max || !complained_.emplace(from.host, now).second) return;
  log_.warn("a gossip packet was refused", {{"from", from.to_string()}, {"error", why}});
}

void Gossip::act(Output out) {
  for (const Output::Send& send : out.packets) {
    if (!socket_) break;
    const std::string sealed =
        keys_.ring().seal(encode(send.packet, label_), packet_bound, world_.random);
    if (const base::Status sent = socket_->send(sealed, send.to); !sent)
      log_.debug("a gossip packet was not sent", {{"error", sent.error().message}});
  }
  for (Output::Reach& wanted : out.reach)
    tasks_.spawn(reach(std::move(wanted)));
  for (CardPtr& with : out.exchange)
    tasks_.spawn(exchange(std::move(with)));
  for (const MemberId id : out.changed)
    changed_(id);
}

io::Task<void> Gossip::reach(Output::Reach wanted) {
  // It says who is meant: another server may have the address by now.
  const std::string whom = fmt::format("{}", wanted.card->id);
  const std::string request = keys_.ring().seal(whom, request_bound, world_.random);
  const auto answer = co_await ask_(std::move(wanted.card), "Gossip.Reach", request);
  if (answer && keys_.ring().open(*answer, answer_bound + request)) core_.reached(wanted.nonce);
}

io::Task<void> Gossip::exchange(CardPtr with) {
  const std::string request = exchange_request();
  const auto answer = co_await ask_(with, "Gossip.Exchange", request);
  const base::Status taken =
      answer ? take_exchange(request, *answer) : base::Status(std::unexpected(answer.error()));
  if (!taken)
    log_.debug("no exchange with a member",
               {{"member", with->address.to_string()}, {"error", taken.error().message}});
}

std::string Gossip::exchange_request() {
  return keys_.ring().seal(encode_table(core_.self()->id, core_.table(), label_), request_bound,
                           world_.random);
}

base::Status Gossip::take_exchange(const std::string& request, const std::string& answer) {
  TRY(const std::string plain, keys_.ring().open(answer, answer_bound + request));
  TRY(const Table table, decode_table(plain));
  act(core_.merge(world_.clock.uptime(), table.claims));
  return {};
}

base::Result<std::string> Gossip::answer(const std::string& method, const std::string& request,
                                         const Admits& admits) {
  const bool exchanges = method == "Gossip.Exchange";
  if (!exchanges && method != "Gossip.Reach")
    return base::fail(base::Code::unsupported, fmt::format("gossip knows no method {}", method));
  TRY(const std::string plain, keys_.ring().open(request, request_bound));
  std::string said;
  if (!exchanges && plain != fmt::format("{}", core_.self()->id))
    return base::fail(base::Code::not_found, "the member that is meant is not here any more");
  if (exchanges) {
    TRY(const Table table, decode_table(plain));
    for (const Claim& claim : table.claims)
      if (claim.about == table.from && claim.card) TRY_VOID(admits(*claim.card));
    act(core_.merge(world_.clock.uptime(), table.claims));
    said = encode_table(core_.self()->id, core_.table(), label_);
  }
  return keys_.ring().seal(said, answer_bound + request, world_.random);
}

void Gossip::dismiss(MemberId id) { act(core_.dismiss(world_.clock.uptime(), id)); }
void Gossip::leave() { act(core_.leave(world_.clock.uptime())); }

}  // namespace caravan::gossip
