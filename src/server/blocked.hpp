// SPDX-License-Identifier: Apache-2.0
// Evaluations that wait for room. Pure. Each says which computed classes could take what it wants;
// when a node of such a class (or of a class nobody has judged yet) gains room, it is tried again.
// Others wait for a quota to have room, or for what they depend on.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/evaluation.hpp"

namespace caravan::server {

class BlockedEvals {
 public:
  /// Keeps one evaluation per job, the newest; the one it replaces is returned, for the caller to
  /// cancel. When room came up after the evaluation's snapshot was taken, it is not kept but
  /// returned by the next take_missed().
  std::vector<model::Evaluation> block(const model::Evaluation& eval);
  /// The job has been evaluated anew, or is gone.
  void forget(const base::JobId& job);
  /// A node of this class has more room since `index`: those that it could serve.
  std::vector<model::Evaluation> unblock(const std::string& computed_class, std::uint64_t index);
  /// The quota has more room since `index`: those that it kept back.
  std::vector<model::Evaluation> unblock_quota(const std::string& quota, std::uint64_t index);
  /// Of those that wait for something else to be healthy, the ones that `goes_on` says yes to.
  std::vector<model::Evaluation> unblock_waiting(
      const std::function<bool(const model::Evaluation&)>& goes_on);
  /// Those for which room came up between their snapshot and now.
  std::vector<model::Evaluation> take_missed();
  /// Those that keep something back now.
  std::set<std::string> quotas() const;
  std::size_t size() const { return by_job_.size(); }
  void clear() { *this = BlockedEvals(); }

 private:
  static bool could_use(const model::Evaluation& eval, const std::string& computed_class);

  std::map<base::JobId, model::Evaluation> by_job_;
  std::set<base::JobId>
      waiting_;  // jobs whose evaluation waits for others, and some that do no more
  std::vector<model::Evaluation> take(
      const std::function<bool(const model::Evaluation&)>& is_meant);
  bool is_missed(const model::Evaluation& eval) const;

  std::map<std::string, std::uint64_t> room_since_;  // class → index of the newest gain
  std::map<std::string, std::uint64_t> quota_room_since_;
  std::vector<model::Evaluation> missed_;
};

}  // namespace caravan::server
