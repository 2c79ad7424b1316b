// SPDX-License-Identifier: Apache-2.0
// What users do to jobs. Each write is one log entry: never a job without its evaluation.
#pragma once

#include <optional>

#include "server/dry_run.hpp"
#include "server/fleets.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

struct JobRequest {
  model::Job job;
  std::optional<std::uint64_t>
      enforce_index;  // the JobModifyIndex it must still have; 0 = must be new
  bool preserve_counts = false, preserve_resources = false;  // of groups and tasks that exist
  int eval_priority = 0;                                     // 0 = the job's
  std::string source, source_format;
};

struct JobReply {
  base::EvalId eval_id;
  std::uint64_t eval_create_index = 0, job_modify_index = 0, index = 0;
  std::string warnings;
};

/// Several complaints as one text: "2 errors occurred:\n\t* …".
std::string error_list(const std::vector<std::string>& lines);

struct JobStop {
  bool purge = false;
  int eval_priority = 0;  // 0: the job's
  bool no_shutdown_delay = false;
};

class Jobs {
 public:
  Jobs(io::World& world, state::Store& store, Proposals& proposals, Fleets& fleets)
      : world_(world), store_(store), proposals_(proposals), fleets_(fleets) {}

  /// All that speaks against the job, as one text: "2 errors occurred:\n\t* …". "" when nothing
  /// does.
  static std::string complaints(const model::Job& job);

  /// Errors: invalid (complaints), conflict (enforce_index), and those of a proposal.
  io::Task<base::Result<JobReply>> submit(JobRequest request);
  /// Errors: not_found, and those of a proposal.
  io::Task<base::Result<JobReply>> stop(base::JobId id, JobStop how);
  /// What submit() would do, on the pool. Errors: invalid.
  io::Task<base::Result<DryRun>> plan(DryRunRequest request);
  /// Submits an earlier version anew. Errors: not_found, invalid (it is the current one), conflict
  /// (`prior_version` is not the current one), and those of submit().
  io::Task<base::Result<JobReply>> revert(base::JobId id, std::uint64_t version,
                                          std::optional<std::uint64_t> prior_version);
  /// Says whether a version is one that auto_revert may come back to. Errors: not_found.
  io::Task<base::Result<JobReply>> set_stable(base::JobId id, std::uint64_t version, bool stable);
  /// Gives a version a name, by which it is kept and found. Errors: not_found, invalid (no name, or
  /// another version has it).
  io::Task<base::Result<JobReply>> tag(base::JobId id, std::uint64_t version,
                                       model::JobVersionTag tag);
  /// Errors: not_found.
  io::Task<base::Result<JobReply>> untag(base::JobId id, std::string name);
  /// Looks at the job again.
  io::Task<base::Result<JobReply>> evaluate(base::JobId id, bool force_reschedule);
  /// Ends an allocation and has it replaced. Errors: not_found.
  io::Task<base::Result<JobReply>> stop_alloc(base::AllocId id, bool no_shutdown_delay);
  io::Task<base::Result<JobReply>> set_eligibility(base::NodeId id, bool eligible,
                                                   std::vector<base::EvalId>& evals);

 private:
  io::Task<base::Status> hurry(base::JobId id);

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  Fleets& fleets_;
};

}  // namespace caravan::server
