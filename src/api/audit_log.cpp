// SPDX-License-Identifier: Apache-2.0
#include "api/audit_log.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::api {
namespace {

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return base::glob_match(pattern, text);
         });
}

/// "/var/audit/audit.log" as folder, "audit" and ".log".
struct Parts {
  std::string folder, stem, ending;
};
Parts parts_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  Parts parts{path.substr(0, slash), path.substr(slash + 1), ""};
  if (const std::size_t dot = parts.stem.rfind('.'); dot != std::string::npos && dot > 0) {
    parts.ending = parts.stem.substr(dot);
    parts.stem.resize(dot);
  }
  return parts;
}

/// Of a file that was put aside: when. Nothing of other files.
std::optional<long long> put_aside_at(const Parts& parts, std::string_view name) {
  const std::string prefix = parts.stem + "-";
  if (!name.starts_with(prefix) || !name.ends_with(parts.ending)) return std::nullopt;
  name.remove_prefix(prefix.size());
  if (name.size() <= parts.ending.size()) return std::nullopt;
  name.remove_suffix(parts.ending.size());
  const base::Result<long long> at = base::parse_int(name);
  if (!at) return std::nullopt;
  return *at;
}

}  // namespace

bool AuditFilter::matches(std::string_view endpoint, std::string_view stage,
                          std::string_view operation) const {
  return matches_any(endpoints, endpoint) && matches_any(stages, stage) &&
         matches_any(operations, operation);
}

AuditLog::AuditLog(io::World& world, std::vector<AuditFilter> filters, std::string key,
                   std::string agent, io::Logger log)
    : world_(world),
      filters_(std::move(filters)),
      key_(std::move(key)),
      agent_(std::move(agent)),
      log_(std::move(log)) {}

base::Result<std::unique_ptr<AuditLog>> AuditLog::open(io::World& world,
                                                       std::vector<AuditSink> sinks,
                                                       std::vector<AuditFilter> filters,
                                                       std::string key, std::string agent,
                                                       io::Logger log) {
  std::unique_ptr<AuditLog> made(
      new AuditLog(world, std::move(filters), std::move(key), std::move(agent), std::move(log)));
  for (AuditSink& sink : sinks) {
    Open& open = made->open_.emplace_back();
    open.sink = std::move(sink);
    TRY_VOID(world.disk.make_dirs(parts_of(open.sink.path).folder, 0700));
    TRY_VOID(made->open_file(open));
  }
  return made;
}

base::Status AuditLog::open_file(Open& open) {
  TRY(open.file, world_.disk.open_own(open.sink.path, open.sink.mode));
  TRY(open.size, open.file->size());
  open.since = world_.clock.uptime();
  if (open.size == 0) return {};
  TRY(const std::string last, open.file->read_at(open.size - 1, 1));
  if (last == "\n") return {};
  // The agent ended in the middle of an entry; what comes next begins a line of its own.
  TRY_VOID(open.file->write_at(open.size, "\n"));
  ++open.size;
  return {};
}

bool AuditLog::wants(std::string_view endpoint, std::string_view stage,
                     std::string_view operation) const {
  return std::ranges::none_of(filters_, [&](const AuditFilter& filter) {
    return filter.matches(endpoint, stage, operation);
  });
}

base::Status AuditLog::write(std::string_view entry) {
  const std::string line = std::string(entry) + "\n";
  base::Status all;
  const std::lock_guard lock(mutex_);
  for (Open& open : open_) {
    const base::Status written = append(open, line);
    if (!written && !open.complained)
      log_.error("the audit log cannot be written",
                 {{"path", open.sink.path}, {"error", written.error().message}});
    open.complained = !written;
    if (!written && open.sink.enforced) all = written;
  }
  return all;
}

base::Status AuditLog::append(Open& open, std::string_view line) {
  if (!open.file) TRY_VOID(open_file(open));
  const AuditSink& sink = open.sink;
  const bool is_full = sink.rotate_bytes > 0 && open.size + line.size() > sink.rotate_bytes;
  const bool is_old =
      sink.rotate_after.count() > 0 && world_.clock.uptime() - open.since >= sink.rotate_after;
  if (open.size > 0 && (is_full || is_old)) TRY_VOID(rotate(open));
  const base::Status written = open.file->write_at(open.size, line);
  if (written)
    open.size += line.size();
  else
    (void)open.file->truncate(open.size);  // what there is of the line; its error says enough
  return written;
}

base::Status AuditLog::rotate(Open& open) {
  const Parts parts = parts_of(open.sink.path);
  open.file.reset();
  const std::string aside =
      fmt::format("{}/{}-{}{}", parts.folder, parts.stem, now().unix_ns, parts.ending);
  TRY_VOID(world_.disk.rename(open.sink.path, aside));
  delete_old(open.sink);
  return open_file(open);
}

void AuditLog::delete_old(const AuditSink& sink) {
  if (sink.files_max == 0) return;
  const Parts parts = parts_of(sink.path);
  const base::Result<std::vector<io::FileInfo>> files = world_.disk.list(parts.folder);
  if (!files) return;
  std::vector<std::pair<long long, std::string>> aside;
  for (const io::FileInfo& file : *files)
    if (const std::optional<long long> at = put_aside_at(parts, file.name); at && !file.is_dir)
      aside.emplace_back(*at, file.name);
  std::ranges::sort(aside);
  for (std::size_t i = 0; i + sink.files_max < aside.size(); ++i)
    if (const base::Status gone = world_.disk.remove(parts.folder + "/" + aside[i].second); !gone)
      log_.warn("an old audit log cannot be deleted", {{"error", gone.error().message}});
}

}  // namespace caravan::api
