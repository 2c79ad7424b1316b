// SPDX-License-Identifier: Apache-2.0
// Reads one segment strictly. A write that a crash interrupted is dropped; everything else that is
// not as it was written is an error that names the place, because a voter that forgets what it
// acknowledged breaks Raft's premise.
#pragma once

#include <functional>

#include "consensus/log_format.hpp"
#include "io/disk.hpp"

namespace caravan::consensus {

struct SegmentScan {
  std::uint64_t first_frame = 0;
  std::uint64_t next_frame = 0;
  std::uint64_t end = 0;  // offset after the last whole frame
  bool torn = false;      // something unfinished follows it
  Index index_max = 0;    // of all entries in it
};

/// Calls `visit` for each batch in order. `is_last`: only there may the end be torn.
/// Errors: invalid, with `path` and the offset.
base::Result<SegmentScan> scan_segment(const std::string& path, std::string_view bytes,
                                       bool is_last,
                                       const std::function<base::Status(LogBatch)>& visit);

/// All that the log in `folder` says, without touching it. Errors: invalid, io.
base::Result<LogContents> read_log(io::Disk& disk, const std::string& folder);

}  // namespace caravan::consensus
