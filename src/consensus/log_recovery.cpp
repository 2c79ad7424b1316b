// SPDX-License-Identifier: Apache-2.0
#include "consensus/log_recovery.hpp"

#include <fmt/core.h>

#include "consensus/crc32c.hpp"

namespace caravan::consensus {

using namespace log_format;

namespace {

bool is_zero(std::string_view bytes) { return bytes.find_first_not_of('\0') == bytes.npos; }

// The file was zero before the write. A disk writes sectors whole, so an interrupted write leaves
// whole sectors of zeros, or zeros to its end; a damaged one leaves a wrong bit among right ones.
bool has_zero_sector(std::string_view bytes, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin / sector_bytes * sector_bytes; at < end; at += sector_bytes) {
    const std::size_t from = std::max(at, begin), to = std::min(at + sector_bytes, end);
    // The part of a sector that an earlier frame shares was rewritten with it: it counts if ours is
    // 0.
    if (to - from >= frame_header_bytes && is_zero(bytes.substr(from, to - from))) return true;
  }
  return false;
}

std::optional<FrameHeader> whole_frame(std::string_view bytes, std::size_t at) {
  const auto header = parse_frame_header(bytes.substr(at));
  if (!header) return std::nullopt;
  const std::size_t size = frame_bytes(header->payload_bytes);
  if (size > bytes.size() - at) return std::nullopt;
  const std::string_view payload = bytes.substr(at + frame_header_bytes, header->payload_bytes);
  const std::size_t padding = at + frame_header_bytes + payload.size();
  const std::size_t mark = at + size - frame_end.size();
  if (crc32c(payload) != header->payload_crc || bytes.substr(mark, frame_end.size()) != frame_end ||
      !is_zero(bytes.substr(padding, mark - padding)))
    return std::nullopt;
  return header;
}

// Batches are synced one at a time, so a whole frame behind a broken one proves that the broken one
// had been synced.
bool later_frame(std::string_view bytes, std::size_t from, std::uint64_t number) {
  for (std::size_t at = from; at + frame_header_bytes <= bytes.size(); at += 8) {
    const auto header = whole_frame(bytes, at);
    if (header && header->number > number) return true;
  }
  return false;
}

bool is_torn(std::string_view bytes, std::size_t at) {
  const auto header = parse_frame_header(bytes.substr(at));
  if (!header) {
    const std::size_t end = std::min(bytes.size(), at + frame_header_bytes);
    const std::size_t border = (at / sector_bytes + 1) * sector_bytes;
    // Cut inside the header, or one of the sectors that it lies in never arrived.
    return (is_zero(bytes.substr(end)) && bytes[end - 1] == 0) ||
           is_zero(bytes.substr(at, std::min(border, end) - at)) ||
           (border < end && is_zero(bytes.substr(border, sector_bytes)));
  }
  const std::size_t end = at + frame_bytes(header->payload_bytes);
  if (end > bytes.size()) return false;
  return bytes[end - 1] == 0 || has_zero_sector(bytes, at, end);
}

}  // namespace

base::Result<SegmentScan> scan_segment(const std::string& path, std::string_view bytes,
                                       bool is_last,
                                       const std::function<base::Status(LogBatch)>& visit) {
  const auto damaged = [&](std::size_t at, const std::string& what) {
    return base::invalid(fmt::format("{}: offset {}: {}", path, at, what));
  };
  const auto first = parse_segment_header(bytes);
  if (!first) return damaged(0, first.error().message);
  SegmentScan scan{*first, *first, segment_header_bytes};
  while (scan.end < bytes.size()) {
    const auto header = whole_frame(bytes, scan.end);
    if (!header) break;
    if (header->number != scan.next_frame)
      return damaged(scan.end,
                     fmt::format("frame {} where {} belongs", header->number, scan.next_frame));
    auto batch = decode_batch(bytes.substr(scan.end + frame_header_bytes, header->payload_bytes));
    if (!batch) return damaged(scan.end, batch.error().message);
    for (const Entry& entry : batch->entries)
      scan.index_max = std::max(scan.index_max, entry.index);
    if (const base::Status visited = visit(*std::move(batch)); !visited)
      return damaged(scan.end, visited.error().message);
    scan.end += frame_bytes(header->payload_bytes);
    ++scan.next_frame;
  }
  if (is_zero(bytes.substr(scan.end))) return scan;
  if (!is_last) return damaged(scan.end, "a damaged frame in a finished segment");
  if (later_frame(bytes, scan.end, scan.next_frame))
    return damaged(scan.end, "a damaged frame before whole ones");
  if (!is_torn(bytes, scan.end)) return damaged(scan.end, "a damaged frame");
  scan.torn = true;
  return scan;
}

base::Result<LogContents> read_log(io::Disk& disk, const std::string& folder) {
  LogContents contents;
  TRY(const std::vector<io::FileInfo> files, disk.list(folder));
  std::vector<std::string> paths;
  for (const io::FileInfo& file : files)
    if (file.name.ends_with(".log")) paths.push_back(folder + "/" + file.name);
  for (const std::string& path : paths) {
    TRY(const std::string bytes, disk.read_file(path));
    const auto visit = [&](LogBatch batch) { return contents.apply(std::move(batch)); };
    TRY_VOID(scan_segment(path, bytes, &path == &paths.back(), visit));
  }
  TRY_VOID(contents.finish());
  return contents;
}

}  // namespace caravan::consensus
