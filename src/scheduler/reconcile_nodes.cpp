// SPDX-License-Identifier: Apache-2.0
#include "scheduler/reconcile_nodes.hpp"

#include <algorithm>

#include "scheduler/disconnect.hpp"
#include "scheduler/tasks_updated.hpp"

namespace caravan::scheduler {
namespace {

using model::ClientStatus;

/// One group, step by step.
class ByNode {
 public:
  ByNode(const GroupQuestion& q, const Suitable& nodes)
      : q_(q), nodes_(nodes), ready_(nodes.ready.begin(), nodes.ready.end()) {}

  GroupDiff decide(const std::vector<AllocRef>& allocs) {
    diff_.settled = true;
    diff_.total = q_.group.count > 0 ? static_cast<int>(nodes_.ready.size()) : 0;
    for (const AllocRef& alloc : allocs)
      if (alloc->group == q_.group.name) sort(alloc);
    find_old();
    diff_.canaries = canaries_wanted();
    keep_current();
    replace_old();
    if (q_.group.count > 0) fill();
    diff_.counts.stop = diff_.stop.size();
    diff_.counts.disconnect = diff_.silent.size();
    diff_.settled = diff_.settled && diff_.place.empty() && diff_.canaries == 0;
    return std::move(diff_);
  }

 private:
  bool is_of_rollout(const model::Allocation& alloc) const {
    return q_.deployment && alloc.deployment_id == q_.deployment->id;
  }

  void ended(const AllocRef& alloc) {
    AllocRef& last = last_[alloc->node_id];
    if (!last || last->create_index < alloc->create_index) last = alloc;
  }

  void sort_client_terminal(const AllocRef& alloc) {
    // A sysbatch copy ran, well or not; it runs again only for a newer job, or when it was ended
    // for the sake of others.
    const bool was_preempted = alloc->desired_status == model::DesiredStatus::evict;
    if (q_.job.type == model::JobType::sysbatch && !was_preempted && !is_older(q_, *alloc))
      served_.insert(alloc->node_id);
    ended(alloc);
  }

  /// Remembers who is served, and ends what must not go on.
  void sort(const AllocRef& alloc) {
    if (alloc->client_terminal()) return sort_client_terminal(alloc);
    const Silence silence = silence_of(q_.tables, *alloc, q_.now);
    if (alloc->server_terminal()) {
      ended(alloc);
      if (silence.kind != Silence::Kind::heard)
        diff_.stop.push_back({alloc, alloc->desired_description, ClientStatus::lost});
    } else if (silence.kind == Silence::Kind::lost) {
      ended(alloc);
      diff_.stop.push_back({alloc, why::lost, ClientStatus::lost});
    } else if (silence.kind != Silence::Kind::heard) {
      // Its place is on its node, and nowhere else: it is waited for.
      served_.insert(alloc->node_id);
      if (silence.kind == Silence::Kind::begins)
        diff_.silent.push_back({alloc, silence.until});
      else
        ++diff_.counts.ignore;
    } else if (alloc->desired_transition.migrate.value_or(false)) {
      ended(alloc);
      diff_.stop.push_back({alloc, why::migrating, {}});
    } else if (q_.group.count == 0 || !nodes_.suits(alloc->node_id)) {
      diff_.stop.push_back({alloc, why::not_needed, {}});
    } else {
      running_.push_back(alloc);
      served_.insert(alloc->node_id);
    }
  }

  /// What a newer version replaces, in the order in which it does: canaries of rollouts that came
  /// to nothing first, so that the same nodes have the trouble again.
  void find_old() {
    for (const AllocRef& alloc : running_)
      if (is_older(q_, *alloc) && needs_replacement(*alloc->job, q_.job, q_.group.name) &&
          ready_.contains(alloc->node_id))
        old_.push_back(alloc);
    std::ranges::sort(old_, [](const AllocRef& a, const AllocRef& b) {
      if (a->is_canary() != b->is_canary()) return a->is_canary();
      if (a->job->version != b->job->version) return a->job->version > b->job->version;
      return a->node_id < b->node_id;
    });
  }

  /// The node has a canary of this rollout, or had one that has to be placed again.
  int canaries_there() const {
    const auto is_one = [&](const AllocRef& alloc) {
      return is_of_rollout(*alloc) && alloc->is_canary();
    };
    auto there = std::ranges::count_if(running_, is_one);
    for (const auto& [node, alloc] : last_)
      if (ready_.contains(node) && !served_.contains(node) && is_one(alloc)) ++there;
    return static_cast<int>(there);
  }

  int canaries_wanted() const {
    const int possible = canaries_there() + static_cast<int>(old_.size());
    if (q_.rollout) {
      if (!q_.rollout->awaits_promotion()) return 0;
      return q_.deployment ? std::max(std::min(q_.rollout->desired_canaries, possible), 1)
                           : q_.rollout->desired_canaries;
    }
    const std::optional<model::UpdateStrategy>& update = q_.group.update;
    if (q_.job.type != model::JobType::system || !update || update->max_parallel == 0) return 0;
    // Going back to what runs everywhere else needs no canaries.
    const auto is_settled = [](const AllocRef& alloc) { return !alloc->is_canary(); };
    if (std::ranges::none_of(old_, is_settled)) return 0;
    const int share = (diff_.total * std::min(update->canary, 100) + 99) / 100;
    return std::min(share, possible);
  }

  void keep_current() {
    for (const AllocRef& alloc : running_) {
      if (!is_older(q_, *alloc)) {
        ++diff_.counts.ignore;
        const bool counts = is_of_rollout(*alloc) && ready_.contains(alloc->node_id);
        if (counts && alloc->health() != true) diff_.settled = false;
      } else if (!needs_replacement(*alloc->job, q_.job, q_.group.name)) {
        diff_.in_place.push_back(alloc);
        ++diff_.counts.in_place;
      } else if (!ready_.contains(alloc->node_id)) {
        ++diff_.counts.ignore;  // until its node takes something new
      }
    }
  }

  /// How many may be replaced right now; one that is unwell holds everything.
  int update_room() const {
    if (!q_.group.update || q_.group.update->max_parallel == 0)
      return static_cast<int>(old_.size());
    if (q_.halted) return 0;
    int room = q_.group.update->max_parallel;
    for (const AllocRef& alloc : running_) {
      if (!is_of_rollout(*alloc)) continue;
      if (alloc->health() == false) return 0;
      if (!alloc->health()) --room;
    }
    if (diff_.canaries > 0) room = std::min(room, diff_.canaries - canaries_there());
    return std::max(room, 0);
  }

  void replace_old() {
    int room = update_room();
    for (const AllocRef& alloc : old_) {
      if (room-- <= 0) {
        ++diff_.counts.ignore;
        diff_.settled = false;
        diff_.waits = true;
        continue;
      }
      const bool canary = diff_.canaries > 0;
      diff_.place.push_back(
          {.previous = alloc, .replaces = true, .canary = canary, .node = alloc->node_id});
      ++(canary ? diff_.counts.canary : diff_.counts.destructive);
    }
  }

  state::Ref<model::Job> oldest_running() const {
    state::Ref<model::Job> oldest;
    for (const AllocRef& alloc : old_)
      if (!oldest || alloc->job->version < oldest->version) oldest = alloc->job;
    return oldest;
  }

  void fill() {
    for (const base::NodeId& node : nodes_.ready)
      if (!served_.contains(node)) fill(node);
  }

  void fill(const base::NodeId& node) {
    Wanted wanted{.node = node};
    const auto found = last_.find(node);
    const AllocRef last = found == last_.end() ? nullptr : found->second;
    if (diff_.canaries > 0) {
      // Until somebody promotes the canaries, a node gets again what it had. One that had nothing
      // waits, and when the rollout has failed, it gets what the others have.
      if (last && !is_older(q_, *last))
        wanted.canary = last->is_canary() && is_of_rollout(*last);
      else if (last && last->job->find_group(q_.group.name))
        wanted.job = last->job;
      else if (!q_.deployment)
        wanted.job = oldest_running();
      else
        return;
    }
    diff_.place.push_back(std::move(wanted));
    ++diff_.counts.place;
  }

  const GroupQuestion& q_;
  const Suitable& nodes_;
  const std::set<base::NodeId> ready_;
  GroupDiff diff_;
  std::vector<AllocRef> running_, old_;    // old_: those of running_ that are to be replaced
  std::set<base::NodeId> served_;          // nothing is to be placed there
  std::map<base::NodeId, AllocRef> last_;  // the newest that has ended on each node
};

}  // namespace

GroupDiff reconcile_nodes(const GroupQuestion& question, const std::vector<AllocRef>& allocs,
                          const Suitable& nodes) {
  return ByNode(question, nodes).decide(allocs);
}

}  // namespace caravan::scheduler
