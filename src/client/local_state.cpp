// SPDX-License-Identifier: Apache-2.0
#include "client/local_state.hpp"

#include <boost/asio/awaitable.hpp>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::client {
namespace {

constexpr unsigned secret_mode = 0600;  // task environments are in there
constexpr std::string_view task_prefix = "task.";

}  // namespace

LocalState::LocalState(io::Disk& disk, std::string folder, io::Logger log)
    : disk_(disk), folder_(std::move(folder)), log_(std::move(log)) {}

std::string LocalState::folder_of(const base::AllocId& alloc) const {
  return folder_ + "/" + alloc.to_string();
}

io::Task<base::Status> LocalState::save_alloc(const model::Allocation& alloc) {
  // The form in which servers send it: the job version and the allocation that points at it.
  wire::NodeAllocsReply stored;
  stored.jobs.push_back(*alloc.job);
  stored.changed.push_back(alloc);
  const std::string bytes = wire::encode(stored), folder = folder_of(alloc.id);
  CO_TRY_VOID(disk_.make_dirs(folder, 0700));
  co_return co_await disk_.replace_file(folder + "/alloc", bytes, secret_mode);
}

io::Task<base::Status> LocalState::save_task(const base::AllocId& alloc, const std::string& task,
                                             const TaskRecord& record) {
  const std::string bytes = wire::encode(record);
  const std::string path = folder_of(alloc) + "/" + std::string(task_prefix) + task;
  co_return co_await disk_.replace_file(path, bytes, secret_mode);
}

void LocalState::forget(const base::AllocId& alloc) {
  if (const base::Status removed = disk_.remove(folder_of(alloc)); !removed)
    log_.warn("cannot remove local state", {{"error", removed.error().message}});
}

base::Result<StoredAlloc> LocalState::read(const std::string& name) {
  const std::string folder = folder_ + "/" + name;
  TRY(const std::string bytes, disk_.read_file(folder + "/alloc"));
  TRY(wire::NodeAllocsReply stored, wire::decode_allocs_reply(bytes));
  if (stored.changed.size() != 1 || !stored.changed[0].job)
    return base::invalid(folder + "/alloc: not one allocation");
  StoredAlloc found{std::move(stored.changed[0]), {}};
  for (const model::Task& task : found.alloc.task_group().tasks) {
    const base::Result<std::string> text =
        disk_.read_file(folder + "/" + std::string(task_prefix) + task.name);
    if (!text) continue;  // it was never started
    TRY(found.tasks[task.name], wire::decode<TaskRecord>(*text));
  }
  return found;
}

std::vector<StoredAlloc> LocalState::load() {
  std::vector<StoredAlloc> list;
  const base::Result<std::vector<io::FileInfo>> names = disk_.list(folder_);
  if (!names) return list;
  for (const io::FileInfo& entry : *names) {
    if (!entry.is_dir) continue;
    base::Result<StoredAlloc> stored = read(entry.name);
    if (stored)
      list.push_back(*std::move(stored));
    else
      log_.error("cannot restore an allocation",
                 {{"alloc", entry.name}, {"error", stored.error().message}});
  }
  return list;
}

}  // namespace caravan::client
