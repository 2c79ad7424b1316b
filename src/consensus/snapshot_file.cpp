// SPDX-License-Identifier: Apache-2.0
#include "consensus/snapshot_file.hpp"

#include <fmt/core.h>

#include "consensus/bytes.hpp"
#include "consensus/crc32c.hpp"
#include "io/durable_dirs.hpp"
#include "io/task.hpp"

namespace caravan::consensus {
namespace {

constexpr std::string_view magic = "CrvSnp01";
constexpr std::size_t block_bytes = 1 << 20;  // each with a checksum, so that damage has a place
constexpr std::string_view snapshot_suffix = ".snapshot", incoming_suffix = ".incoming";

void put_ids(std::string& out, const std::vector<ServerId>& ids) {
  put(out, static_cast<std::uint32_t>(ids.size()));
  for (const ServerId id : ids)
    put(out, id);
}

std::vector<ServerId> get_ids(ByteReader& reader) {
  std::vector<ServerId> ids;
  for (auto count = reader.get<std::uint32_t>(); count > 0 && reader.ok(); --count)
    ids.push_back(reader.get<ServerId>());
  return ids;
}

std::string encode_header(const SnapshotFile& file) {
  std::string header;
  put(header, file.meta.index);
  put(header, file.meta.term);
  put(header, file.state_hash);
  put(header, static_cast<std::uint64_t>(file.state.size()));
  for (const auto* ids : {&file.meta.conf.voters, &file.meta.conf.learners,
                          &file.meta.conf.voters_outgoing, &file.meta.conf.learners_next})
    put_ids(header, *ids);
  put(header, static_cast<std::uint8_t>(file.meta.conf.auto_leave));
  return header;
}

}  // namespace

std::string encode_snapshot(const SnapshotFile& file) {
  std::string bytes(magic);
  const std::string header = encode_header(file);
  put_bytes(bytes, header);
  put(bytes, crc32c(bytes));
  for (std::size_t at = 0; at < file.state.size(); at += block_bytes) {
    const std::string_view block = std::string_view(file.state).substr(at, block_bytes);
    bytes.append(block);
    put(bytes, crc32c(block));
  }
  return bytes;
}

base::Result<SnapshotFile> decode_snapshot(const std::string& path, std::string_view bytes) {
  const auto damaged = [&](std::size_t at, std::string_view what) {
    return base::invalid(fmt::format("{}: offset {}: {}", path, at, what));
  };
  if (!bytes.starts_with(magic)) return damaged(0, "not a snapshot of version 01");
  ByteReader outer(bytes.substr(magic.size()));
  const std::string_view header = outer.bytes();
  const std::size_t header_end = magic.size() + 4 + header.size();
  if (outer.get<std::uint32_t>() != crc32c(bytes.substr(0, header_end)) || !outer.ok())
    return damaged(0, "header: checksum mismatch");
  ByteReader reader(header);
  SnapshotFile file;
  file.meta.index = reader.get<Index>();
  file.meta.term = reader.get<Term>();
  file.state_hash = reader.get<std::uint64_t>();
  const auto size = reader.get<std::uint64_t>();
  for (auto* ids : {&file.meta.conf.voters, &file.meta.conf.learners,
                    &file.meta.conf.voters_outgoing, &file.meta.conf.learners_next})
    *ids = get_ids(reader);
  file.meta.conf.auto_leave = reader.get<std::uint8_t>() != 0;
  if (!reader.ok()) return damaged(magic.size(), "header: too short");
  std::size_t at = header_end + 4;
  while (file.state.size() < size) {
    const std::size_t want = std::min<std::uint64_t>(block_bytes, size - file.state.size());
    if (bytes.size() - at < want + 4) return damaged(at, "the file ends too early");
    const std::string_view block = bytes.substr(at, want);
    if (ByteReader(bytes.substr(at + want)).get<std::uint32_t>() != crc32c(block))
      return damaged(at, "block: checksum mismatch");
    file.state.append(block);
    at += want + 4;
  }
  if (at != bytes.size()) return damaged(at, "there is more than one snapshot's bytes");
  return file;
}

std::string SnapshotDir::path(Index index) const {
  return fmt::format("{}/{:016x}{}", dir_, index, snapshot_suffix);
}

std::string SnapshotDir::incoming_path(Index index) const {
  return fmt::format("{}/{:016x}{}", dir_, index, incoming_suffix);
}

io::Task<base::Status> SnapshotDir::make() {
  co_return co_await io::make_durable_dirs(disk_, dir_);
}

io::Task<base::Status> SnapshotDir::write(SnapshotFile file) {
  const std::string target = path(file.meta.index);
  const std::string bytes = encode_snapshot(file);
  CO_TRY_VOID(co_await disk_.replace_file(target, bytes, 0600));
  co_return co_await remove_old();
}

io::Task<base::Status> SnapshotDir::adopt(Index index) {
  CO_TRY_VOID(disk_.rename(incoming_path(index), path(index)));
  CO_TRY_VOID(co_await disk_.sync_dir(dir_));
  co_return co_await remove_old();
}

io::Task<base::Result<std::optional<SnapshotFile>>> SnapshotDir::write_piece(Index index,
                                                                             std::uint64_t offset,
                                                                             std::string bytes,
                                                                             bool last) {
  const std::string path = incoming_path(index);
  CO_TRY(const std::unique_ptr<io::File> file, disk_.open(path, true));
  if (offset == 0) CO_TRY_VOID(file->truncate(0));
  CO_TRY_VOID(file->write_at(offset, bytes));
  if (!last) co_return std::optional<SnapshotFile>();
  CO_TRY_VOID(co_await file->sync());
  CO_TRY_VOID(co_await disk_.sync_dir(dir_));
  CO_TRY(const std::string whole, disk_.read_file(path));
  CO_TRY(SnapshotFile decoded, decode_snapshot(path, whole));
  if (decoded.meta.index != index) co_return base::invalid(path + ": another snapshot's bytes");
  co_return std::optional(std::move(decoded));
}

base::Result<std::vector<Index>> SnapshotDir::list() {
  TRY(const std::vector<io::FileInfo> files, disk_.list(dir_));
  std::vector<Index> indexes;
  for (const io::FileInfo& file : files)
    if (file.name.ends_with(snapshot_suffix))
      indexes.insert(indexes.begin(), std::strtoull(file.name.c_str(), nullptr, 16));
  return indexes;
}

base::Result<SnapshotFile> SnapshotDir::load(Index index) {
  TRY(const std::string bytes, disk_.read_file(path(index)));
  return decode_snapshot(path(index), bytes);
}

io::Task<base::Status> SnapshotDir::remove_old() {
  CO_TRY(const std::vector<Index> indexes, list());
  for (std::size_t i = keep; i < indexes.size(); ++i)
    CO_TRY_VOID(disk_.remove(path(indexes[i])));
  co_return base::Status();
}

io::Task<base::Status> SnapshotDir::clean() {
  CO_TRY(const std::vector<io::FileInfo> files, disk_.list(dir_));
  for (const io::FileInfo& file : files)
    if (file.name.ends_with(incoming_suffix) || file.name.ends_with(".new"))
      CO_TRY_VOID(disk_.remove(dir_ + "/" + file.name));
  co_return co_await disk_.sync_dir(dir_);
}

}  // namespace caravan::consensus
