// SPDX-License-Identifier: Apache-2.0
#include "consensus/engine.hpp"

#include "base/assert.hpp"
#include "consensus/engine/caravan_engine.h"
#include "consensus/engine_values.hpp"

namespace caravan::consensus {

namespace {

std::string error_of(CaravanNode* node) { return std::string(to_view(caravan_engine_error(node))); }

CaravanConfig to_config(const EngineStart& start, const PlainSnapshot& snapshot,
                        const std::vector<CaravanEntry>& entries) {
  CaravanConfig config{};
  config.id = start.id;
  config.applied = start.snapshot.index;
  config.hard_state = {start.hard_state.term, start.hard_state.vote, start.hard_state.commit};
  config.truncated_index = start.truncated_index;
  config.truncated_term = start.truncated_term;
  config.snapshot = snapshot.plain;
  config.entries = {entries.data(), entries.size()};
  config.election_ticks = start.limits.election_ticks;
  config.heartbeat_ticks = start.limits.heartbeat_ticks;
  config.message_bytes_max = start.limits.message_bytes_max;
  config.inflight_max = start.limits.inflight_max;
  config.uncommitted_bytes_max = start.limits.uncommitted_bytes_max;
  config.apply_bytes_max = start.limits.apply_bytes_max;
  return config;
}

}  // namespace

base::Result<Engine> Engine::open(const EngineStart& start) {
  const PlainSnapshot snapshot(start.snapshot);
  std::vector<CaravanEntry> entries;
  entries.reserve(start.entries.size() + 1);
  Index expected = start.truncated_index;
  for (const Entry& entry : start.entries) {
    if (entry.index != ++expected)
      return base::invalid(fmt::format("log: entry {} where {} belongs", entry.index, expected));
    entries.push_back(to_plain(entry));
  }
  entries.reserve(1);  // so that data() is not null, which Rust's slices forbid
  const CaravanConfig config = to_config(start, snapshot, entries);
  char error[512];
  CaravanNode* node = caravan_engine_create(&config, error, sizeof error);
  if (node == nullptr) return base::invalid(fmt::format("consensus engine: {}", error));
  return Engine(node, start);
}

Engine::Engine(CaravanNode* node, const EngineStart& start)
    : node_(node),
      generator_(start.seed ^ (start.id * 0x9e3779b97f4a7c15)),
      election_ticks_base_(start.limits.election_ticks),
      election_ticks_(election_ticks_base_ + draw() % election_ticks_base_) {
  settle(CARAVAN_OK);
}

Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

void Engine::Closer::operator()(CaravanNode* node) const { caravan_engine_destroy(node); }

// splitmix64: the draws only have to differ between servers and replay with the seed.
std::uint64_t Engine::draw() {
  std::uint64_t z = generator_ += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

int Engine::settle(int code, bool ticked) {
  const EngineStatus before = status_;
  CaravanStatus now{};
  if (code != CARAVAN_BROKEN) {
    if (caravan_engine_status(node_.get(), &now) == CARAVAN_BROKEN) code = CARAVAN_BROKEN;
  }
  if (code == CARAVAN_BROKEN)
    base::assertion_failed(error_of(node_.get()).c_str(), "consensus/engine", 0);
  status_ = to_status(now);
  // The engine draws its timeout from the thread's generator whenever it resets itself. Ours goes
  // over it after each input, and changes when an election started or the role, term or leader did.
  const bool election = ticked && !status_.is_leader() && now.election_elapsed == 0;
  if (election || status_.role != before.role || status_.term != before.term ||
      status_.leader != before.leader)
    election_ticks_ = election_ticks_base_ + draw() % election_ticks_base_;
  const std::size_t longest = 2 * election_ticks_base_ - 1;  // that the engine takes
  caravan_engine_set_election_ticks(node_.get(), holds_back_ ? longest : election_ticks_);
  return code;
}

void Engine::tick() {
  if (installing_ == 0) settle(caravan_engine_tick(node_.get()), true);
}

base::Status Engine::step(std::string_view body) {
  if (installing_ != 0) return {};
  if (settle(caravan_engine_step(node_.get(), to_bytes(body))) == CARAVAN_REFUSED)
    return base::invalid(error_of(node_.get()));
  return {};
}

base::Status Engine::propose(std::string_view data) {
  // A follower would forward it, and nobody would know what became of it.
  if (!status_.is_leader()) return base::fail(base::Code::unavailable, "No cluster leader");
  if (settle(caravan_engine_propose(node_.get(), to_bytes(data))) != CARAVAN_OK)
    return base::fail(base::Code::unavailable, error_of(node_.get()));
  return {};
}

base::Status Engine::propose_change(const std::vector<Change>& changes) {
  if (!status_.is_leader()) return base::fail(base::Code::unavailable, "No cluster leader");
  std::vector<CaravanChange> plain;
  for (const Change& change : changes)
    plain.push_back({static_cast<std::uint8_t>(change.kind), change.node});
  plain.reserve(1);
  const CaravanChanges list{plain.data(), plain.size()};
  if (settle(caravan_engine_propose_change(node_.get(), list, to_bytes(""))) != CARAVAN_OK)
    return base::fail(base::Code::unavailable, error_of(node_.get()));
  return {};
}

base::Result<ConfState> Engine::apply_change(const Entry& entry) {
  CaravanConfState plain{};
  const auto kind = static_cast<std::uint8_t>(entry.kind);
  const int code = caravan_engine_apply_change(node_.get(), kind, to_bytes(entry.data), &plain);
  if (code == CARAVAN_REFUSED) return base::invalid(error_of(node_.get()));
  ConfState conf = code == CARAVAN_OK ? to_conf(plain) : ConfState();
  settle(code);
  return conf;
}

void Engine::campaign() { settle(caravan_engine_campaign(node_.get())); }

void Engine::read_index(std::string_view context) {
  settle(caravan_engine_read_index(node_.get(), to_bytes(context)));
}

void Engine::more_follows(bool on) { settle(caravan_engine_more_follows(node_.get(), on)); }

void Engine::transfer_leader(ServerId to) {
  settle(caravan_engine_transfer_leader(node_.get(), to));
}

void Engine::report_unreachable(ServerId peer) {
  settle(caravan_engine_report_unreachable(node_.get(), peer));
}

void Engine::report_snapshot(ServerId to, bool arrived) {
  settle(caravan_engine_report_snapshot(node_.get(), to, arrived));
}

std::optional<Output> Engine::take_output() {
  CaravanOutput plain{};
  const int code = caravan_engine_take_output(node_.get(), &plain);
  std::optional<Output> output;
  if (code == CARAVAN_OK) output = to_output(plain);
  settle(code);
  if (output && output->snapshot) installing_ = output->snapshot->index;
  return output;
}

void Engine::persisted(std::uint64_t number) {
  settle(caravan_engine_persisted(node_.get(), number));
}

void Engine::applied(Index index) {
  settle(caravan_engine_applied(node_.get(), index));
  if (index >= installing_) installing_ = 0;
}

void Engine::compact(const SnapshotMeta& snapshot, Index compact) {
  const PlainSnapshot plain(snapshot);
  settle(caravan_engine_compact(node_.get(), &plain.plain, compact));
}

base::Result<Message> Engine::inspect(std::string_view body) {
  CaravanMessage plain{};
  std::string descriptor;
  const auto copy = [](void* sink, CaravanBytes bytes) {
    static_cast<std::string*>(sink)->assign(to_view(bytes));
  };
  if (caravan_engine_inspect(to_bytes(body), &plain, &descriptor, copy) != CARAVAN_OK)
    return base::invalid("not a consensus message");
  Message message = to_message(plain);
  message.descriptor = std::move(descriptor);
  return message;
}

}  // namespace caravan::consensus
