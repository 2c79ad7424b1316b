// SPDX-License-Identifier: Apache-2.0
#include "agent/interfaces.hpp"

#include <arpa/inet.h>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ifaddrs.h>
#include <net/if.h>
#include <sstream>

namespace caravan::agent {
namespace {

std::string default_route() {
  std::ifstream routes("/proc/net/route");
  for (std::string line; std::getline(routes, line);) {
    std::istringstream fields(line);
    std::string name, destination;
    fields >> name >> destination;
    if (destination == "00000000") return name;
  }
  return "";
}

int prefix_length(const sockaddr* mask) {
  if (!mask) return 0;
  int bits = 0;
  const bool v4 = mask->sa_family == AF_INET;
  const auto* bytes = v4 ? reinterpret_cast<const std::uint8_t*>(
                               &reinterpret_cast<const sockaddr_in*>(mask)->sin_addr)
                         : reinterpret_cast<const std::uint8_t*>(
                               &reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr);
  for (int i = 0; i < (v4 ? 4 : 16); ++i)
    bits += std::popcount(bytes[i]);
  return bits;
}

}  // namespace

base::Result<std::vector<config::InterfaceAddress>> LinuxInterfaces::list() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0)
    return base::fail(base::Code::io,
                      std::string("list network interfaces: ") + std::strerror(errno));
  const std::string routed = default_route();
  std::vector<config::InterfaceAddress> found;
  for (const ifaddrs* at = all; at; at = at->ifa_next) {
    if (!at->ifa_addr) continue;
    const int family = at->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    char text[INET6_ADDRSTRLEN] = "";
    const void* raw =
        family == AF_INET
            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(at->ifa_addr)->sin_addr)
            : &reinterpret_cast<sockaddr_in6*>(at->ifa_addr)->sin6_addr;
    ::inet_ntop(family, raw, text, sizeof text);
    found.push_back({at->ifa_name, text, prefix_length(at->ifa_netmask),
                     (at->ifa_flags & IFF_UP) != 0, (at->ifa_flags & IFF_LOOPBACK) != 0,
                     routed == at->ifa_name});
  }
  ::freeifaddrs(all);
  return found;
}

}  // namespace caravan::agent
