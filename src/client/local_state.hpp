// SPDX-License-Identifier: Apache-2.0
// What a node writes down so that the agent may end at any moment: the allocations it was given,
// and for each task its state and the run that is (or is about to be) alive. One folder per
// allocation, each file replaced atomically and synced before the step that it announces.
#pragma once

#include <map>

#include "io/world.hpp"
#include "wire/command.hpp"

namespace caravan::client {

/// How a run ended, from its end until what follows from it is written down.
struct OpenExit {
  bool is_open = false;
  int code = 0, signal = 0;
  bool oom = false;
  std::string error;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, OpenExit& e) {
  v(1, "IsOpen", e.is_open);
  v(2, "Code", e.code);
  v(3, "Signal", e.signal);
  v(4, "OOM", e.oom);
  v(5, "Error", e.error);
  v.unknown(e.unknown);
}

/// A token that proves what the task is, for a task that is started anew while no server answers.
struct HeldToken {
  std::string token;
  base::Instant renew_at;  // zero: it lasts as long as the allocation
  base::Unknown unknown;
};
template <class V>
void fields(V& v, HeldToken& t) {
  v(1, "Token", t.token);
  v(2, "RenewAt", t.renew_at);
  v.unknown(t.unknown);
}

/// A task's memory.
struct TaskRecord {
  std::string run;         // the driver's name of the newest run; "" before the first
  std::uint64_t runs = 0;  // how many were reserved
  bool run_ended = false;  // and its end was acted on
  model::TaskState state;
  int restarts_in_window = 0;
  base::Instant window_start;
  bool artifacts_done = false;  // fetched once per allocation
  OpenExit exit;
  base::Instant first_started;                  // when its first run began
  std::map<std::string, HeldToken> identities;  // by name
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TaskRecord& r) {
  v(1, "Run", r.run);
  v(2, "Runs", r.runs);
  v(3, "RunEnded", r.run_ended);
  v(4, "State", r.state);
  v(5, "RestartsInWindow", r.restarts_in_window);
  v(6, "WindowStart", r.window_start);
  v(7, "ArtifactsDone", r.artifacts_done);
  v(8, "Exit", r.exit);
  v(9, "FirstStarted", r.first_started);
  v(10, "Identities", r.identities);
  v.unknown(r.unknown);
}

struct StoredAlloc {
  model::Allocation alloc;
  std::map<std::string, TaskRecord> tasks;
};

class LocalState {
 public:
  LocalState(io::Disk& disk, std::string folder, io::Logger log);

  /// Everything that was written; what cannot be read is logged and left out.
  std::vector<StoredAlloc> load();
  io::Task<base::Status> save_alloc(const model::Allocation& alloc);
  io::Task<base::Status> save_task(const base::AllocId& alloc, const std::string& task,
                                   const TaskRecord& record);
  void forget(const base::AllocId& alloc);

 private:
  std::string folder_of(const base::AllocId& alloc) const;
  base::Result<StoredAlloc> read(const std::string& name);

  io::Disk& disk_;
  std::string folder_;
  io::Logger log_;
};

}  // namespace caravan::client
