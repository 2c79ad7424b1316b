// SPDX-License-Identifier: Apache-2.0
// A Corefile, as CoreDNS reads it, as far as it forwards: which zones are served where, and who is
// asked for which names. Pure.
// Source: the public documentation of CoreDNS (plugins bind, forward, log, errors).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/network.hpp"

namespace caravan::dns {

inline constexpr std::uint16_t dns_port = 53;
inline constexpr std::size_t upstreams_max = 15;  // of one forward

struct Forward {
  std::string from;                // a zone with its dot, in small letters: "consul."
  std::vector<io::Address> to;
  std::vector<std::string> except;  // zones below it that are not asked there
  enum class Policy { random, round_robin, sequential } policy = Policy::random;
  bool force_tcp = false, prefer_udp = false;
  int fails_max = 2;  // 0: nobody is ever given up
  base::Duration probe_interval{500'000'000};
  bool probe_recurses = true;
  std::string probe_name = ".";
  int concurrent_max = 0;  // questions on their way at once; 0: the forwarder's own limit
};

struct ServerBlock {
  struct Zone {
    std::string name;  // with its dot, in small letters
    std::uint16_t port = dns_port;
  };
  std::vector<Zone> zones;
  std::vector<std::string> bind;  // addresses, or names of interfaces; none: all
  std::vector<Forward> forwards;
  bool logs = false, logs_errors = false;
};

struct Corefile {
  std::vector<ServerBlock> servers;
  std::vector<std::string> without_effect;  // "line 3: cache"
};

/// `read`: a file that is named in it, such as /etc/resolv.conf. Errors: invalid, with the line;
/// unsupported (a plugin that changes answers and is not built).
base::Result<Corefile> parse_corefile(
    std::string_view text,
    const std::function<base::Result<std::string>(const std::string& path)>& read);

/// Whether a name, in any case, is the zone or below it.
bool is_within(std::string_view name, std::string_view zone);
/// The rule for a name: the one with the longest zone; null when there is none.
const Forward* forward_for(const ServerBlock& server, std::string_view name);

}  // namespace caravan::dns
