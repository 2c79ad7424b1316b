// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "io/network.hpp"

namespace caravan::io {

base::Result<Address> Address::parse(std::string_view text, std::uint16_t default_port) {
  if (text.starts_with("unix:")) return unix_socket(std::string(text.substr(5)));
  Address address;
  address.port = default_port;
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos)
      return base::invalid(fmt::format("\"{}\" is not an address: ']' is missing", text));
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port[0] != ':')
      return base::invalid(fmt::format("\"{}\" is not an address", text));
  } else if (const std::size_t colon = text.rfind(':');
             colon != std::string_view::npos && text.find(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (!port.empty()) {
    TRY(const long long number, base::parse_int(port.substr(1)));
    if (number < 0 || number > 65535)
      return base::invalid(fmt::format("\"{}\": port {} is outside 0..65535", text, number));
    address.port = static_cast<std::uint16_t>(number);
  }
  if (host.empty()) return base::invalid(fmt::format("\"{}\" is not an address", text));
  address.host = std::string(host);
  return address;
}

std::string Address::to_string() const {
  if (is_unix) return "unix:" + host;
  if (host.find(':') != std::string::npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

}  // namespace caravan::io
