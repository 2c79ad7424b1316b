// SPDX-License-Identifier: Apache-2.0
#include "client/name_files.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::client {
namespace {

std::vector<std::string> nameservers(const std::string& text) {
  std::vector<std::string> list;
  for (const std::string& line : base::split(text, '\n')) {
    const std::string_view trimmed = base::trim(line);
    if (trimmed.starts_with("nameserver"))
      list.emplace_back(base::trim(trimmed.substr(sizeof "nameserver" - 1)));
  }
  return list;
}

}  // namespace

std::string resolv_conf(const model::DnsConfig& dns, const std::string& host) {
  std::string text;
  for (const std::string& server : dns.servers.empty() ? nameservers(host) : dns.servers)
    text += fmt::format("nameserver {}\n", server);
  if (!dns.searches.empty()) text += fmt::format("search {}\n", base::join(dns.searches, " "));
  if (!dns.options.empty()) text += fmt::format("options {}\n", base::join(dns.options, " "));
  return text;
}

bool serves_only_itself(const std::string& resolv_conf) {
  const std::vector<std::string> servers = nameservers(resolv_conf);
  return !servers.empty() && std::ranges::all_of(servers, [](const std::string& server) {
    return server.starts_with("127.") || server == "::1";
  });
}

std::string hosts_file(const std::string& address, const std::string& hostname) {
  return fmt::format(
      "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
      "fe00::0 ip6-localnet\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n{} {}\n",
      address, hostname);
}

}  // namespace caravan::client
