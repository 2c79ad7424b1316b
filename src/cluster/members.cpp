// SPDX-License-Identifier: Apache-2.0
#include "cluster/members.hpp"

#include <set>

#include <fmt/core.h>

namespace caravan::cluster {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration touch_interval = 1s;
constexpr base::Duration touch_timeout = 2s;
constexpr base::Duration silence_max = 5s;
/// So many servers are believed in at most: a cluster has up to seven, and some that came and went.
constexpr std::size_t members_max = 64;

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

Members::Members(io::World& world, rpc::Connections& connections, wire::ServerInfo self,
                 JoinConfig join, io::Logger log)
    : world_(world),
      connections_(connections),
      join_(std::move(join)),
      log_(std::move(log)),
      changed_(world.executor.lane(io::Lane::main)),
      tasks_(world.executor.lane(io::Lane::main)) {
  self_.info = std::move(self);
  if (const auto address = io::Address::parse(self_.info.rpc_address)) self_.rpc = *address;
}

void Members::start() {
  tasks_.spawn(keep_in_touch());
  if (!join_.addresses.empty()) tasks_.spawn(join_all());
}

io::Task<void> Members::stop() { co_await tasks_.stop(); }

std::vector<Member> Members::list() const {
  std::vector<Member> all{self_};
  for (const auto& [id, member] : others_)
    all.push_back(member);
  std::ranges::sort(all, {}, [](const Member& member) { return member.info.id; });
  return all;
}

const Member* Members::find(consensus::ServerId id) const {
  if (id == self_.info.id) return &self_;
  const auto found = others_.find(id);
  return found == others_.end() ? nullptr : &found->second;
}

std::string Members::message() const {
  wire::ServerMembers all;
  all.servers.push_back(self_.info);
  for (const auto& [id, member] : others_)
    all.servers.push_back(member.info);
  return wire::encode(all);
}

base::Status Members::take(const std::string& message) {
  TRY(wire::ServerMembers all, wire::decode<wire::ServerMembers>(message));
  bool directly = true;  // whoever speaks comes first
  for (wire::ServerInfo& info : all.servers)
    hear(std::move(info), std::exchange(directly, false));
  return {};
}

base::Result<std::string> Members::answer(const std::string& request) {
  TRY_VOID(take(request));
  return message();
}

void Members::hear(wire::ServerInfo info, bool directly) {
  if (info.id == 0 || info.id == self_.info.id || info.region != self_.info.region) return;
  const auto address = io::Address::parse(info.rpc_address);
  if (!address) return;
  const bool is_new = !others_.contains(info.id);
  if (is_new && others_.size() >= members_max) return;
  if (is_new && !directly && info.has_left) return;
  Member& member = others_[info.id];
  // What a server says of itself counts; of others it is hearsay, good for a first contact, and for
  // the news that one has left for good.
  if (is_new || directly) {
    const bool differs = member.info.cluster != info.cluster;
    member.info = std::move(info);
    member.rpc = *address;
    if (differs) changed_.notify();
  } else if (info.has_left && member.status == MemberStatus::failed) {
    member.info.has_left = true;
  }
  if (directly || is_new) member.heard = world_.clock.uptime();
  const MemberStatus status = member.info.has_left ? MemberStatus::left
                              : directly || is_new ? MemberStatus::alive
                                                   : member.status;
  if (is_new) log_.info("a server was found", {{"name", member.info.name}});
  if (is_new || std::exchange(member.status, status) != status) changed_.notify();
}

void Members::notice_silence() {
  const base::Duration now = world_.clock.uptime();
  for (auto& [id, member] : others_) {
    if (member.status != MemberStatus::alive || now - member.heard < silence_max) continue;
    member.status = MemberStatus::failed;
    log_.warn("a server is silent", {{"name", member.info.name}});
    changed_.notify();
  }
}

io::Task<void> Members::ask(consensus::ServerId id) {
  const io::Address address = others_.at(id).rpc;
  co_await join(address);
}

io::Task<base::Status> Members::join(io::Address address) {
  CO_TRY(const std::string answer, co_await connections_.call(std::move(address), "Server.Members",
                                                              message(), touch_timeout));
  co_return take(answer);
}

io::Task<void> Members::ask_again(consensus::ServerId id) {
  struct Done {
    bool& asking;
    ~Done() { asking = false; }
  } const done{asking_[id]};
  done.asking = true;
  co_await ask(id);
}

io::Task<void> Members::keep_in_touch() {
  while (true) {
    for (const auto& [id, member] : others_)
      if (member.status != MemberStatus::left && !asking_[id]) tasks_.spawn(ask_again(id));
    co_await world_.clock.sleep(world_.random.jitter(touch_interval, 0.2));
    notice_silence();
  }
}

bool Members::is_alone() const {
  return std::ranges::none_of(
      others_, [](const auto& entry) { return entry.second.status == MemberStatus::alive; });
}

/// One that knows us is enough, once there is a cluster. Before that two halves may have found
/// themselves and not each other: each address is asked until it has answered.
io::Task<void> Members::join_all() {
  std::set<std::string> answered;
  while (true) {
    for (const io::Address& address : join_.addresses) {
      const bool is_founded = !self_.info.cluster.is_nil();
      if (!is_alone() && (is_founded || answered.contains(address.to_string()))) continue;
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
    if (member.info.name != name && member.info.name + "." + member.info.region != name) continue;
    if (member.status == MemberStatus::alive)
      return base::invalid(fmt::format("{} is alive; stop it first", member.info.name));
    member.info.has_left = true;
    member.status = MemberStatus::left;
    changed_.notify();
    return {};
  }
  return base::fail(base::Code::not_found, fmt::format("no server has the name {}", name));
}

io::Task<void> Members::leave() {
  self_.info.has_left = true;
  std::vector<io::Address> addresses;
  for (const auto& [id, member] : others_)
    if (member.status == MemberStatus::alive) addresses.push_back(member.rpc);
  for (const io::Address& address : addresses)
    (void)co_await join(address);  // one that does not hear it finds out by silence
}

}  // namespace caravan::cluster
