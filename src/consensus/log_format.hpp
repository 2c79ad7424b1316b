// SPDX-License-Identifier: Apache-2.0
// The bytes of the log (docs/formats/log.md): segments of frames, a frame per batch, items in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "consensus/engine.hpp"

namespace caravan::consensus {

struct LogPoint {
  Index index = 0;
  Term term = 0;
  friend bool operator==(const LogPoint&, const LogPoint&) = default;
};

/// What one sync makes durable, all of it or nothing. Applied in the order of the members.
struct LogBatch {
  std::optional<LogPoint> reset;    // the log starts over behind a snapshot
  std::optional<LogPoint> compact;  // entries up to here are forgotten
  std::vector<Entry> entries;       // replace everything from the first one's index on
  std::optional<HardState> hard_state;
};

/// What the log says: the result of applying all batches.
struct LogContents {
  HardState hard_state;
  LogPoint truncated;
  std::vector<Entry> entries;  // from truncated.index + 1 on, without gaps
  /// Errors: invalid, when the batch does not fit what came before.
  base::Status apply(LogBatch batch);
  /// After the last batch. Errors: invalid, when entries are missing.
  base::Status finish() const;
  Index last_index() const { return truncated.index + entries.size(); }

 private:
  base::Status append(Entry entry);
  void forget(const LogPoint& point);
  // The oldest segments go once all of their entries are forgotten, so the next one may begin
  // behind a gap. A later batch has to say that the gap was forgotten: `truncated` is a guess until
  // then.
  Index forgotten_ = 0;
};

namespace log_format {

constexpr std::size_t segment_header_bytes = 24;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::string_view frame_end = "CrvE";  // no byte is zero
constexpr std::size_t sector_bytes = 512;       // what a disk writes whole

/// `first_frame` is the number of the first frame in it; frames are numbered through all segments.
std::string segment_header(std::uint64_t first_frame);
base::Result<std::uint64_t> parse_segment_header(std::string_view bytes);

std::string encode_batch(const LogBatch& batch);
base::Result<LogBatch> decode_batch(std::string_view payload);

/// Header, payload, end mark and padding to 8 bytes.
std::string frame(std::uint64_t number, std::string_view payload);
std::size_t frame_bytes(std::size_t payload_bytes);

struct FrameHeader {
  std::uint64_t number = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t payload_crc = 0;
};
/// Nothing when the header's own checksum is wrong.
std::optional<FrameHeader> parse_frame_header(std::string_view bytes);

}  // namespace log_format
}  // namespace caravan::consensus
