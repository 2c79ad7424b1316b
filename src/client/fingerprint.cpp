// SPDX-License-Identifier: Apache-2.0
#include "client/fingerprint.hpp"

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "client/signals.hpp"

namespace caravan::client {
namespace {

constexpr std::int64_t mib = 1024 * 1024;
/// Where the kernel does not say how fast a core is (many virtual machines).
constexpr std::int64_t cpu_mhz_unknown = 1000;

std::string read(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The value of the first "name : value" line.
std::string value_of(const std::string& text, std::string_view name, char separator) {
  for (const std::string& line : base::split(text, '\n')) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && base::trim(std::string_view(line).substr(0, at)) == name)
      return std::string(base::trim(std::string_view(line).substr(at + 1)));
  }
  return "";
}

void cpu(model::Node& node, const FingerprintConfig& config) {
  const std::string info = read("/proc/cpuinfo");
  const long cores = std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN));
  std::int64_t mhz =
      base::parse_int(base::trim(read("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")))
          .value_or(0) /
      1000;
  const std::string now = value_of(info, "cpu MHz", ':');
  if (mhz == 0) mhz = base::parse_int(now.substr(0, now.find('.'))).value_or(0);
  if (mhz == 0) mhz = cpu_mhz_unknown;
  const std::int64_t total = config.cpu_mhz_override > 0 ? config.cpu_mhz_override : mhz * cores;
  node.resources.cpu.shares = total;
  node.resources.cpu.cores = static_cast<int>(cores);
  for (int core = 0; core < cores; ++core)
    node.resources.cpu.reservable_cores.push_back(core);
  auto& a = node.attributes;
  a["cpu.numcores"] = a["cpu.reservablecores"] = fmt::format("{}", cores);
  a["cpu.frequency"] = fmt::format("{}", mhz);
  a["cpu.totalcompute"] = fmt::format("{}", total);
  a["cpu.usablecompute"] = fmt::format("{}", total - node.reserved.cpu.shares);
  if (const std::string model = value_of(info, "model name", ':'); !model.empty())
    a["cpu.modelname"] = model;
}

void memory_and_disk(model::Node& node, const FingerprintConfig& config) {
  const std::string total = value_of(read("/proc/meminfo"), "MemTotal", ':');
  const std::int64_t kib = base::parse_int(total.substr(0, total.find(' '))).value_or(0);
  node.resources.memory.mb = config.memory_mb_override > 0 ? config.memory_mb_override : kib / 1024;
  node.attributes["memory.totalbytes"] = fmt::format("{}", kib * 1024);
  struct statvfs info{};
  std::string path = config.alloc_dir;
  while (path.size() > 1 && ::statvfs(path.c_str(), &info) != 0)
    path = std::filesystem::path(path).parent_path().string();
  const auto block = static_cast<std::int64_t>(info.f_frsize);
  const std::int64_t free = static_cast<std::int64_t>(info.f_bavail) * block;
  node.resources.disk.mb = config.disk_mb_override > 0 ? config.disk_mb_override : free / mib;
  node.attributes["unique.storage.volume"] = path;
  node.attributes["unique.storage.bytestotal"] =
      fmt::format("{}", static_cast<std::int64_t>(info.f_blocks) * block);
  node.attributes["unique.storage.bytesfree"] = fmt::format("{}", free);
}

void system(model::Node& node) {
  utsname name{};
  ::uname(&name);
  auto& a = node.attributes;
  a["kernel.name"] = base::to_lower(name.sysname);
  a["kernel.version"] = name.release;
  a["kernel.arch"] = name.machine;
  a["cpu.arch"] = std::string_view(name.machine) == "x86_64"    ? "amd64"
                  : std::string_view(name.machine) == "aarch64" ? "arm64"
                                                                : name.machine;
  a["unique.hostname"] = name.nodename;
  const std::string release = read("/etc/os-release");
  const auto plain = [&](std::string_view key) {
    const std::string value = value_of(release, key, '=');
    return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : value;
  };
  a["os.name"] = plain("ID");
  const std::string debian = std::string(base::trim(read("/etc/debian_version")));
  a["os.version"] = debian.empty() ? plain("VERSION_ID") : debian;
  a["os.signals"] = signal_names();
  a["os.cgroups.version"] =
      std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers") ? "2" : "1";
}

struct Found {
  std::string interface, address;
  bool v6 = false;
};

std::vector<Found> addresses() {
  std::vector<Found> list;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return list;
  for (const ifaddrs* at = all; at; at = at->ifa_next) {
    if (!at->ifa_addr || !(at->ifa_flags & IFF_UP)) continue;
    char text[INET6_ADDRSTRLEN] = "";
    if (at->ifa_addr->sa_family == AF_INET)
      ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(at->ifa_addr)->sin_addr, text,
                  sizeof text);
    else if (at->ifa_addr->sa_family == AF_INET6)
      ::inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(at->ifa_addr)->sin6_addr, text,
                  sizeof text);
    if (text[0] != '\0') list.push_back({at->ifa_name, text, at->ifa_addr->sa_family == AF_INET6});
  }
  ::freeifaddrs(all);
  return list;
}

/// The interface of the default route; "lo" on a machine without one.
std::string default_interface() {
  for (const std::string& line : base::split(read("/proc/net/route"), '\n')) {
    const std::vector<std::string> fields = base::split(line, '\t');
    if (fields.size() > 2 && fields[1] == "00000000") return fields[0];
  }
  return "lo";
}

base::Status network(model::Node& node, const FingerprintConfig& config) {
  const std::string wanted =
      config.network_interface.empty() ? default_interface() : config.network_interface;
  model::NodeNetwork network;
  network.mode = "host";
  network.device = wanted;
  for (const Found& found : addresses()) {
    if (found.interface != wanted || (found.v6 && found.address.starts_with("fe80"))) continue;
    network.addresses.push_back({found.v6 ? "ipv6" : "ipv4",
                                 "default",
                                 found.address,
                                 node.reserved.networks.host_ports,
                                 "",
                                 {}});
  }
  if (network.addresses.empty())
    return base::invalid(
        fmt::format("network_interface \"{}\" does not exist or has no address", wanted));
  const std::string& ip = network.addresses[0].address;
  node.attributes["unique.network.ip-address"] = ip;
  model::NetworkResource host;
  host.mode = "host";
  host.device = wanted;
  host.ip = ip;
  host.cidr = ip + (ip.find(':') == std::string::npos ? "/32" : "/128");
  node.resources.networks.push_back(std::move(host));
  node.resources.node_networks.push_back(std::move(network));
  return {};
}

}  // namespace

base::Status fingerprint_host(model::Node& node, const FingerprintConfig& config) {
  cpu(node, config);
  memory_and_disk(node, config);
  system(node);
  node.attributes["nomad.version"] = config.version;
  node.attributes["nomad.service_discovery"] = "true";
  node.attributes["unique.advertise.address"] = node.http_addr;
  return network(node, config);
}

io::Task<void> fingerprint_drivers(model::Node& node,
                                   std::map<std::string, std::unique_ptr<driver::Driver>>& drivers,
                                   base::Instant now) {
  for (const auto& [name, driver] : drivers) {
    const driver::Fingerprint print = co_await driver->fingerprint();
    set_driver(node, name, print, now);
  }
}

void set_driver(model::Node& node, const std::string& name, const driver::Fingerprint& print,
                base::Instant now) {
  node.drivers[name] = {
      print.attributes, print.detected, print.healthy, print.description, now, {}};
  const std::string attribute = "driver." + name;
  std::erase_if(node.attributes, [&](const auto& entry) {
    return entry.first == attribute || entry.first.starts_with(attribute + ".");
  });
  for (const auto& [key, value] : print.attributes)
    node.attributes[key] = value;
  if (print.healthy) node.attributes[attribute] = "1";
}

}  // namespace caravan::client
