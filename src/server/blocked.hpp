// SPDX-License-Identifier: Apache-2.0
// Evaluations that wait for room. Pure. Each says which computed classes could take what it wants;
// when a node of such a class (or of a class nobody has judged yet) gains room, it is tried again.
#pragma once

#include <map>
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
  /// Those for which room came up between their snapshot and now.
  std::vector<model::Evaluation> take_missed();
  std::size_t size() const { return by_job_.size(); }
  void clear() { *this = BlockedEvals(); }

 private:
  static bool could_use(const model::Evaluation& eval, const std::string& computed_class);

  std::map<base::JobId, model::Evaluation> by_job_;
  std::map<std::string, std::uint64_t> room_since_;  // class → index of the newest gain
  std::vector<model::Evaluation> missed_;
};

}  // namespace caravan::server
