// SPDX-License-Identifier: Apache-2.0
#include "ingress/fabio_tag.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::ingress {
namespace {

constexpr std::size_t shown = 80;  // bytes of a tag in a message

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

base::Result<int> checked_port(std::string_view text, std::string_view what) {
  const base::Result<long long> port = base::parse_int(text);
  if (!port || *port < 1 || *port > 65'535)
    return base::invalid(
        fmt::format("{}: \"{}\" is no port (1..65535)", what, base::printable(text, shown)));
  return static_cast<int>(*port);
}

base::Result<bool> checked_bool(std::string_view text, std::string_view what) {
  if (text == "true") return true;
  if (text == "false") return false;
  return base::invalid(
      fmt::format("{}: \"{}\" is neither true nor false", what, base::printable(text, shown)));
}

base::Result<double> checked_weight(std::string_view text) {
  double weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  if (error != std::errc() || end != text.data() + text.size() || !(weight >= -1e6) ||
      !(weight <= 1e6))
    return base::invalid(
        fmt::format("weight=: \"{}\" is no number", base::printable(text, shown)));
  return std::max(weight, 0.0);
}

/// "ip:10.0.0.0/8,ip:10.1.2.3"
base::Result<std::vector<std::string>> checked_networks(std::string_view text,
                                                        std::string_view what) {
  std::vector<std::string> networks;
  for (const std::string& part : base::split(text, ',')) {
    const std::string_view entry = base::trim(part);
    if (!entry.starts_with("ip:"))
      return base::invalid(fmt::format("{} \"{}\" does not begin with ip:", what,
                                       base::printable(entry, shown)));
    TRY(std::string network, checked_network(entry.substr(3), what));
    networks.push_back(std::move(network));
    if (networks.size() > networks_max)
      return base::invalid(fmt::format("{} more than {} networks", what, networks_max));
  }
  return networks;
}

/// "301,https://host$path"
base::Result<Redirect> checked_redirect(std::string_view text) {
  const std::size_t comma = text.find(',');
  const base::Result<long long> code = base::parse_int(text.substr(0, comma));
  if (!code || *code < 300 || *code > 399)
    return base::invalid(fmt::format("redirect=: \"{}\" does not begin with a code of 300..399",
                                     base::printable(text, shown)));
  static constexpr long long known[] = {301, 302, 303, 307, 308};
  if (std::ranges::find(known, *code) == std::end(known))
    return base::fail(base::Code::unsupported,
                      fmt::format("redirect=: {} is none of 301, 302, 303, 307, 308", *code));
  Redirect redirect;
  redirect.status = static_cast<int>(*code);
  if (comma == std::string_view::npos || comma + 1 == text.size())
    return base::invalid("redirect=: where to is missing, as in redirect=301,https://host$path");
  TRY(redirect.location, checked_text(text.substr(comma + 1), "redirect="));
  if (redirect.location.find_first_of(" \"'\\`<>{}") != std::string::npos)
    return base::invalid("redirect=: a location has no blanks, quotes, braces or backslashes");
  return redirect;
}

base::Status take_protocol(FabioTag& tag, std::string_view value) {
  if (value == "http" || value.empty()) return {};
  if (value == "https") {
    tag.treatment.to_tls = true;
  } else if (value == "tcp") {
    tag.protocol = Protocol::tcp;
  } else if (value == "tcp+sni") {
    tag.protocol = Protocol::sni;
  } else if (value == "grpc" || value == "grpcs") {
    return base::fail(base::Code::unsupported, fmt::format("proto={} is not built yet", value));
  } else {
    return base::invalid(fmt::format("proto=: \"{}\" is none of http, https, tcp, tcp+sni",
                                     base::printable(value, shown)));
  }
  return {};
}

base::Status take_option(FabioTag& tag, std::string_view name, std::string_view value,
                         const Settings& settings) {
  Treatment& t = tag.treatment;
  if (name == "strip") {
    TRY(std::string path, checked_path(value, "strip="));
    t.strip = {std::move(path)};
  } else if (name == "prepend") {
    TRY(t.prepend, checked_path(value, "prepend="));
  } else if (name == "proto") {
    return take_protocol(tag, value);
  } else if (name == "weight") {
    TRY(tag.weight, checked_weight(value));
  } else if (name == "redirect") {
    TRY(t.redirect, checked_redirect(value));
  } else if (name == "allow") {
    TRY(t.allow, checked_networks(value, "allow="));
  } else if (name == "deny") {
    TRY(t.deny, checked_networks(value, "deny="));
  } else if (name == "only") {
    TRY(tag.only, checked_port(value, "only="));
  } else if (name == "register") {
    TRY(tag.register_as, checked_host(value, "register=", 0));
  } else if (name == "tlsskipverify") {
    TRY(t.skips_verify, checked_bool(value, "tlsskipverify="));
  } else if (name == "pxyproto") {
    TRY(t.sends_proxy, checked_bool(value, "pxyproto="));
  } else if (name == "host") {
    if (value == "dst")
      return base::fail(base::Code::unsupported, "host=dst is not built yet; a name is");
    TRY(t.host, checked_host(value, "host=", 0));
  } else if (name == "auth") {
    const auto users = settings.auth.find(value);
    if (users == settings.auth.end())
      return base::invalid(fmt::format("auth=: the ingress has no auth block \"{}\"",
                                       base::printable(value, shown)));
    t.auth = BasicAuth{std::string(value), users->second, false};
  } else {
    return base::invalid(fmt::format("\"{}\" is no option of a route", base::printable(name, shown)));
  }
  return {};
}

/// $DC and ${DC}
std::string with_datacenter(std::string text, const std::string& datacenter) {
  for (const std::string_view name : {"${DC}", "$DC"})
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
      text.replace(at, name.size(), datacenter);
      at += datacenter.size();
    }
  return text;
}

base::Status take_source(FabioTag& tag, const std::string& source) {
  if (tag.protocol == Protocol::tcp) {
    if (!source.starts_with(':'))
      return base::invalid(fmt::format("\"{}\": a route with proto=tcp is a port, as in :7433",
                                       base::printable(source, shown)));
    TRY(tag.port, checked_port(std::string_view(source).substr(1), "port"));
    return {};
  }
  const std::size_t slash = source.find('/');
  const std::string_view host = std::string_view(source).substr(0, slash);
  if (tag.protocol == Protocol::sni) {
    if (slash != std::string::npos && slash + 1 != source.size())
      return base::invalid("a route with proto=tcp+sni is a host without a path");
    TRY(tag.host, checked_host(host, "host", globs_max));
    return {};
  }
  if (slash == std::string::npos)
    return base::invalid(fmt::format("\"{}\" has no path: write {}/", base::printable(source, shown),
                                     base::printable(source, shown)));
  if (!host.empty()) {
    TRY(tag.host, checked_host(host, "host", globs_max));
  }
  TRY(tag.path, checked_path(std::string_view(source).substr(slash), "path"));
  return {};
}

}  // namespace

base::Result<std::string> checked_host(std::string_view text, std::string_view what, int globs) {
  if (text.empty() || text.size() > host_bytes_max)
    return base::invalid(fmt::format("{}: a host has 1 to {} characters", what, host_bytes_max));
  int stars = 0;
  for (const char c : text) {
    if (c == '*') ++stars;
    const bool is_known = is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '*';
    if (!is_known || stars > globs)
      return base::invalid(
          fmt::format("{}: \"{}\" is no host name", what, base::printable(text, shown)));
  }
  return base::to_lower(text);
}

base::Result<std::string> checked_path(std::string_view text, std::string_view what) {
  if (!text.starts_with('/'))
    return base::invalid(
        fmt::format("{}: \"{}\" does not begin with /", what, base::printable(text, shown)));
  if (text.size() > path_bytes_max)
    return base::invalid(fmt::format("{}: longer than {} characters", what, path_bytes_max));
  static constexpr std::string_view others = "/-._~%!$&()*+,;=:@";
  for (const char c : text)
    if (!is_alnum(c) && others.find(c) == std::string_view::npos)
      return base::invalid(
          fmt::format("{}: \"{}\" has a character that no path has; write it as %XX", what,
                      base::printable(text, shown)));
  return std::string(text);
}

base::Result<std::string> checked_network(std::string_view text, std::string_view what) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  unsigned char bytes[sizeof(in6_addr)];
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), bytes) == 1;
  const bool is_v6 = !is_v4 && ::inet_pton(AF_INET6, address.c_str(), bytes) == 1;
  // The C function stops at a NUL, and what follows it would get in.
  bool fits = (is_v4 || is_v6) && address.find('\0') == std::string::npos;
  if (fits && slash != std::string_view::npos) {
    const base::Result<long long> bits = base::parse_int(text.substr(slash + 1));
    fits = bits && *bits >= 0 && *bits <= (is_v4 ? 32 : 128);
  }
  if (!fits)
    return base::invalid(fmt::format("{} \"{}\" is no address and no network", what,
                                     base::printable(text, shown)));
  return std::string(text);
}

base::Result<std::string> checked_text(std::string_view text, std::string_view what) {
  if (text.size() > path_bytes_max)
    return base::invalid(fmt::format("{}: longer than {} characters", what, path_bytes_max));
  for (const char c : text)
    if (c < 0x20 || c > 0x7e)
      return base::invalid(fmt::format("{}: only visible ASCII can stand there", what));
  return std::string(text);
}

std::string FabioTag::source() const {
  if (protocol == Protocol::tcp) return ":" + std::to_string(port);
  return host + path;
}

base::Result<FabioTag> parse_fabio_tag(std::string_view text, const Settings& settings) {
  if (text.size() > tag_bytes_max)
    return base::invalid(fmt::format("the tag is longer than {} characters", tag_bytes_max));
  text = base::trim(text);
  const std::size_t blank = text.find(' ');
  const std::string source =
      with_datacenter(std::string(text.substr(0, blank)), settings.datacenter);
  FabioTag tag;
  std::string_view rest = blank == std::string_view::npos ? "" : text.substr(blank + 1);
  while (!(rest = base::trim(rest)).empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    const std::size_t equals = word.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
    TRY_VOID(take_option(tag, word.substr(0, equals), value, settings));
  }
  TRY_VOID(take_source(tag, source));
  if (tag.protocol != Protocol::http &&
      (tag.treatment.redirect || tag.treatment.auth || !tag.treatment.strip.empty() ||
       !tag.treatment.prepend.empty() || !tag.treatment.host.empty()))
    return base::invalid("strip=, prepend=, redirect=, host= and auth= are for http only");
  return tag;
}

}  // namespace caravan::ingress
