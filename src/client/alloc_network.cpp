// SPDX-License-Identifier: Apache-2.0
#include "client/alloc_network.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "client/name_files.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration helper_timeout = 30s;
constexpr std::size_t output_max = 4096;
/// Another program may hold the firewall or be changing the bridge; what is wrong for good is told
/// after this many attempts.
constexpr int attempts_max = 3;
constexpr base::Duration attempt_delay = 500ms;  // times the number of attempts so far
/// One at the allocation's end and the others at starts of the agent; then it is left as it is.
constexpr int removals_max = 3;
/// Rules of running groups are looked at this often: others flush them (a firewall's reload).
constexpr base::Duration keep_look = 5min;
/// Where systemd-resolved tells the servers behind its own loopback address.
constexpr const char* real_resolv_conf = "/run/systemd/resolve/resolv.conf";

CniAttachment attachment_of(const NetworkRecord& record) {
  return {record.alloc_id.to_string(), record.namespace_path, "eth0", record.args, record.ports};
}

json::Value parsed(const std::string& text) {
  return text.empty() ? json::Value() : json::parse(text).value_or(json::Value());
}

std::string boot_id(io::Disk& disk) {
  const base::Result<std::string> id = disk.read_file("/proc/sys/kernel/random/boot_id");
  return id ? std::string(base::trim(*id)) : "";
}

}  // namespace

std::string find_iptables(io::Disk& disk) {
  for (const char* name : {"/usr/sbin/iptables", "/sbin/iptables", "/usr/bin/iptables"})
    if (disk.exists(name)) return name;
  return "";
}

AllocNetworks::AllocNetworks(io::World& world, NetworkConfig config, io::Logger log)
    : world_(world),
      config_(std::move(config)),
      log_(log),
      records_(world.disk, config_.records_dir, log),
      cni_(world, config_.cni) {}

std::string AllocNetworks::namespace_path(const base::AllocId& alloc) const {
  return fmt::format("{}/caravan-{}", config_.namespace_dir, alloc.to_string());
}

/// Runs a program while nobody else changes networks. Errors: io, with what it printed.
io::Task<base::Status> AllocNetworks::run(std::vector<std::string> argv) {
  io::Program program;
  program.argv = {config_.cni.supervisor, "locked", config_.cni.lock_file};
  program.argv.insert(program.argv.end(), argv.begin(), argv.end());
  CO_TRY(const io::Finished finished,
         co_await world_.processes.run(program, "", helper_timeout, output_max));
  if (finished.exit_code == 0) co_return base::Status();
  const std::string said = base::printable(base::trim(finished.err), 300);
  co_return base::fail(base::Code::io, said);
}

base::Result<json::Value> AllocNetworks::conflist_of(const std::string& mode) const {
  if (mode == "bridge") return bridge_conflist(config_.bridge);
  const std::string name = mode.substr(sizeof "cni/" - 1);
  const std::map<std::string, json::Value> lists = cni_.conflists();
  const auto found = lists.find(name);
  if (found == lists.end())
    return base::invalid(fmt::format("network mode {}: no CNI configuration in {} has that name",
                                     mode, config_.cni.config_dir));
  return found->second;
}

/// New connections to a group pass the firewall plugin only by a rule here: its own rules let
/// answers in.
io::Task<base::Status> AllocNetworks::admit_bridge() {
  const std::string iptables = find_iptables(world_.disk);
  if (iptables.empty())
    co_return base::fail(base::Code::io, "iptables is not installed (package iptables)");
  const BridgeConfig& b = config_.bridge;
  const auto words = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {iptables, "-w"});
    return more;
  };
  const std::string chain = bridge_admin_chain;
  const std::vector<std::string> rule = {chain, "-o", b.name, "-d", b.subnet, "-j", "ACCEPT"};
  std::vector<std::string> look = {"-C"}, append = {"-A"}, fresh = {"-N", chain};
  look.insert(look.end(), rule.begin(), rule.end());
  append.insert(append.end(), rule.begin(), rule.end());
  std::vector<std::string> argv = words(look);
  if (co_await run(std::move(argv))) co_return base::Status();
  argv = words(fresh);
  (void)co_await run(std::move(argv));  // usually the chain is there
  argv = words(append);
  co_return co_await run(std::move(argv));
}

bool AllocNetworks::stands(const NetworkRecord& record) {
  if (!record.ready || record.namespace_path.empty()) return record.ready;
  if (record.boot_id != boot_id(world_.disk)) return false;
  const base::Result<std::string> mounts = world_.disk.read_file("/proc/self/mountinfo");
  return mounts && mounts->find(" " + record.namespace_path + " ") != std::string::npos;
}

io::Task<base::Status> AllocNetworks::attach(NetworkRecord& record) {
  std::vector<std::string> make = {config_.cni.supervisor, "make-namespace", record.namespace_path};
  CO_TRY_VOID(co_await run(std::move(make)));
  record.result.clear();
  if (record.conflist.empty()) co_return base::Status();
  if (record.mode == "bridge") CO_TRY_VOID(co_await admit_bridge());
  const json::Value conflist = parsed(record.conflist);
  const CniAttachment attachment = attachment_of(record);
  json::Value result;
  const std::size_t count = plugin_types(conflist).size();
  for (std::size_t i = 0; i < count; ++i) {
    CO_TRY(result, co_await cni_.add(conflist, i, attachment, result));
    std::string text = json::to_string(result);
    if (text == record.result) continue;
    record.result = std::move(text);
    CO_TRY_VOID(co_await records_.save(record));
  }
  co_return base::Status();
}

io::Task<base::Status> AllocNetworks::detach(const NetworkRecord& record) {
  base::Status parted;
  if (!record.conflist.empty()) {
    const json::Value conflist = parsed(record.conflist), result = parsed(record.result);
    CniAttachment attachment = attachment_of(record);
    if (!world_.disk.exists(record.namespace_path)) attachment.namespace_path.clear();
    parted = co_await cni_.remove(conflist, attachment, result);
  }
  std::vector<std::string> drop = {config_.cni.supervisor, "drop-namespace", record.namespace_path};
  if (!record.namespace_path.empty()) CO_TRY_VOID(co_await run(std::move(drop)));
  co_return parted;
}

/// The network that was made, or a record of the one to make, written down.
io::Task<base::Result<NetworkRecord>> AllocNetworks::record_of(const NetworkOrder& order) {
  base::Result<NetworkRecord> old = records_.find(order.alloc_id);
  if (old && stands(*old)) co_return old;
  if (old) {  // half made, or of an earlier boot
    const base::Status parted = co_await detach(*old);
    if (!parted)
      log_.warn("what is left of a network cannot be taken down",
                {{"alloc", order.alloc_id.to_short()}, {"error", parted.error().message}});
  }
  NetworkRecord record;
  record.alloc_id = order.alloc_id;
  record.mode = order.mode;
  record.boot_id = boot_id(world_.disk);
  record.args = order.args;
  record.ports = order.ports;
  if (order.has_namespace()) record.namespace_path = namespace_path(order.alloc_id);
  if (order.has_namespace() && order.mode != "none") {
    CO_TRY(const json::Value conflist, conflist_of(order.mode));
    record.conflist = json::to_string(conflist);
  }
  CO_TRY_VOID(co_await records_.save(record));
  co_return record;
}

base::Result<AllocNetwork> AllocNetworks::describe(const NetworkRecord& record,
                                                   const NetworkOrder& order,
                                                   const model::Node& node) {
  AllocNetwork network;
  network.namespace_path = record.namespace_path;
  network.hostname = order.hostname;
  if (!record.result.empty()) {
    TRY(network.status, network_status(parsed(record.result)));
    network.status->dns = order.dns;
  }
  const auto put = [&](const char* name, const std::string& text) -> base::Status {
    const std::string path = records_.folder(record.alloc_id) + "/" + name;
    TRY_VOID(world_.disk.write_file(path, text, 0644, -1, -1));
    network.name_files.push_back({path, std::string("/etc/") + name, true});
    return {};
  };
  const std::string host = world_.disk.read_file("/etc/resolv.conf").value_or("");
  if (order.dns) {
    TRY_VOID(put("resolv.conf", resolv_conf(*order.dns, host)));
  } else if (network.status && serves_only_itself(host)) {
    const base::Result<std::string> real = world_.disk.read_file(real_resolv_conf);
    if (real) TRY_VOID(put("resolv.conf", *real));
  }
  if (!network.status) return network;
  const auto name = node.attributes.find("unique.hostname");
  const std::string own = name == node.attributes.end() ? node.name : name->second;
  const std::string& hostname = order.hostname.empty() ? own : order.hostname;
  TRY_VOID(put("hosts", hosts_file(network.status->address, hostname)));
  return network;
}

io::Task<base::Result<AllocNetwork>> AllocNetworks::make(const NetworkOrder& order,
                                                         const model::Node& node) {
  if (!order.has_namespace() && !order.dns) co_return AllocNetwork();
  CO_TRY(NetworkRecord record, co_await record_of(order));
  for (int attempt = 1; order.has_namespace() && !record.ready; ++attempt) {
    const base::Status attached = co_await attach(record);
    if (attached) break;
    (void)co_await detach(record);  // what it says is less than what attach() said
    if (attempt == attempts_max || attached.error().code == base::Code::invalid)
      co_return std::unexpected(attached.error());
    log_.warn("a network cannot be made, trying again",
              {{"alloc", order.alloc_id.to_short()}, {"error", attached.error().message}});
    co_await world_.clock.sleep(attempt_delay * attempt);
  }
  if (!record.ready) {
    record.ready = true;
    CO_TRY_VOID(co_await records_.save(record));
  }
  co_return describe(record, order, node);
}

io::Task<void> AllocNetworks::keep(base::AllocId alloc, bool old) {
  if (!old) co_await world_.clock.sleep(keep_look);
  while (true) {
    const base::Result<NetworkRecord> record = records_.find(alloc);
    if (record && record->ready && !record->conflist.empty()) {
      const json::Value conflist = parsed(record->conflist), result = parsed(record->result);
      const CniAttachment attachment = attachment_of(*record);
      base::Status whole = co_await cni_.check(conflist, attachment, result);
      if (whole && record->mode == "bridge") whole = co_await admit_bridge();
      if (!whole) {
        log_.warn("a network is not whole, mending it",
                  {{"alloc", alloc.to_short()}, {"error", whole.error().message}});
        const base::Status mended = co_await cni_.repair(conflist, attachment, result);
        if (!mended)
          log_.error("a network cannot be mended",
                     {{"alloc", alloc.to_short()}, {"error", mended.error().message}});
      }
    }
    co_await world_.clock.sleep(keep_look);
  }
}

io::Task<void> AllocNetworks::remove(base::AllocId alloc) {
  if (!world_.disk.exists(records_.folder(alloc))) co_return;
  base::Result<NetworkRecord> record = records_.find(alloc);
  if (!record) {  // damaged: the namespace's name is known all the same, and its end is most of it
    NetworkRecord rest;
    rest.alloc_id = alloc;
    rest.namespace_path = namespace_path(alloc);
    (void)co_await detach(rest);
    co_return records_.forget(alloc);
  }
  const base::Status parted = co_await detach(*record);
  if (parted) co_return records_.forget(alloc);
  log_.error("a network cannot be taken down",
             {{"alloc", alloc.to_short()}, {"error", parted.error().message}});
  // What a plugin refused to make it also refuses to take down; its namespace is gone by now.
  if (!record->ready || ++record->failed_removals == removals_max) co_return records_.forget(alloc);
  const base::Status saved = co_await records_.save(*record);
  if (!saved) log_.error("cannot write a network down", {{"error", saved.error().message}});
}

io::Task<void> AllocNetworks::remove_orphans(std::set<base::AllocId> known) {
  for (const NetworkRecord& record : records_.all()) {
    if (known.contains(record.alloc_id)) continue;
    log_.info("taking down the network of a forgotten allocation",
              {{"alloc", record.alloc_id.to_short()}});
    co_await remove(record.alloc_id);
  }
}

}  // namespace caravan::client
