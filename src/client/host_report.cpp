// SPDX-License-Identifier: Apache-2.0
#include "client/host_report.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/core.h>

namespace caravan::client {
namespace {

constexpr std::size_t file_bytes_max = 16 * 1024;
constexpr std::array<std::string_view, 7> shown_names{"HOME",  "LANG", "LC_ALL", "PATH",
                                                      "SHELL", "TERM", "TZ"};

std::string beginning_of(const char* path) {
  std::string text(file_bytes_max, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

std::string system_name() {
  utsname name{};
  if (::uname(&name) != 0) return "";
  return fmt::format("{} {} {} {} {}", name.sysname, name.nodename, name.release, name.version,
                     name.machine);
}

json::Array interfaces() {
  std::map<std::string, json::Array> addresses;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  for (const ifaddrs* one = all; one; one = one->ifa_next) {
    json::Array& of_this = addresses[one->ifa_name];
    if (!one->ifa_addr) continue;
    const int family = one->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    char host[NI_MAXHOST] = "";
    if (::getnameinfo(one->ifa_addr, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) == 0)
      of_this.push_back(std::string(host));
  }
  ::freeifaddrs(all);
  json::Array list;
  for (auto& [name, of_this] : addresses)
    list.push_back(json::Object{{"Name", name}, {"Addrs", std::move(of_this)}});
  return list;
}

json::Object environment() {
  json::Object shown;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (name.size() == text.size()) continue;
    const bool is_shown = std::ranges::find(shown_names, name) != shown_names.end();
    shown[std::string(name)] =
        is_shown ? std::string(text.substr(name.size() + 1)) : std::string("<redacted>");
  }
  return shown;
}

json::Object disk_of(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return {};
  const auto bytes = [&](auto blocks) {
    return static_cast<std::int64_t>(blocks) * static_cast<std::int64_t>(info.f_frsize);
  };
  return {{"Path", path},
          {"Size", bytes(info.f_blocks)},
          {"Free", bytes(info.f_bfree)},
          {"Available", bytes(info.f_bavail)},
          {"Inodes", static_cast<std::int64_t>(info.f_files)},
          {"InodesFree", static_cast<std::int64_t>(info.f_ffree)}};
}

}  // namespace

json::Object report_host(const std::string& data_dir) {
  return {{"OS", system_name()},
          {"Network", interfaces()},
          {"ResolvConf", beginning_of("/etc/resolv.conf")},
          {"Hosts", beginning_of("/etc/hosts")},
          {"Environment", environment()},
          {"Disk", json::Object{{"data_dir", disk_of(data_dir)}}}};
}

}  // namespace caravan::client
