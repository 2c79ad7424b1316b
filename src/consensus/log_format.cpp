// SPDX-License-Identifier: Apache-2.0
#include "consensus/log_format.hpp"

#include <fmt/core.h>

#include "base/assert.hpp"
#include "consensus/bytes.hpp"
#include "consensus/crc32c.hpp"

namespace caravan::consensus {

void LogContents::forget(const LogPoint& point) {
  forgotten_ = std::max(forgotten_, point.index);
  if (point.index < truncated.index) return;
  const Index count = std::min<Index>(point.index - truncated.index, entries.size());
  entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count));
  truncated = point;
}

base::Status LogContents::append(Entry entry) {
  const bool gap = entry.index > last_index() + 1;
  if (entry.index <= forgotten_ || (gap && !entries.empty()))
    return base::invalid(
        fmt::format("entry {} does not follow {}..{}", entry.index, truncated.index, last_index()));
  if (gap || entry.index <= truncated.index) {
    truncated = {entry.index - 1, 0};
    entries.clear();
  }
  entries.resize(entry.index - truncated.index - 1);
  entries.push_back(std::move(entry));
  return {};
}

base::Status LogContents::apply(LogBatch batch) {
  if (batch.reset) {
    entries.clear();
    truncated = *batch.reset;
    forgotten_ = batch.reset->index;
  }
  if (batch.compact) forget(*batch.compact);
  for (Entry& entry : batch.entries)
    TRY_VOID(append(std::move(entry)));
  if (batch.hard_state) {
    if (batch.hard_state->term < hard_state.term)
      return base::invalid(
          fmt::format("term {} after term {}", batch.hard_state->term, hard_state.term));
    hard_state = *batch.hard_state;
  }
  return {};
}

base::Status LogContents::finish() const {
  if (truncated.index != forgotten_)
    return base::invalid(
        fmt::format("entries {}..{} are missing", forgotten_ + 1, truncated.index));
  if (hard_state.term == 0 && last_index() > 0)
    return base::invalid("there are entries, and no vote or term");
  return {};
}

namespace log_format {
namespace {

constexpr std::string_view segment_magic = "CrvLog01";
constexpr std::uint32_t frame_magic = 0x46767243;  // "CrvF"

enum class Item : std::uint8_t { reset = 1, compact = 2, entry = 3, hard_state = 4 };

void put_point(std::string& out, Item item, const LogPoint& point) {
  put(out, static_cast<std::uint8_t>(item));
  put(out, point.index);
  put(out, point.term);
}

}  // namespace

std::string segment_header(std::uint64_t first_frame) {
  std::string bytes(segment_magic);
  put(bytes, first_frame);
  put(bytes, crc32c(bytes));
  bytes.resize(segment_header_bytes);
  return bytes;
}

base::Result<std::uint64_t> parse_segment_header(std::string_view bytes) {
  ByteReader reader(bytes.substr(std::min(bytes.size(), segment_magic.size())));
  const auto first_frame = reader.get<std::uint64_t>();
  const auto crc = reader.get<std::uint32_t>();
  const auto padding = reader.get<std::uint32_t>();
  if (!reader.ok() || !bytes.starts_with(segment_magic))
    return base::invalid("not a log segment of version 01");
  if (crc != crc32c(bytes.substr(0, segment_magic.size() + 8)) || padding != 0)
    return base::invalid("segment header: checksum mismatch");
  return first_frame;
}

std::string encode_batch(const LogBatch& batch) {
  std::string out;
  if (batch.reset) put_point(out, Item::reset, *batch.reset);
  if (batch.compact) put_point(out, Item::compact, *batch.compact);
  for (const Entry& entry : batch.entries) {
    put_point(out, Item::entry, {entry.index, entry.term});
    put(out, static_cast<std::uint8_t>(entry.kind));
    put_bytes(out, entry.data);
  }
  if (batch.hard_state) {
    put(out, static_cast<std::uint8_t>(Item::hard_state));
    put(out, batch.hard_state->term);
    put(out, batch.hard_state->vote);
    put(out, batch.hard_state->commit);
  }
  return out;
}

base::Result<LogBatch> decode_batch(std::string_view payload) {
  LogBatch batch;
  ByteReader reader(payload);
  while (reader.ok() && !reader.at_end()) {
    const auto item = static_cast<Item>(reader.get<std::uint8_t>());
    const auto first = reader.get<std::uint64_t>();
    const auto second = reader.get<std::uint64_t>();
    switch (item) {
      case Item::reset:
        batch.reset = LogPoint{first, second};
        break;
      case Item::compact:
        batch.compact = LogPoint{first, second};
        break;
      case Item::entry: {
        const auto kind = static_cast<EntryKind>(reader.get<std::uint8_t>());
        batch.entries.push_back({first, second, kind, std::string(reader.bytes())});
        break;
      }
      case Item::hard_state:
        batch.hard_state = HardState{first, second, reader.get<std::uint64_t>()};
        break;
      default:
        return base::invalid("an item of unknown kind; written by a newer version?");
    }
  }
  if (!reader.ok()) return base::invalid("an item that ends too early");
  return batch;
}

std::size_t frame_bytes(std::size_t payload_bytes) {
  return (frame_header_bytes + payload_bytes + frame_end.size() + 7) / 8 * 8;
}

std::string frame(std::uint64_t number, std::string_view payload) {
  std::string bytes;
  bytes.reserve(frame_bytes(payload.size()));
  put(bytes, frame_magic);
  put(bytes, static_cast<std::uint32_t>(payload.size()));
  put(bytes, number);
  put(bytes, crc32c(payload));
  put(bytes, crc32c(bytes));
  bytes.append(payload);
  // The end mark comes last, after the padding: where it is missing, the write did not finish.
  bytes.resize(frame_bytes(payload.size()) - frame_end.size());
  bytes.append(frame_end);
  ASSERT(bytes.size() == frame_bytes(payload.size()));
  return bytes;
}

std::optional<FrameHeader> parse_frame_header(std::string_view bytes) {
  if (bytes.size() < frame_header_bytes) return std::nullopt;
  ByteReader reader(bytes.substr(0, frame_header_bytes));
  if (reader.get<std::uint32_t>() != frame_magic) return std::nullopt;
  FrameHeader header;
  header.payload_bytes = reader.get<std::uint32_t>();
  header.number = reader.get<std::uint64_t>();
  header.payload_crc = reader.get<std::uint32_t>();
  if (reader.get<std::uint32_t>() != crc32c(bytes.substr(0, frame_header_bytes - 4)))
    return std::nullopt;
  return header;
}

}  // namespace log_format
}  // namespace caravan::consensus
