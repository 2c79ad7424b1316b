// SPDX-License-Identifier: Apache-2.0
#include "cli/replay.hpp"

#include <optional>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "consensus/log_recovery.hpp"
#include "consensus/snapshot_file.hpp"
#include "scheduler/plan.hpp"

namespace caravan::cli {
namespace {

/// What the log says of one decision.
struct Decision {
  base::EvalId eval;
  std::uint64_t seen = 0, decided = 0;
  base::Instant time;
  wire::PlanResult plan;  // as it was committed; empty when the decision changed nothing
};

std::string parent(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

std::vector<std::string> lines_of(const wire::PlanResult& plan) {
  std::vector<std::string> lines;
  for (const model::Allocation& alloc : plan.placed) {
    std::vector<int> ports;
    for (const model::PortMapping& port : alloc.ports)
      ports.push_back(port.value);
    lines.push_back(
        fmt::format("place {} {} on {}{}{}", alloc.id.to_string(), alloc.name(), alloc.node_name,
                    ports.empty() ? "" : fmt::format(" ports {}", fmt::join(ports, ",")),
                    alloc.reserved_cores.empty()
                        ? ""
                        : fmt::format(" cores {}", fmt::join(alloc.reserved_cores, ","))));
  }
  for (const model::Allocation& alloc : plan.placed)
    for (const model::AllocatedDevice& given : alloc.devices)
      lines.push_back(fmt::format("give {} {}/{} {}", alloc.id.to_string(), given.task,
                                  model::device_group(given), fmt::join(given.ids, ",")));
  for (const wire::AllocStop& stop : plan.stopped)
    lines.push_back(fmt::format("stop {}{}{}", stop.alloc_id.to_string(),
                                stop.description.empty() ? "" : ": ", stop.description));
  if (plan.deployment)
    lines.push_back(fmt::format("deployment {}", plan.deployment->id.to_string()));
  for (const wire::DeploymentUpdate& update : plan.deployment_updates)
    lines.push_back(fmt::format("deployment {} {}", update.deployment_id.to_string(),
                                model::name_of(update.status)));
  for (const wire::DeploymentTotals& totals : plan.deployment_totals)
    lines.push_back(fmt::format("deployment {} {}: {} wanted, {} canaries",
                                totals.deployment_id.to_string(), totals.group,
                                totals.desired_total, totals.desired_canaries));
  std::ranges::sort(lines);
  return lines;
}

/// Applies the recording to a store, entry by entry, and lets `look` see each command first; until
/// it says to stop.
template <class Look>
base::Status play(const Recording& recording, state::Store& store, Look look) {
  TRY_VOID(store.restore(recording.state));
  for (const consensus::Entry& entry : recording.entries) {
    const state::Snapshot before = store.snapshot();
    if (entry.index <= before->log_index() || entry.kind != consensus::EntryKind::normal ||
        entry.data.empty())
      continue;
    const auto command = wire::decode_command(wire::carried(entry.data), before.get());
    if (command && !look(*before, entry.index + before->index_ahead, *command)) return {};
    store.apply(entry.index, entry.data);
  }
  return {};
}

/// Finds what was decided about one evaluation.
class Finder {
 public:
  explicit Finder(const std::string& prefix) : prefix_(prefix) {}

  void look(std::uint64_t index, const wire::Command& command) {
    const base::Instant time{command.time_ns};
    if (const auto* plans = command.body.as<wire::ApplyPlans>()) {
      for (const wire::PlanResult& plan : plans->plans) {
        if (is_meant(plan.eval_id)) pending_[plan.eval_id] = plan;
        look_at(plan.evals, index, time);
      }
    } else if (const auto* evals = command.body.as<wire::UpsertEvals>()) {
      look_at(evals->evals, index, time);
    }
  }
  const std::set<base::EvalId>& seen() const { return seen_; }
  const std::optional<Decision>& decision() const { return decision_; }

 private:
  bool is_meant(const base::EvalId& id) {
    if (!id.to_string().starts_with(prefix_)) return false;
    seen_.insert(id);
    return true;
  }
  /// The record of an evaluation says which state was seen, and stands with the plan, or behind it
  /// when only a part was committed.
  void look_at(const std::vector<model::Evaluation>& evals, std::uint64_t index,
               base::Instant time) {
    for (const model::Evaluation& eval : evals) {
      if (!is_meant(eval.id) || eval.snapshot_index == 0 || eval.snapshot_index >= index) continue;
      if (eval.status == model::EvalStatus::canceled || eval.status == model::EvalStatus::pending)
        continue;
      if (decision_ && decision_->eval == eval.id && decision_->seen == eval.snapshot_index)
        continue;  // written again, unchanged
      decision_ = Decision{eval.id, eval.snapshot_index, index, time, pending_[eval.id]};
      pending_.erase(eval.id);
    }
  }

  const std::string& prefix_;
  std::set<base::EvalId> seen_;
  std::map<base::EvalId, wire::PlanResult> pending_;
  std::optional<Decision> decision_;
};

}  // namespace

base::Result<Recording> Recording::read(io::Disk& disk, const std::string& snapshot,
                                        std::string log) {
  TRY(const std::string bytes, disk.read_file(snapshot));
  TRY(consensus::SnapshotFile file, consensus::decode_snapshot(snapshot, bytes));
  Recording recording{snapshot, std::move(file.state), file.meta.index, {}};
  const bool guessed = log.empty();
  if (guessed) log = parent(parent(snapshot)) + "/log";
  if (guessed && !disk.exists(log)) return recording;
  TRY(consensus::LogContents contents, consensus::read_log(disk, log));
  recording.entries = std::move(contents.entries);
  std::erase_if(recording.entries,
                [&](const consensus::Entry& entry) { return entry.index <= recording.index; });
  if (!recording.entries.empty() && recording.entries[0].index != recording.index + 1)
    return base::invalid(fmt::format("{}: begins with entry {}, and the snapshot ends with {}", log,
                                     recording.entries[0].index, recording.index));
  return recording;
}

base::Result<Replay> replay(const Recording& recording, const std::string& prefix) {
  state::Store store;
  Finder finder(prefix);
  TRY_VOID(play(recording, store, [&](const auto&, std::uint64_t index, const auto& command) {
    finder.look(index, command);
    return true;
  }));
  if (finder.seen().size() > 1)
    return base::invalid(fmt::format("{} evaluations begin with \"{}\"; give more of the id",
                                     finder.seen().size(), prefix));
  const std::optional<Decision>& decision = finder.decision();
  const std::string span = fmt::format("{} and the log behind it reach from index {} to {}",
                                       recording.path, recording.index, store.snapshot()->index);
  if (!decision)
    return base::fail(base::Code::not_found,
                      fmt::format("no decision about \"{}\": {}", prefix, span));
  if (decision->seen < recording.index)
    return base::fail(base::Code::not_found,
                      fmt::format("the decision saw index {}, which is before all that is there: "
                                  "{}; give an older snapshot, a server keeps two",
                                  decision->seen, span));
  state::Store again;
  std::optional<Replay> result;
  const auto decide = [&](const state::Tables& tables) {
    const state::Ref<model::Evaluation> eval = tables.eval(decision->eval);
    if (!eval) return;
    const scheduler::Outcome outcome = scheduler::schedule(tables, *eval, decision->time);
    result = Replay{decision->eval, decision->seen, decision->decided, lines_of(decision->plan),
                    lines_of(outcome.plan.result)};
  };
  TRY_VOID(play(recording, again,
                [&](const state::Tables& tables, std::uint64_t index, const wire::Command&) {
                  if (index <= decision->seen) return true;
                  decide(tables);
                  return false;
                }));
  if (!result)
    return base::fail(
        base::Code::not_found,
        fmt::format("the evaluation is not in the state at index {}", decision->seen));
  return *std::move(result);
}

}  // namespace caravan::cli
