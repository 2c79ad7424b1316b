// SPDX-License-Identifier: Apache-2.0
#include "consensus/test/voter_cluster.hpp"

#include <stdexcept>

namespace caravan::consensus::test {

VoterKnobs VoterKnobs::draw(std::mt19937_64& random) {
  const auto between = [&random](int low, int high) {
    return low + static_cast<int>(random() % static_cast<std::uint64_t>(high - low + 1));
  };
  VoterKnobs knobs{};
  knobs.loss = between(0, 1) * between(0, 200);
  knobs.duplicate = between(0, 1) * between(0, 100);
  knobs.delay_max = between(1, 120);
  // Syncs must often outlast a round trip, or acknowledging too early would go unnoticed.
  knobs.sync_max = between(0, 60) + between(0, 1) * between(0, 400);
  knobs.crash_every = between(1500, 8000);
  knobs.partition_every = between(1000, 6000);
  knobs.snapshot_every = between(20, 200);
  return knobs;
}

std::string VoterKnobs::to_string() const {
  return fmt::format("loss={} duplicate={} delay={} sync={} crash={} partition={} snapshot={}",
                     loss, duplicate, delay_max, sync_max, crash_every, partition_every,
                     snapshot_every);
}

void VoterCluster::Disk::write(const Write& write) {
  if (write.snapshot) {
    snapshot = *write.snapshot;
    truncated_index = snapshot.index;
    truncated_term = snapshot.term;
    entries.clear();
  }
  if (!write.entries.empty()) {
    entries.resize(write.entries.front().index - truncated_index - 1);
    entries.insert(entries.end(), write.entries.begin(), write.entries.end());
  }
  if (write.hard_state) hard_state = *write.hard_state;
}

void VoterCluster::Disk::compact(const SnapshotMeta& meta, Index index) {
  snapshot = meta;
  if (index <= truncated_index || index > truncated_index + entries.size()) return;
  const auto count = static_cast<std::ptrdiff_t>(index - truncated_index);
  truncated_term = entries[static_cast<std::size_t>(count) - 1].term;
  truncated_index = index;
  entries.erase(entries.begin(), entries.begin() + count);
}

VoterCluster::VoterCluster(std::uint64_t seed, int voters)
    : seed_(seed), random_(seed), knobs_(VoterKnobs::draw(random_)), servers_(voters) {
  ConfState conf;
  for (int i = 1; i <= voters; ++i) conf.voters.push_back(static_cast<ServerId>(i));
  for (Server& each : servers_) {
    each.id = static_cast<ServerId>(&each - servers_.data()) + 1;
    each.disk.snapshot.conf = conf;
    start(each);
  }
  at(knobs_.crash_every, Event::crash, 0);
  at(knobs_.partition_every, Event::partition, 0);
  at(1, Event::propose, 0);
}

void VoterCluster::at(std::int64_t delay, Event::Kind kind, ServerId id, std::string body,
                      std::size_t writes) {
  const std::uint64_t incarnation = id == 0 ? 0 : server(id).incarnation;
  events_.push({now_ + delay, seq_++, kind, id, incarnation, std::move(body), writes});
}

void VoterCluster::expect(bool holds, const std::string& promise) const {
  if (holds) return;
  throw std::logic_error(fmt::format("seed {} at {} ms: {} ({})", seed_, now_, promise,
                                     knobs_.to_string()));
}

void VoterCluster::mix(std::uint64_t word) { trace_ = (trace_ ^ word) * 1099511628211ull; }

void VoterCluster::start(Server& s) {
  ++s.incarnation;
  s.applied = s.disk.snapshot.index;
  s.state = s.disk.snapshot.index == 0 ? 0 : std::stoull(s.disk.snapshot.descriptor);
  EngineStart start;
  start.id = s.id;
  start.seed = random_();
  start.hard_state = s.disk.hard_state;
  start.hard_state.commit = std::max(start.hard_state.commit, s.disk.snapshot.index);
  start.snapshot = s.disk.snapshot;
  start.truncated_index = s.disk.truncated_index;
  start.truncated_term = s.disk.truncated_term;
  start.entries = s.disk.entries;
  start.limits.message_bytes_max = 512;  // small, so that catching up takes several messages
  auto engine = Engine::open(start);
  expect(engine.has_value(), "a server that crashed can start again");
  s.engine.emplace(*std::move(engine));
  at(1 + static_cast<std::int64_t>(below(50)), Event::tick, s.id);
  pump(s);
}

void VoterCluster::crash(Server& s) {
  if (!s.engine) return;
  s.engine.reset();
  ++s.incarnation;
  // Of what was not synced, some writes reached the platter and the rest did not.
  const std::size_t kept = below(2) * below(s.unsynced.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) s.disk.write(s.unsynced[i]);
  s.unsynced.clear();
  s.syncing = false;
  s.waiting.clear();
  at(50 + static_cast<std::int64_t>(below(2000)), Event::restart, s.id);
}

void VoterCluster::change_partition() {
  cut_.clear();
  const std::uint64_t shape = below(4);
  const ServerId one = 1 + below(servers_.size());
  for (const Server& other : servers_) {
    if (other.id == one || shape == 0) continue;
    if (shape != 1) cut_.insert({one, other.id});
    if (shape != 2) cut_.insert({other.id, one});
  }
  if (shape == 3 && below(2) == 0) {  // a bridge: one server still reaches both sides
    const ServerId bridge = one % servers_.size() + 1;
    cut_.erase({one, bridge});
    cut_.erase({bridge, one});
  }
}

void VoterCluster::send(const Server& from, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    mix(message.kind * 31 + message.to);
    const bool lost = cut_.contains({from.id, message.to}) ||
                      (faults_ && below(1000) < static_cast<std::uint64_t>(knobs_.loss));
    // Without a report the engine would wait for the snapshot's arrival for ever.
    if (message.is_snapshot()) server(from.id).engine->report_snapshot(message.to, !lost);
    if (lost) continue;
    const bool twice = faults_ && below(1000) < static_cast<std::uint64_t>(knobs_.duplicate);
    for (int copy = 0; copy <= twice; ++copy)
      at(1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(knobs_.delay_max))),
         Event::deliver, message.to, message.body);
  }
}

void VoterCluster::pump(Server& s) {
  while (auto output = s.engine->take_output()) {
    send(s, output->send_now);
    note_log(s, output->persist);
    for (const Entry& entry : output->apply) apply(s, entry);
    if (!output->apply.empty()) s.engine->applied(s.applied);
    s.unsynced.push_back({output->number, std::move(output->snapshot), std::move(output->persist),
                          output->hard_state, std::move(output->send_after)});
    begin_sync(s);
  }
  check(s);
}

void VoterCluster::begin_sync(Server& s) {
  if (s.syncing || s.unsynced.empty()) return;
  s.syncing = true;
  const auto time = below(static_cast<std::uint64_t>(knobs_.sync_max + 1));
  at(static_cast<std::int64_t>(time), Event::synced, s.id, {}, s.unsynced.size());
}

void VoterCluster::apply(Server& s, const Entry& entry) {
  expect(entry.index == s.applied + 1, "entries are applied in order, each once");
  s.applied = entry.index;
  s.state = (s.state ^ std::hash<std::string>{}(entry.data) ^ entry.term) * 1099511628211ull;
  if (entry.index <= committed_.size()) {
    const auto& [term, data] = committed_[entry.index - 1];
    expect(term == entry.term && data == entry.data, "a committed entry never changes");
  } else {
    expect(entry.index == committed_.size() + 1, "the committed log has no gaps");
    committed_.emplace_back(entry.term, entry.data);
    if (!entry.data.empty())
      expect(position_.emplace(entry.data, entry.index).second, "no proposal is committed twice");
  }
  if (s.waiting.erase(entry.data) == 1) acknowledged_.insert(entry.data);
}

void VoterCluster::install(Server& s, const SnapshotMeta& snapshot) {
  expect(snapshot.index > s.applied, "a snapshot never goes back");
  s.applied = snapshot.index;
  s.state = std::stoull(snapshot.descriptor);
  s.engine->applied(s.applied);
  ++installed_;
}

void VoterCluster::maybe_snapshot(Server& s) {
  if (s.applied < s.disk.snapshot.index + static_cast<Index>(knobs_.snapshot_every)) return;
  if (s.applied > s.disk.truncated_index + s.disk.entries.size()) return;  // not on disk yet
  SnapshotMeta meta = s.disk.snapshot;
  meta.index = s.applied;
  meta.term = committed_[s.applied - 1].first;
  meta.descriptor = std::to_string(s.state);
  const Index tail = 10;  // kept for followers that are only a little behind
  s.disk.compact(meta, meta.index - tail);
  s.engine->compact(meta, meta.index - tail);
}

void VoterCluster::note_log(const Server& s, const std::vector<Entry>& entries) {
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const auto [found, fresh] = log_.try_emplace({entry.index, entry.term}, entry.data,
                                                 entries[i - 1].term);
    expect(fresh || found->second == std::pair(entry.data, entries[i - 1].term),
           fmt::format("logs match at {} of server {}", entry.index, s.id));
  }
}

void VoterCluster::check(const Server& s) {
  const EngineStatus& status = s.engine->status();
  mix(status.term * 7 + status.commit * 131 + static_cast<std::uint64_t>(status.role));
  if (!status.is_leader()) return;
  const auto [found, fresh] = leader_of_term_.try_emplace(status.term, s.id);
  expect(found->second == s.id, fmt::format("term {} has one leader", status.term));
  if (fresh) expect(status.last_index >= committed_.size(), "a leader has all that is committed");
}

void VoterCluster::propose() {
  at(1 + static_cast<std::int64_t>(below(40)), Event::propose, 0);
  for (Server& s : servers_) {
    if (!proposing_ || !s.engine || !s.engine->status().is_leader()) continue;
    const std::string data = fmt::format("p{}", ++proposals_);
    if (s.engine->propose(data).has_value()) s.waiting.insert(data);
    pump(s);
  }
}

void VoterCluster::handle(const Event& event) {
  now_ = event.at;
  mix(event.kind * 1000003 + event.server + static_cast<std::uint64_t>(event.at) * 64);
  if (event.kind == Event::crash) {
    at(1 + static_cast<std::int64_t>(below(2 * static_cast<std::uint64_t>(knobs_.crash_every))),
       Event::crash, 0);
    if (faults_) crash(server(1 + below(servers_.size())));
    if (faults_ && below(3) == 0)
      for (Server& each : servers_) crash(each);
    return;
  }
  if (event.kind == Event::partition) {
    at(1 + static_cast<std::int64_t>(below(2 * static_cast<std::uint64_t>(knobs_.partition_every))),
       Event::partition, 0);
    if (faults_) change_partition();
    return;
  }
  if (event.kind == Event::propose) return propose();
  Server& s = server(event.server);
  if (event.kind == Event::restart) return start(s);
  if (!s.engine) return;
  if (event.kind == Event::deliver) {
    (void)s.engine->step(event.body);
    return pump(s);
  }
  if (event.incarnation != s.incarnation) return;
  if (event.kind == Event::tick) {
    at(50, Event::tick, s.id);
    s.engine->tick();
    return pump(s);
  }
  s.syncing = false;  // Event::synced
  const std::uint64_t number = s.unsynced[event.writes - 1].number;
  std::optional<SnapshotMeta> snapshot;
  for (std::size_t i = 0; i < event.writes; ++i) {
    Write& write = s.unsynced.front();
    s.disk.write(write);
    send(s, write.send_after);
    if (write.snapshot) snapshot = std::move(write.snapshot);
    s.unsynced.pop_front();
  }
  s.engine->persisted(number);
  if (snapshot) install(s, *snapshot);
  maybe_snapshot(s);
  begin_sync(s);
  pump(s);
}

void VoterCluster::run_with_faults(int ms) {
  const std::int64_t end = now_ + ms;
  while (events_.top().at <= end) {
    const Event event = events_.top();
    events_.pop();
    handle(event);
  }
}

bool VoterCluster::agreed() const {
  for (const Server& s : servers_)
    if (!s.engine || s.applied != servers_[0].applied || s.state != servers_[0].state) return false;
  return !proposing_ && servers_[0].applied == committed_.size();
}

void VoterCluster::heal_and_agree() {
  faults_ = false;
  cut_.clear();
  const std::size_t before = acknowledged_.size();
  const std::int64_t deadline = now_ + 30'000;
  while (!agreed()) {
    proposing_ = acknowledged_.size() < before + 5;  // they agree only once it is quiet
    expect(now_ < deadline, "once faults stop, everybody agrees within 30 s");
    const Event event = events_.top();
    events_.pop();
    handle(event);
  }
  for (const std::string& proposal : acknowledged_)
    expect(position_.contains(proposal), "no acknowledged proposal is lost");
}

}  // namespace caravan::consensus::test
