// SPDX-License-Identifier: Apache-2.0
// CIDR arithmetic. An address is a number of 32 or 128 bits.
#include <arpa/inet.h>

#include <cstring>

#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/functions.hpp"

namespace caravan::hcl {
namespace {

using base::Result;
__extension__ using Bits = unsigned __int128;

struct Network {
  Bits address = 0;  // with the host part cleared
  int length = 0;    // of the prefix
  int width = 32;    // 32 or 128
};

Bits host_mask(const Network& net) {
  const int host = net.width - net.length;
  return host >= 128 ? ~Bits{0} : (Bits{1} << host) - 1;
}

Result<Network> parse(const std::string& text) {
  const auto refuse = [&] {
    return base::invalid("invalid CIDR expression: \"" + base::printable(text, 60) + "\"");
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return refuse();
  const std::string host = text.substr(0, slash);
  const auto length = base::parse_int(text.substr(slash + 1));
  unsigned char bytes[16];
  Network net;
  if (inet_pton(AF_INET, host.c_str(), bytes) == 1)
    net.width = 32;
  else if (inet_pton(AF_INET6, host.c_str(), bytes) == 1)
    net.width = 128;
  else
    return refuse();
  if (!length || *length < 0 || *length > net.width) return refuse();
  for (int i = 0; i < net.width / 8; ++i) net.address = net.address << 8 | bytes[i];
  net.length = static_cast<int>(*length);
  net.address &= ~host_mask(net);
  return net;
}

std::string address_text(Bits address, int width) {
  unsigned char bytes[16];
  for (int i = width / 8 - 1; i >= 0; --i, address >>= 8)
    bytes[i] = static_cast<unsigned char>(address & 0xff);
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(width == 32 ? AF_INET : AF_INET6, bytes, text, sizeof text);
  return text;
}

std::string network_text(const Network& net) {
  return fmt::format("{}/{}", address_text(net.address, net.width), net.length);
}

Result<Value> cidrhost(const Arguments& a) {
  TRY(const Network net, parse(a.text(0)));
  const std::int64_t number = a.integer(1);
  const Bits mask = host_mask(net);
  // A negative number counts from the end of the range.
  const Bits host =
      number >= 0 ? static_cast<Bits>(number) : mask - (static_cast<Bits>(-(number + 1)));
  if (number >= 0 ? host > mask : static_cast<Bits>(-(number + 1)) > mask)
    return base::invalid(
        fmt::format("prefix of {} does not accommodate a host numbered {}", net.length, number));
  return Value(address_text(net.address | host, net.width));
}

Result<Value> cidrnetmask(const Arguments& a) {
  TRY(const Network net, parse(a.text(0)));
  if (net.width != 32) return base::invalid("IPv6 addresses cannot have a netmask");
  return Value(address_text(~host_mask(net) & 0xffffffffu, 32));
}

Result<Network> subnet(const Network& net, std::int64_t new_bits, Bits number) {
  if (new_bits < 0 || net.length + new_bits > net.width)
    return base::invalid(fmt::format("insufficient address space to extend prefix of {} by {}",
                                     net.length, new_bits));
  if (new_bits < 128 && number >> new_bits != 0)
    return base::invalid(
        fmt::format("prefix extension of {} does not accommodate a subnet "
                    "numbered {}",
                    new_bits, static_cast<std::uint64_t>(number)));
  Network made = net;
  made.length += static_cast<int>(new_bits);
  if (made.width > made.length) number <<= made.width - made.length;
  made.address |= number;
  return made;
}

Result<Value> cidrsubnet(const Arguments& a) {
  TRY(const Network net, parse(a.text(0)));
  if (a.integer(1) > net.width) return base::invalid("prefix extension is too large");
  if (a.integer(2) < 0) return base::invalid("the subnet number must not be negative");
  TRY(const Network made, subnet(net, a.integer(1), static_cast<Bits>(a.integer(2))));
  return Value(network_text(made));
}

// Consecutive blocks, each aligned to its own size.
Result<Value> cidrsubnets(const Arguments& a) {
  TRY(const Network net, parse(a.text(0)));
  Value::List out;
  Bits used = 0;  // addresses from the beginning of the network
  bool full = false;
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (a.integer(i) < 1 || a.integer(i) > 32 || net.length + a.integer(i) > net.width)
      return base::invalid(
          fmt::format("would extend prefix of {} by {}, which must be 1..32 and "
                      "fit the address",
                      net.length, a.integer(i)));
    Network made = net;
    made.length += static_cast<int>(a.integer(i));
    const Bits size = host_mask(made) + 1;
    const Bits begin = (used + size - 1) / size * size;
    if (full || begin > host_mask(net))
      return base::invalid("not enough remaining address space for another subnet");
    made.address = net.address | begin;
    used = begin + size;
    full = used == 0 || used - 1 >= host_mask(net);
    out.emplace_back(network_text(made));
  }
  return Value::list(std::move(out));
}

constexpr Function rows[] = {
    {"cidrhost", "prefix:s hostnum:i", cidrhost},
    {"cidrnetmask", "prefix:s", cidrnetmask},
    {"cidrsubnet", "prefix:s newbits:i netnum:i", cidrsubnet},
    {"cidrsubnets", "prefix:s newbits:i*", cidrsubnets},
};

}  // namespace

std::span<const Function> network_functions() { return rows; }

}  // namespace caravan::hcl
