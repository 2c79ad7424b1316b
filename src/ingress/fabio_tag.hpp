// SPDX-License-Identifier: Apache-2.0
// fabio's language: "urlprefix-host/path strip=/path weight=0.2". One tag is one wish of one
// instance. Source of the grammar: fabio's public documentation.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ingress/route.hpp"
#include "ingress/settings.hpp"

namespace caravan::ingress {

// What a tag may hold; beyond it the tag is refused, by name.
inline constexpr std::size_t tag_bytes_max = 2048, host_bytes_max = 253, path_bytes_max = 1024;
inline constexpr std::size_t networks_max = 128;  // of one allow= or deny=
inline constexpr int globs_max = 2;               // stars in a host

struct FabioTag {
  Protocol protocol = Protocol::http;
  std::string host, path;  // of http; of sni the host alone
  int port = 0;            // of tcp
  Treatment treatment;
  double weight = 0;  // a fixed share, 0 < w; else the rest is shared evenly
  int only = 0;       // only for instances at this port; 0: all
  std::string register_as;
  /// "host/path", ":port" or a host, in one spelling.
  std::string source() const;
  friend bool operator==(const FabioTag&, const FabioTag&) = default;
};

/// `text`: without the prefix. Errors: invalid and unsupported, with what is wrong and where.
base::Result<FabioTag> parse_fabio_tag(std::string_view text, const Settings& settings);

// What every value of a tag has to be. Errors: invalid, naming `what`.
base::Result<std::string> checked_host(std::string_view text, std::string_view what, int globs);
base::Result<std::string> checked_path(std::string_view text, std::string_view what);
base::Result<std::string> checked_network(std::string_view text, std::string_view what);
/// Visible ASCII and blanks: what may stand in a header or a location.
base::Result<std::string> checked_text(std::string_view text, std::string_view what);

}  // namespace caravan::ingress
