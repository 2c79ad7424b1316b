// SPDX-License-Identifier: Apache-2.0
// A server's folder is a recording: a snapshot of the state and the log behind it. From both, the
// state that a scheduler saw is made again, and the scheduler is asked again.
#pragma once

#include <string>
#include <vector>

#include "consensus/engine.hpp"
#include "io/disk.hpp"
#include "state/store.hpp"

namespace caravan::cli {

struct Recording {
  std::string path;  // of the snapshot
  std::string state;
  std::uint64_t index = 0;  // of the state
  /// Behind it, all that the log has: what it says of commits is older than what was committed. The
  /// last ones of a server that died may have been no one's truth.
  std::vector<consensus::Entry> entries;

  /// `snapshot`: a file of a server's snapshots folder. `log`: its log folder; "" is the one beside
  /// the snapshots, if there is one. Reads only. Errors: invalid (damaged), io.
  static base::Result<Recording> read(io::Disk& disk, const std::string& snapshot, std::string log);
};

/// A decision as it was made, and as it is made again. Lines of what a plan does, sorted.
struct Replay {
  base::EvalId eval;
  std::uint64_t seen = 0, decided = 0;  // indexes: of the state it saw, of its own entry
  std::vector<std::string> was, is;
  bool same() const { return was == is; }
};

/// The last decision about an evaluation whose id begins with `prefix`. Errors: not_found (the
/// recording has no such decision, and why), invalid (several evaluations begin so).
base::Result<Replay> replay(const Recording& recording, const std::string& prefix);

}  // namespace caravan::cli
