// SPDX-License-Identifier: Apache-2.0
#include "driver/oci.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::driver {
namespace {

using json::Array;
using json::Object;

constexpr std::int64_t shares_min = 2, shares_max = 262'144;  // what the kernel takes

std::string plain_name(std::string_view name) {
  std::string upper = base::to_upper(name);
  return upper.starts_with("CAP_") ? upper.substr(4) : upper;
}

Array texts(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

Object mount(const char* type, const char* source, const char* target,
             std::vector<std::string> options) {
  return {{"destination", target}, {"type", type}, {"source", source}, {"options", texts(options)}};
}

Array mounts(const Bundle& bundle) {
  Array list = {
      mount("proc", "proc", "/proc", {"nosuid", "noexec", "nodev"}),
      mount("tmpfs", "tmpfs", "/dev", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("devpts", "devpts", "/dev/pts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      mount("tmpfs", "shm", "/dev/shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"})};
  if (bundle.private_ipc)
    list.push_back(mount("mqueue", "mqueue", "/dev/mqueue", {"nosuid", "noexec", "nodev"}));
  for (const Bundle::Mount& m : bundle.mounts)
    list.push_back(mount("none", m.source.c_str(), m.target.c_str(),
                         {"rbind", m.propagation, m.read_only ? "ro" : "rw"}));
  return list;
}

Object process(const Bundle& bundle) {
  Array kept;
  for (const std::string& name : bundle.capabilities)
    kept.push_back("CAP_" + name);
  // A plain user keeps them as the bound of what set-uid programs could gain, and holds none.
  const Array held = bundle.uid == 0 ? kept : Array();
  const Object caps = {{"bounding", kept},
                       {"effective", held},
                       {"permitted", held},
                       {"inheritable", Array()},
                       {"ambient", Array()}};
  return {{"terminal", false},
          {"user", Object{{"uid", std::int64_t{bundle.uid}}, {"gid", std::int64_t{bundle.gid}}}},
          {"args", texts(bundle.argv)},
          {"env", texts(bundle.env)},
          {"cwd", bundle.cwd},
          {"capabilities", caps},
          {"noNewPrivileges", true}};
}

Array namespaces(const Bundle& bundle) {
  Array list = {Object{{"type", "mount"}}};
  if (bundle.private_pid) list.push_back(Object{{"type", "pid"}});
  if (bundle.private_ipc) list.push_back(Object{{"type", "ipc"}});
  if (!bundle.hostname.empty()) list.push_back(Object{{"type", "uts"}});
  if (!bundle.network_namespace.empty())
    list.push_back(Object{{"type", "network"}, {"path", bundle.network_namespace}});
  return list;
}

Object limits(const Bundle& bundle) {
  Array devices = {Object{{"allow", false}, {"access", "rwm"}}};
  for (const Bundle::Device& device : bundle.devices)
    devices.push_back(Object{{"allow", true},
                             {"type", device.type},
                             {"major", device.major},
                             {"minor", device.minor},
                             {"access", device.permissions}});
  Object all = {{"devices", devices}};
  if (bundle.cpu_shares > 0)
    all["cpu"] = Object{{"shares", std::clamp(bundle.cpu_shares, shares_min, shares_max)}};
  Object memory;
  if (bundle.memory_bytes > 0) memory["limit"] = bundle.memory_bytes;
  if (bundle.memory_bytes > 0 && bundle.limits_swap) memory["swap"] = bundle.memory_bytes;
  if (bundle.memory_reservation_bytes > 0) memory["reservation"] = bundle.memory_reservation_bytes;
  if (!memory.empty()) all["memory"] = memory;
  return all;
}

}  // namespace

const std::vector<std::string>& default_capabilities() {
  static const std::vector<std::string> names = {
      "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",      "MKNOD",
      "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT"};
  return names;
}

base::Result<std::vector<std::string>> capabilities(const std::vector<std::string>& add,
                                                    const std::vector<std::string>& drop,
                                                    const std::vector<std::string>& allowed) {
  std::set<std::string> may, kept(default_capabilities().begin(), default_capabilities().end());
  for (const std::string& name : allowed)
    may.insert(plain_name(name));
  for (const std::string& name : drop) {
    if (plain_name(name) == "ALL")
      kept.clear();
    else
      kept.erase(plain_name(name));
  }
  for (const std::string& raw : add) {
    const std::string name = plain_name(raw);
    if (name == "ALL")
      kept.insert(may.begin(), may.end());
    else if (!may.contains(name))
      return base::invalid(fmt::format("config.cap_add: {} is not in the node's allow_caps",
                                       base::printable(raw, 64)));
    else
      kept.insert(name);
  }
  std::erase_if(kept, [&](const std::string& name) { return !may.contains(name); });
  return std::vector<std::string>(kept.begin(), kept.end());
}

json::Value to_process(const Bundle& bundle, const std::vector<std::string>& argv, bool tty) {
  Bundle other = bundle;
  other.argv = argv;
  Object one_more = process(other);
  one_more["terminal"] = tty;
  return one_more;
}

json::Value to_config(const Bundle& bundle) {
  const Array masked = {"/proc/acpi",          "/proc/kcore",      "/proc/keys",
                        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
                        "/proc/sched_debug",   "/proc/scsi"};
  const Array read_only = {"/proc/asound", "/proc/bus", "/proc/fs",
                           "/proc/irq",    "/proc/sys", "/proc/sysrq-trigger"};
  Object system = {{"namespaces", namespaces(bundle)},
                   {"resources", limits(bundle)},
                   {"maskedPaths", masked},
                   {"readonlyPaths", read_only}};
  if (!bundle.cgroup.empty()) system["cgroupsPath"] = bundle.cgroup;
  Array devices;  // the task's user may use what only this allocation has
  for (const Bundle::Device& device : bundle.devices)
    devices.push_back(Object{{"path", device.path},
                             {"type", device.type},
                             {"major", device.major},
                             {"minor", device.minor},
                             {"fileMode", std::int64_t{0666}}});
  if (!devices.empty()) system["devices"] = devices;
  Object config = {{"ociVersion", "1.0.2"},
                   {"process", process(bundle)},
                   {"root", Object{{"path", bundle.root}, {"readonly", false}}},
                   {"mounts", mounts(bundle)},
                   {"linux", system}};
  if (!bundle.hostname.empty()) config["hostname"] = bundle.hostname;
  return config;
}

}  // namespace caravan::driver
