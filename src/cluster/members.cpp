// SPDX-License-Identifier: Apache-2.0
#include "cluster/members.hpp"

#include <set>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::cluster {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration exchange_timeout = 2s;
/// Between two tries of an address that does not answer and may not be there any more.
constexpr base::Duration seldom = 30s;

MemberStatus status_of(gossip::Status status) {
  switch (status) {
    case gossip::Status::alive:
    case gossip::Status::suspect:  // until it is proven, nobody else need worry
      return MemberStatus::alive;
    case gossip::Status::failed:
      return MemberStatus::failed;
    case gossip::Status::left:
      return MemberStatus::left;
  }
  return MemberStatus::failed;
}

gossip::Card card_of(const wire::ServerInfo& self, const io::Address& address) {
  return {self.id, address, wire::encode(self)};
}

}  // namespace

std::string_view to_string(MemberStatus status) {
  switch (status) {
    case MemberStatus::alive:
      return "alive";
    case MemberStatus::failed:
      return "failed";
    case MemberStatus::left:
      return "left";
  }
  return "";
}

base::Status fits_packet(wire::ServerInfo self) {
  self.id = ~std::uint64_t{0};  // the longest, as the cluster's is later
  self.cluster.bytes.fill(1);
  const std::size_t size = wire::encode(self).size();
  if (size <= gossip::card_data_bytes_max) return {};
  return base::invalid(
      fmt::format("name, region, datacenter and addresses of this server take {} bytes together; "
                  "at most {} fit into a gossip packet",
                  size, gossip::card_data_bytes_max));
}

Members::Members(io::World& world, rpc::Connections& connections, wire::ServerInfo self,
                 JoinConfig join, const GossipSettings& settings, gossip::Keys& keys,
                 io::Logger log)
    : world_(world),
      connections_(connections),
      join_(std::move(join)),
      log_(std::move(log)),
      changed_(world.executor.lane(io::Lane::main)),
      gossip_(
          world, {card_of(self, settings.advertise), self.region, {}}, keys,
          [this](gossip::CardPtr to, std::string method, std::string request) {
            return ask(std::move(to), std::move(method), std::move(request));
          },
          [this](gossip::MemberId id) { on_change(id); }, log_.named("gossip")),
      tasks_(world.executor.lane(io::Lane::main)) {
  self_.info = std::move(self);
  self_.gossip = settings.advertise;
  if (const auto address = io::Address::parse(self_.info.rpc_address)) self_.rpc = *address;
}

void Members::start() {
  if (!join_.addresses.empty()) tasks_.spawn(join_all());
}

io::Task<base::Status> Members::open(io::Datagrams& datagrams, io::Address address) {
  return gossip_.open(datagrams, std::move(address));
}

io::Task<void> Members::stop() {
  co_await tasks_.stop();
  co_await gossip_.stop();
}

void Members::set_cluster(const base::Uuid& cluster) {
  self_.info.cluster = cluster;
  gossip_.present(wire::encode(self_.info));
}

std::vector<Member> Members::list() const {
  std::vector<Member> all{self_};
  const base::Duration now = world_.clock.uptime();
  all.front().heard = now;
  for (const auto& [id, member] : others_) {
    all.push_back(member);
    const gossip::Row* row = gossip_.core().others().find(id);
    if (row && member.status == MemberStatus::alive)
      all.back().heard = now - gossip_.core().silence(*row);
  }
  std::ranges::sort(all, {}, [](const Member& member) { return member.info.id; });
  return all;
}

std::vector<Member> Members::list_ours() const {
  std::vector<Member> ours = list();
  std::erase_if(ours, [&](const Member& member) { return member.info.region != self().region; });
  return ours;
}

const Member* Members::find(consensus::ServerId id) const {
  if (id == self_.info.id) return &self_;
  const auto found = others_.find(id);
  return found == others_.end() ? nullptr : &found->second;
}

void Members::on_change(consensus::ServerId id) {
  const gossip::Row* row = gossip_.core().others().find(id);
  if (!row) {
    others_.erase(id);
    return;
  }
  auto info = wire::decode<wire::ServerInfo>(row->card->data);
  const auto address = info ? io::Address::parse(info->rpc_address)
                            : base::Result<io::Address>(std::unexpected(info.error()));
  if (!address || info->id != id || info->region.empty()) {
    log_.warn("a member presents itself as no server",
              {{"address", row->card->address.to_string()}});
    return;
  }
  const auto known = others_.find(id);
  const bool is_new = known == others_.end();
  const MemberStatus before = is_new ? MemberStatus::alive : known->second.status;
  const MemberStatus status = status_of(row->status);
  const bool differs = is_new || before != status || known->second.info.cluster != info->cluster;
  Member& member = others_[id];
  member.info = *std::move(info);
  member.info.has_left = status == MemberStatus::left;
  member.status = status;
  member.rpc = *address;
  member.gossip = row->card->address;
  if (differs) member.heard = world_.clock.uptime();
  const std::string name =
      member.info.region == self_.info.region ? member.info.name : member.full_name();
  if (is_new) log_.info("a server was found", {{"name", name}});
  if (before != status && status == MemberStatus::failed)
    log_.warn("a server has failed", {{"name", name}});
  if (before != status && status != MemberStatus::failed)
    log_.info(status == MemberStatus::left ? "a server has left" : "a server is back",
              {{"name", name}});
  if (differs) changed_.notify();
}

io::Task<base::Result<std::string>> Members::ask(gossip::CardPtr to, std::string method,
                                                 std::string request) {
  const Member* member = find(to->id);
  if (!member) co_return base::fail(base::Code::not_found, "nobody knows how to reach that member");
  const rpc::Whom whom = member->whom();
  co_return co_await connections_.call(whom, std::move(method), std::move(request),
                                       exchange_timeout);
}

io::Task<base::Status> Members::join(io::Address address) {
  const std::string request = gossip_.exchange_request();
  rpc::Whom whom(std::move(address), rpc::any_region);
  CO_TRY(const std::string answer,
         co_await connections_.call(std::move(whom), "Gossip.Exchange", request, exchange_timeout));
  co_return gossip_.take_exchange(request, answer);
}

base::Result<std::string> Members::answer(const std::string& method, const std::string& request,
                                          bool is_foreign) {
  const auto admits = [&](const gossip::Card& card) -> base::Status {
    const auto info = wire::decode<wire::ServerInfo>(card.data);
    if (!is_foreign || !info || info->region != self_.info.region) return {};
    return base::fail(base::Code::denied,
                      fmt::format("{} says that it is of region {}, and its certificate is of "
                                  "another one",
                                  base::printable(info->name, 64), info->region));
  };
  auto answer = gossip_.answer(method, request, admits);
  if (!answer && answer.error().code == base::Code::denied)
    log_.warn("a server was refused", {{"error", answer.error().message}});
  return answer;
}

bool Members::is_alone() const {
  return std::ranges::none_of(others_, [&](const auto& entry) {
    return entry.second.status == MemberStatus::alive &&
           entry.second.info.region == self_.info.region;
  });
}

/// Each address is asked until it has answered once: two halves may have found themselves and not
/// each other, and it may be that of another region. Seldom, where there is a cluster that others
/// belong to. All of them are asked again by one that is alone.
io::Task<void> Members::join_all() {
  std::set<std::string> answered;
  std::map<std::string, base::Duration> tried;  // by uptime
  while (true) {
    for (const io::Address& address : join_.addresses) {
      const std::string text = address.to_string();
      const bool is_founded = !self_.info.cluster.is_nil();
      if (!is_alone() && answered.contains(text)) continue;
      const base::Duration now = world_.clock.uptime();
      const auto last = tried.find(text);
      if (!is_alone() && is_founded && last != tried.end() && now - last->second < seldom) continue;
      tried[text] = now;
      const base::Status joined = co_await join(address);
      if (joined)
        answered.insert(address.to_string());
      else if (is_alone())
        log_.warn("cannot join",
                  {{"address", address.to_string()}, {"error", joined.error().message}});
    }
    co_await world_.clock.sleep(world_.random.jitter(join_.interval, 0.2));
  }
}

base::Status Members::force_leave(const std::string& name) {
  for (auto& [id, member] : others_) {
    const bool is_ours = member.info.region == self_.info.region;
    if (member.full_name() != name && !(is_ours && member.info.name == name)) continue;
    if (member.status == MemberStatus::alive)
      return base::invalid(fmt::format("{} is alive; stop it first", member.info.name));
    gossip_.dismiss(id);
    return {};
  }
  return base::fail(base::Code::not_found, fmt::format("no server has the name {}", name));
}

io::Task<void> Members::leave() {
  gossip_.leave();
  std::vector<io::Address> addresses;
  for (const auto& [id, member] : others_)
    if (member.status == MemberStatus::alive) addresses.push_back(member.rpc);
  for (const io::Address& address : addresses)
    (void)co_await join(address);  // packets may be lost; one that hears neither finds out
}

}  // namespace caravan::cluster
