// SPDX-License-Identifier: Apache-2.0
#include "cluster/autopilot.hpp"

#include <algorithm>

namespace caravan::cluster {
namespace {

using namespace std::chrono_literals;
using Change = consensus::Engine::Change;
using Kind = consensus::Engine::ChangeKind;

constexpr base::Duration look_interval = 500ms;
constexpr base::Duration status_timeout = 1s;

/// Whether the voters are still a quorum of themselves when that one is gone, counting the living.
bool may_go(const std::vector<consensus::ServerId>& voters, consensus::ServerId gone,
            const std::vector<Member>& members) {
  std::size_t left = 0, alive = 0;
  for (const consensus::ServerId voter : voters) {
    if (voter == gone) continue;
    ++left;
    alive += std::ranges::any_of(members, [&](const Member& member) {
      return member.info.id == voter && member.status == MemberStatus::alive;
    });
  }
  // The change itself needs a quorum of those who vote now.
  return alive > left / 2 && alive > voters.size() / 2;
}

}  // namespace

std::vector<Change> next_change(const consensus::ConfState& conf, consensus::ServerId self,
                                const std::vector<Member>& members,
                                const std::map<consensus::ServerId, Progress>& progress,
                                const model::AutopilotConfig& rules, base::Duration dead_after,
                                base::Duration now) {
  if (!conf.voters_outgoing.empty()) return {};
  for (const Member& member : members) {
    const consensus::ServerId id = member.info.id;
    const bool votes = conf.has_voter(id), learns = conf.has_learner(id);
    if (id == self || (!votes && !learns)) continue;
    const bool left = member.status == MemberStatus::left;
    const bool dead = rules.cleanup_dead_servers && conf.voters.size() > rules.min_quorum &&
                      member.status == MemberStatus::failed && now - member.heard > dead_after;
    if ((left || dead) && (learns || may_go(conf.voters, id, members))) return {{Kind::remove, id}};
  }
  for (const Member& member : members) {
    const consensus::ServerId id = member.info.id;
    if (member.status != MemberStatus::alive || conf.has_voter(id)) continue;
    if (!conf.has_learner(id)) return {{Kind::add_learner, id}};
    const auto known = progress.find(id);
    if (known != progress.end() && known->second.well_since >= 0s &&
        now - known->second.well_since >= rules.stabilization)
      return {{Kind::add_voter, id}};
  }
  return {};
}

std::vector<Member> forgotten(const consensus::ConfState& conf, const std::vector<Member>& members,
                              base::Duration since) {
  std::vector<Member> all;
  for (const auto* ids : {&conf.voters, &conf.learners})
    for (const consensus::ServerId id : *ids) {
      if (std::ranges::any_of(members, [&](const Member& m) { return m.info.id == id; })) continue;
      Member& member = all.emplace_back();
      member.info.id = id;
      member.status = MemberStatus::failed;
      member.heard = since;
    }
  return all;
}

std::optional<wire::LogVersion> known_by_all(const consensus::ConfState& conf,
                                             const std::vector<Member>& members) {
  std::optional<wire::LogVersion> least;
  for (const auto* ids : {&conf.voters, &conf.voters_outgoing, &conf.learners})
    for (const consensus::ServerId id : *ids) {
      const auto known =
          std::ranges::find_if(members, [&](const Member& m) { return m.info.id == id; });
      if (known == members.end()) return {};
      least = std::min(least.value_or(known->info.log_version), known->info.log_version);
    }
  return least;
}

Autopilot::Autopilot(io::World& world, Members& members, rpc::Connections& connections,
                     consensus::Replica& replica, AutopilotConfig config, io::Logger log)
    : world_(world),
      members_(members),
      connections_(connections),
      replica_(replica),
      config_(std::move(config)),
      log_(std::move(log)),
      tasks_(world.executor.lane(io::Lane::main)) {}

void Autopilot::start() { tasks_.spawn(run()); }
io::Task<void> Autopilot::stop() { co_await tasks_.stop(); }

io::Task<void> Autopilot::look_at(const Member& member) {
  const consensus::ServerId id = member.info.id;
  const auto answer = co_await connections_.call(member.rpc, "Server.Status", "", status_timeout);
  const auto status = answer ? wire::decode<wire::ServerStatus>(*answer)
                             : base::Result<wire::ServerStatus>(std::unexpected(answer.error()));
  Progress& known = progress_[id];
  if (status) known.applied = status->applied;
  // Over a connection to a server of this region, as it has proved; gossip proves nothing of that.
  known.is_proven = known.is_proven || (status && status->cluster == members_.self().cluster);
  const bool well = status && status->leader == members_.self().id && !status->slow_disk &&
                    status->applied + config_.now().trailing_max >= replica_.commit_index();
  if (!well)
    known.well_since = base::Duration(-1);
  else if (known.well_since < 0s)
    known.well_since = world_.clock.uptime();
}

/// One that is not in the log yet and has not shown that it is what gossip says of it.
bool Autopilot::is_unproven(const Member& member) const {
  const consensus::ServerId id = member.info.id;
  const consensus::ConfState& conf = replica_.members();
  if (conf.has_voter(id) || conf.has_learner(id)) return false;
  const auto known = progress_.find(id);
  return known == progress_.end() || !known->second.is_proven;
}

/// One that is not in the log yet and would stop at the first command that it does not know.
bool Autopilot::is_too_old(const Member& member) {
  const consensus::ServerId id = member.info.id;
  const consensus::ConfState& conf = replica_.members();
  if (!config_.log_version || conf.has_voter(id) || conf.has_learner(id))
    return false;
  const wire::LogVersion needed = config_.log_version();
  if (member.info.log_version >= needed) return false;
  if (told_too_old_.insert(id).second)
    log_.warn("a server is too old to take part",
              {{"server", member.info.name},
               {"log_version", std::to_string(member.info.log_version)},
               {"needed", std::to_string(needed)}});
  return true;
}

bool Autopilot::is_changing() const {
  return change_term_ != 0 && change_term_ == replica_.term() &&
         before_change_ == replica_.members();
}

io::Task<void> Autopilot::run() {
  while (true) {
    co_await world_.clock.sleep(look_interval);
    if (!replica_.is_leader()) {
      progress_.clear();
      leading_since_ = base::Duration(-1);
      continue;
    }
    if (leading_since_ < 0s) leading_since_ = world_.clock.uptime();
    for (const Member& member : members_.list_ours())
      if (member.info.id != members_.self().id && member.status == MemberStatus::alive &&
          member.info.cluster == members_.self().cluster)
        co_await look_at(member);
    std::vector<Member> ours = members_.list_ours();
    const std::vector<Member> unknown = forgotten(replica_.members(), ours, leading_since_);
    std::erase_if(ours, [&](const Member& member) {
      return member.info.cluster != members_.self().cluster || is_unproven(member) ||
             is_too_old(member);
    });
    ours.insert(ours.end(), unknown.begin(), unknown.end());
    const auto changes = next_change(replica_.members(), members_.self().id, ours, progress_,
                                     config_.now(), config_.dead_after, world_.clock.uptime());
    if (changes.empty() || !replica_.is_leader()) continue;
    before_change_ = replica_.members();
    const base::Status proposed = replica_.change_members(changes);
    change_term_ = proposed ? replica_.term() : 0;
    const Member* member = members_.find(changes[0].node);
    log_.info("the log's members change",
              {{"server", member ? member->info.name : std::to_string(changes[0].node)},
               {"change", changes[0].kind == Kind::remove        ? "remove"
                          : changes[0].kind == Kind::add_learner ? "learner"
                                                                 : "voter"},
               {"error", proposed ? "" : proposed.error().message}});
  }
}

}  // namespace caravan::cluster
