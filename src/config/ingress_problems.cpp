// SPDX-License-Identifier: Apache-2.0
#include "config/ingress_problems.hpp"

#include <arpa/inet.h>

#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "config/ranges.hpp"

namespace caravan::config {
namespace {

constexpr int ingress_port_max = 65'535;

bool is_name(const std::string& text) {
  constexpr std::size_t name_max = 32;
  if (text.empty() || text.size() > name_max) return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
          c == '_'))
      return false;
  return true;
}

bool is_ip(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

class Problems {
 public:
  explicit Problems(const IngressConfig& config) : c_(config) {}

  std::vector<KeyProblem> all() && {
    check_ports();
    check_entry_points();
    check_words();
    check_times();
    check_files();
    return std::move(found_);
  }

 private:
  void refuse(std::string key, std::string what) {
    found_.push_back({"ingress." + std::move(key), std::move(what)});
  }
  void range(const std::string& key, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value < low || value > high)
      refuse(key, fmt::format("{} is outside {}..{}", value, low, high));
  }
  void address(const std::string& key, const std::string& value) {
    if (!is_ip(value))
      refuse(key, fmt::format("\"{}\" is no IP address", base::printable(value, 60)));
  }

  void check_ports() {
    range("ports.proxy", c_.ports.proxy, -1, ingress_port_max);
    range("ports.admin", c_.ports.admin, -1, ingress_port_max);
    address("addresses.proxy", c_.addresses.proxy);
    address("addresses.admin", c_.addresses.admin);
    if (const auto ranges = parse_ranges(c_.tcp_ports, ingress_port_max); !ranges)
      refuse("tcp_ports", ranges.error().message);
  }

  void check_entry_points() {
    std::map<int, std::string> ports = {{c_.ports.proxy, "ports.proxy"},
                                        {c_.ports.admin, "ports.admin"}};
    for (const auto& [name, entry] : c_.entry_points) {
      const std::string key = "entrypoint." + name;
      if (!is_name(name) || name == "proxy")
        refuse(key, "a name has up to 32 letters, digits, - and _, and is not \"proxy\"");
      range(key + ".port", entry.port, 1, ingress_port_max);
      if (const auto [other, is_new] = ports.emplace(entry.port, key); !is_new)
        refuse(key + ".port", fmt::format("{} is the port of {}", entry.port, other->second));
      if (!entry.address.empty()) address(key + ".address", entry.address);
      if (entry.protocol != "http" && entry.protocol != "tcp")
        refuse(key + ".protocol", fmt::format("\"{}\" is neither http nor tcp",
                                              base::printable(entry.protocol, 60)));
      if (entry.protocol == "tcp" && (entry.tls || !entry.redirect_to.empty()))
        refuse(key + ".protocol", "tls and redirect_to are for http");
      if (!entry.redirect_to.empty() && !c_.entry_points.contains(entry.redirect_to))
        refuse(key + ".redirect_to", fmt::format("there is no entrypoint \"{}\"",
                                                 base::printable(entry.redirect_to, 60)));
    }
  }

  void check_words() {
    if (c_.strategy != "rnd" && c_.strategy != "rr")
      refuse("strategy", fmt::format("\"{}\" is neither rnd nor rr", base::printable(c_.strategy, 60)));
    if (c_.tag_prefix.empty()) refuse("tag_prefix", "is empty");
    if (!is_name(c_.label_prefix)) refuse("label_prefix", "is no name");
    range("no_route_status", c_.no_route_status, 400, 599);
    range("max_connections", c_.max_connections, 10, 1'000'000);
    range("max_body", c_.max_body.count, 0, std::int64_t{1} << 50);
    if (!c_.register_names.empty() && c_.ports.proxy <= 0)
      refuse("register_names", "needs ports.proxy: it is what is registered");
    for (const std::string& network : c_.trusted_proxies) {
      const std::size_t slash = network.find('/');
      const auto bits = slash == std::string::npos
                            ? base::Result<long long>(0)
                            : base::parse_int(std::string_view(network).substr(slash + 1));
      if (!is_ip(network.substr(0, slash)) || !bits || *bits < 0 || *bits > 128)
        refuse("trusted_proxies",
               fmt::format("\"{}\" is no address and no network", base::printable(network, 60)));
    }
    for (const auto& [name, auth] : c_.auth)
      if (!is_name(name) || auth.file.empty())
        refuse("auth." + base::printable(name, 60), "needs a name and a file");
  }

  void check_times() {
    const std::pair<const char*, base::Duration> times[] = {
        {"connect_timeout", c_.connect_timeout},   {"check_interval", c_.check_interval},
        {"check_timeout", c_.check_timeout},       {"header_timeout", c_.header_timeout},
        {"idle_timeout", c_.idle_timeout},         {"response_timeout", c_.response_timeout},
        {"tunnel_timeout", c_.tunnel_timeout},     {"drain_time", c_.drain_time}};
    for (const auto& [key, time] : times)
      if (time < 10ms || time > 24h)
        refuse(key, fmt::format("{} is outside 10ms..24h", base::format_duration(time)));
  }

  void check_files() {
    const IngressCertificates& t = c_.certificates;
    if (t.cert_file.empty() != t.key_file.empty())
      refuse("certificates", "cert_file and key_file go together");
    if (t.ca_file.empty() != t.ca_key_file.empty())
      refuse("certificates", "ca_file and ca_key_file go together");
    for (const auto& [key, text] :
         {std::pair("upstream_ca_file", c_.upstream_ca_file), std::pair("user", c_.user)})
      for (const char ch : text)
        if (static_cast<unsigned char>(ch) < 0x20) refuse(key, "has control characters");
  }

  const IngressConfig& c_;
  std::vector<KeyProblem> found_;
};

}  // namespace

std::vector<KeyProblem> ingress_problems(const IngressConfig& config) {
  return Problems(config).all();
}

}  // namespace caravan::config
