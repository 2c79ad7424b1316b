// SPDX-License-Identifier: Apache-2.0
#include "agent/ingress_settings.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "config/ranges.hpp"

namespace caravan::agent {
namespace {

/// Lines "name:hash"; what is empty or begins with # is left out.
base::Result<ingress::Users> users_of(const std::string& name, const std::string& path,
                                      io::Disk& disk) {
  TRY(const std::string text, disk.read_file(path));
  ingress::Users users;
  int number = 0;
  for (const std::string& raw : base::split(text, '\n')) {
    ++number;
    const std::string_view line = base::trim(raw);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(':');
    const bool is_plain = base::printable(line, line.size()) == line;
    if (colon == 0 || colon == std::string_view::npos || !is_plain ||
        !line.substr(colon + 1).starts_with('$') || line.substr(colon + 1).starts_with("$apr1$"))
      return base::invalid(fmt::format(
          "ingress.auth.{}: {}:{}: has to be user:hash, a hash of crypt(3) as mkpasswd writes it",
          name, path, number));
    users.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  if (users.empty())
    return base::invalid(fmt::format("ingress.auth.{}: {} has no users", name, path));
  return users;
}

/// Root's ports are opened by root, and served by somebody else.
std::string lesser_user(io::Disk& disk) {
  if (::geteuid() != 0) return "";
  const std::string accounts = "\n" + disk.read_file("/etc/passwd").value_or("");
  return accounts.find("\nhaproxy:") != std::string::npos ? "haproxy" : "nobody";
}

}  // namespace

base::Result<ingress::Settings> ingress_settings(const config::IngressConfig& c,
                                                 const std::string& datacenter, io::Disk& disk) {
  ingress::Settings s;
  if (c.ports.proxy > 0)
    s.entry_points.push_back(
        {ingress::proxy_entry, c.addresses.proxy, c.ports.proxy, false, false, ""});
  for (const auto& [name, e] : c.entry_points)
    s.entry_points.push_back({name, e.address.empty() ? c.addresses.proxy : e.address, e.port,
                              e.tls, e.protocol == "tcp", e.redirect_to});
  s.tag_prefix = c.tag_prefix;
  s.label_prefix = c.label_prefix;
  s.exposed_by_default = c.exposed_by_default;
  s.default_rule = c.default_rule;
  s.strategy = c.strategy == "rr" ? ingress::Strategy::round_robin : ingress::Strategy::random;
  s.datacenter = datacenter;
  constexpr int port_max = 65'535;
  TRY(s.tcp_ports, config::parse_ranges(c.tcp_ports, port_max));
  s.tcp_host = c.addresses.proxy;
  s.register_names = c.register_names;
  s.trusted_proxies = c.trusted_proxies;
  for (const auto& [name, auth] : c.auth) {
    TRY(s.auth[name], users_of(name, auth.file, disk));
  }
  s.no_route_status = c.no_route_status;
  s.connections_max = c.max_connections;
  s.body_bytes_max = c.max_body.count;
  s.connect_timeout = c.connect_timeout;
  s.check_interval = c.check_interval;
  s.check_timeout = c.check_timeout;
  s.header_timeout = c.header_timeout;
  s.idle_timeout = c.idle_timeout;
  s.response_timeout = c.response_timeout;
  s.tunnel_timeout = c.tunnel_timeout;
  s.drain_time = c.drain_time;
  s.retry_gets = c.retry_gets;
  s.access_log = c.access_log;
  s.upstream_ca = c.upstream_ca_file;
  s.user = c.user.empty() ? lesser_user(disk) : c.user;
  return s;
}

ingress::Places ingress_places(const config::IngressConfig& c, std::string folder) {
  ingress::Places places;
  places.folder = std::move(folder);
  places.program = c.haproxy;
  places.admin = {c.addresses.admin, static_cast<std::uint16_t>(std::max(c.ports.admin, 0)), false};
  places.admin_is_open = c.admin_open;
  const config::IngressCertificates& t = c.certificates;
  if (!t.cert_file.empty()) places.certificates.pairs.emplace_back(t.cert_file, t.key_file);
  places.certificates.folder = t.folder;
  places.certificates.ca_certificate = t.ca_file;
  places.certificates.ca_key = t.ca_key_file;
  return places;
}

}  // namespace caravan::agent
