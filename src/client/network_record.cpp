// SPDX-License-Identifier: Apache-2.0
#include "client/network_record.hpp"

#include <boost/asio/awaitable.hpp>

#include "wire/node_rpc.hpp"

namespace caravan::client {

NetworkRecords::NetworkRecords(io::Disk& disk, std::string folder, io::Logger log)
    : disk_(disk), folder_(std::move(folder)), log_(std::move(log)) {}

std::string NetworkRecords::folder(const base::AllocId& alloc) const {
  return folder_ + "/" + alloc.to_string();
}

base::Result<NetworkRecord> NetworkRecords::find(const base::AllocId& alloc) {
  TRY(const std::string bytes, disk_.read_file(folder(alloc) + "/record"));
  return wire::decode<NetworkRecord>(bytes);
}

std::vector<NetworkRecord> NetworkRecords::all() {
  std::vector<NetworkRecord> list;
  const base::Result<std::vector<io::FileInfo>> names = disk_.list(folder_);
  if (!names) return list;
  for (const io::FileInfo& entry : *names) {
    const base::Result<base::AllocId> id = base::AllocId::parse(entry.name);
    if (!id) continue;
    base::Result<NetworkRecord> record = find(*id);
    if (record)
      list.push_back(*std::move(record));
    else
      log_.error("cannot read a network's record",
                 {{"alloc", entry.name}, {"error", record.error().message}});
  }
  return list;
}

io::Task<base::Status> NetworkRecords::save(const NetworkRecord& record) {
  const std::string bytes = wire::encode(record), path = folder(record.alloc_id);
  CO_TRY_VOID(disk_.make_dirs(path, 0700));
  co_return co_await disk_.replace_file(path + "/record", bytes, 0600);
}

void NetworkRecords::forget(const base::AllocId& alloc) {
  if (const base::Status removed = disk_.remove(folder(alloc)); !removed)
    log_.warn("cannot remove a network's record", {{"error", removed.error().message}});
}

}  // namespace caravan::client
