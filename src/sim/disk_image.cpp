// SPDX-License-Identifier: Apache-2.0
#include "sim/disk_image.hpp"

#include <fmt/core.h>

#include "base/assert.hpp"

namespace caravan::sim {
namespace {

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_under(const std::string& path, const std::string& dir) {
  return path.size() > dir.size() && path.starts_with(dir) && path[dir.size()] == '/';
}

std::unexpected<base::Error> missing(const std::string& path) {
  return base::fail(base::Code::not_found, path + ": no such file or directory");
}

}  // namespace

void Inode::apply(std::string& bytes, const Change& change) {
  if (change.kind == Change::resize) return bytes.resize(change.offset);
  if (bytes.size() < change.offset + change.bytes.size())
    bytes.resize(change.offset + change.bytes.size());
  bytes.replace(change.offset, change.bytes.size(), change.bytes);
}

void Inode::change(Change change) {
  apply(bytes, change);
  unsynced.push_back(std::move(change));
}

void Inode::sync(std::uint64_t until) {
  std::size_t count = 0;
  while (synced_changes < until && count < unsynced.size()) {
    apply(durable, unsynced[count++]);
    ++synced_changes;
  }
  unsynced.erase(unsynced.begin(), unsynced.begin() + static_cast<std::ptrdiff_t>(count));
}

void Inode::forget(std::uint64_t until) {
  const std::uint64_t covered = until - std::min(until, synced_changes);
  const auto count = std::min<std::uint64_t>(covered, unsynced.size());
  unsynced.erase(unsynced.begin(), unsynced.begin() + static_cast<std::ptrdiff_t>(count));
  synced_changes += count;
}

base::Result<std::shared_ptr<Inode>> DiskImage::open(const std::string& path, bool create) {
  const auto found = names_.find(path);
  if (found != names_.end()) {
    if (!found->second.inode) return base::fail(base::Code::io, path + ": is a directory");
    return found->second.inode;
  }
  if (!create || !names_.contains(parent(path))) return missing(path);
  const auto inode = std::make_shared<Inode>();
  TRY_VOID(change_name({parent(path), path, {}, NameChange::add, {inode}}));
  return inode;
}

base::Status DiskImage::room_for(std::uint64_t bytes) {
  if (capacity != ~0ull && used() + bytes > capacity)
    return base::fail(base::Code::io, "no space left on device");
  return {};
}

base::Status DiskImage::write(Inode& inode, std::uint64_t offset, std::string_view bytes) {
  TRY_VOID(boundary());
  const std::uint64_t end = offset + bytes.size();
  if (end > inode.bytes.size()) TRY_VOID(room_for(end - inode.bytes.size()));
  inode.change({Inode::Change::write, offset, std::string(bytes)});
  return {};
}

base::Status DiskImage::resize(Inode& inode, std::uint64_t size) {
  TRY_VOID(boundary());
  if (size > inode.bytes.size()) TRY_VOID(room_for(size - inode.bytes.size()));
  inode.change({Inode::Change::resize, size, {}});
  return {};
}

void DiskImage::apply(Names& names, const NameChange& change) {
  if (change.kind == NameChange::add) {
    names[change.path] = change.name;
    return;
  }
  Names moved;
  for (auto it = names.begin(); it != names.end();) {
    if (it->first != change.path && !is_under(it->first, change.path)) {
      ++it;
      continue;
    }
    if (change.kind == NameChange::move)
      moved[change.target + it->first.substr(change.path.size())] = it->second;
    it = names.erase(it);
  }
  for (auto& [path, name] : moved) names[path] = name;
}

base::Status DiskImage::boundary() {
  const auto asked = at_boundary;  // it may replace itself
  if (asked && !asked()) return base::fail(base::Code::io, "the power is gone");
  return {};
}

base::Status DiskImage::change_name(NameChange change) {
  TRY_VOID(boundary());
  apply(names_, change);
  unsynced_.push_back(std::move(change));
  return {};
}

base::Status DiskImage::remove(const std::string& path) {
  if (!names_.contains(path)) return missing(path);
  return change_name({parent(path), path, {}, NameChange::drop, {}});
}

base::Status DiskImage::rename(const std::string& from, const std::string& to) {
  if (!names_.contains(from)) return missing(from);
  if (!names_.contains(parent(to))) return missing(parent(to));
  return change_name({parent(to), from, to, NameChange::move, {}});
}

base::Status DiskImage::make_dirs(const std::string& path) {
  for (std::size_t slash = 1; slash != std::string::npos && slash <= path.size();) {
    const std::size_t next = path.find('/', slash);
    const std::string dir = path.substr(0, next);
    const auto found = names_.find(dir);
    if (found == names_.end()) {
      TRY_VOID(change_name({parent(dir), dir, {}, NameChange::add, {}}));
    } else if (found->second.inode) {
      return base::fail(base::Code::io, dir + ": not a directory");
    }
    slash = next == std::string::npos ? next : next + 1;
  }
  return {};
}

base::Status DiskImage::sync(Inode& inode, std::uint64_t until) {
  TRY_VOID(boundary());
  if (random.chance(sync_failures)) {
    inode.forget(until);
    return base::fail(base::Code::io, "input/output error");
  }
  inode.sync(until);
  ++syncs;
  return boundary();
}

base::Status DiskImage::sync_dir(const std::string& path) {
  TRY_VOID(boundary());
  std::erase_if(unsynced_, [&](const NameChange& change) {
    if (change.dir != path) return false;
    apply(durable_, change);
    return true;
  });
  return boundary();
}

base::Result<std::vector<io::FileInfo>> DiskImage::list(const std::string& path) const {
  const auto found = names_.find(path);
  if (found == names_.end() || found->second.inode) return missing(path);
  std::vector<io::FileInfo> files;
  for (const auto& [each, name] : names_)
    if (each != "/" && each != path && parent(each) == path)
      files.push_back({each.substr(each.rfind('/') + 1), !name.inode,
                       name.inode ? name.inode->bytes.size() : 0});
  return files;
}

std::uint64_t DiskImage::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, name] : names_)
    if (name.inode) bytes += name.inode->bytes.size();
  return bytes;
}

base::Duration DiskImage::sync_time() {
  const base::Duration time = random.between(knobs.sync_min, knobs.sync_max);
  return random.chance(knobs.sync_spike) ? time * 10 : time;
}

// Either a first part of the write arrived, or some of its sectors did.
void DiskImage::tear(std::string& durable, Inode::Change& change) {
  if (random.chance(500)) {
    change.bytes.resize(random.below(change.bytes.size() + 1));
    return Inode::apply(durable, change);
  }
  constexpr std::uint64_t sector = 512;
  const std::uint64_t end = change.offset + change.bytes.size();
  for (std::uint64_t at = change.offset; at < end;) {
    const std::uint64_t next = std::min(end, (at / sector + 1) * sector);
    if (random.chance(500))
      Inode::apply(durable, {Inode::Change::write, at,
                             change.bytes.substr(at - change.offset, next - at)});
    at = next;
  }
}

void DiskImage::power_cut() {
  // Names reach the disk in the order of the journal: some first part of them.
  const auto kept = static_cast<std::size_t>(
      random.between(0, static_cast<std::int64_t>(unsynced_.size())));
  for (std::size_t i = 0; i < kept; ++i) apply(durable_, unsynced_[i]);
  unsynced_.clear();
  durable_["/"] = {};
  std::erase_if(durable_, [&](const auto& each) {
    return each.first != "/" && !durable_.contains(parent(each.first));
  });
  names_ = durable_;
  for (auto& [path, name] : names_) {
    if (!name.inode) continue;
    // Programs of the past may still hold the old contents; they write into the void.
    const auto after = std::make_shared<Inode>();
    after->durable = std::move(name.inode->durable);
    for (Inode::Change& change : name.inode->unsynced) {
      if (random.chance(knobs.dropped)) continue;
      if (change.kind == Inode::Change::write && random.chance(knobs.torn))
        tear(after->durable, change);
      else
        Inode::apply(after->durable, change);
    }
    after->bytes = after->durable;
    durable_[path].inode = after;
    name.inode = after;
  }
}

void DiskImage::flip_bit(const std::string& path, std::uint64_t offset, int bit) {
  Inode& inode = *names_.at(path).inode;
  ASSERT(offset < inode.bytes.size());
  inode.bytes[offset] = static_cast<char>(inode.bytes[offset] ^ 1 << bit);
  if (offset < inode.durable.size())
    inode.durable[offset] = static_cast<char>(inode.durable[offset] ^ 1 << bit);
}

}  // namespace caravan::sim
