// SPDX-License-Identifier: Apache-2.0
#include "config/sockaddr.hpp"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <variant>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::config {
namespace {

using List = std::vector<InterfaceAddress>;
using Stage = std::variant<List, std::string>;

/// 16 bytes; IPv4 as ::ffff:a.b.c.d, so that one comparison serves both.
using Ip = std::array<std::uint8_t, 16>;

std::optional<Ip> parse_ip(const std::string& text) {
  Ip ip{};
  if (inet_pton(AF_INET6, text.c_str(), ip.data()) == 1) return ip;
  ip = {};
  ip[10] = ip[11] = 0xff;
  if (inet_pton(AF_INET, text.c_str(), ip.data() + 12) == 1) return ip;
  return std::nullopt;
}

bool is_ipv4(const InterfaceAddress& a) { return a.address.find(':') == std::string::npos; }

/// Whether `address` lies in a network such as "10.0.0.0/8".
bool is_in(const std::string& address, const std::string& network) {
  const std::size_t slash = network.find('/');
  const auto ip = parse_ip(address);
  const auto base_ip = parse_ip(network.substr(0, slash));
  if (!ip || !base_ip) return false;
  const bool v4 = network.find(':') == std::string::npos;
  if (v4 != (address.find(':') == std::string::npos)) return false;
  const auto length = slash == std::string::npos ? base::Result<long long>(v4 ? 32 : 128)
                                                 : base::parse_int(network.substr(slash + 1));
  if (!length || *length < 0 || *length > (v4 ? 32 : 128)) return false;
  const auto bits = static_cast<std::size_t>(*length) + (v4 ? 96 : 0);
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80 >> (bit % 8));
    if (((*ip)[bit / 8] & mask) != ((*base_ip)[bit / 8] & mask)) return false;
  }
  return true;
}

bool is_in_any(const std::string& address, std::initializer_list<const char*> networks) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const char* network) { return is_in(address, network); });
}

/// Networks of RFC 6890 that are in use on hosts.
bool is_private(const InterfaceAddress& a) {
  return is_in_any(a.address,
                   {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                    "169.254.0.0/16", "127.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24",
                    "203.0.113.0/24", "198.18.0.0/15", "fc00::/7", "fe80::/10", "::1/128"});
}

bool is_forwardable(const InterfaceAddress& a) {
  return !a.loopback && !is_in_any(a.address, {"127.0.0.0/8", "169.254.0.0/16", "fe80::/10",
                                               "::1/128", "0.0.0.0/8"});
}

bool has_rfc(const InterfaceAddress& a, const std::string& number) {
  if (number == "1918")
    return is_in_any(a.address, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"});
  if (number == "4193") return is_in(a.address, "fc00::/7");
  if (number == "6598") return is_in(a.address, "100.64.0.0/10");
  if (number == "3927") return is_in(a.address, "169.254.0.0/16");
  return number == "6890" && is_private(a);
}

bool has_flag(const InterfaceAddress& a, const std::string& flag) {
  if (flag == "up") return a.up;
  if (flag == "down") return !a.up;
  if (flag == "loopback") return a.loopback;
  if (flag == "forwardable") return is_forwardable(a);
  if (flag == "global unicast") return is_forwardable(a);
  return flag == "link-local unicast" && is_in_any(a.address, {"169.254.0.0/16", "fe80::/10"});
}

base::Result<bool> selected(const InterfaceAddress& a, std::string selector,
                            const std::string& pattern) {
  selector = base::to_lower(selector);
  if (selector == "name" || selector == "address") {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 expression(pattern, options);
    if (!expression.ok()) return base::invalid("bad pattern: " + expression.error());
    return RE2::PartialMatch(selector == "name" ? a.name : a.address, expression);
  }
  if (selector == "network") return is_in(a.address, pattern);
  for (const std::string& choice : base::split(base::to_lower(pattern), '|')) {
    bool yes = false;
    if (selector == "type")
      yes = choice == "ip" || choice == (is_ipv4(a) ? "ipv4" : "ipv6");
    else if (selector == "rfc")
      yes = has_rfc(a, choice);
    else if (selector == "flag" || selector == "flags")
      yes = has_flag(a, choice);
    else if (selector == "size")
      yes = choice == std::to_string(a.prefix_length);
    else
      return base::invalid("unknown selector \"" + base::printable(selector, 40) + "\"");
    if (yes) return true;
  }
  return false;
}

std::string attribute(const InterfaceAddress& a, const std::string& name) {
  if (name == "name") return a.name;
  if (name == "type") return is_ipv4(a) ? "IPv4" : "IPv6";
  if (name == "size") return std::to_string(a.prefix_length);
  if (name == "network" || name == "string")
    return fmt::format("{}/{}", a.address, a.prefix_length);
  return a.address;
}

/// Negative when `a` comes first. Yes comes before no, IPv4 before IPv6, small networks before
/// large.
int compare_by(const std::string& key, const InterfaceAddress& a, const InterfaceAddress& b) {
  const auto yes_first = [](bool x, bool y) { return static_cast<int>(y) - static_cast<int>(x); };
  if (key == "default") return yes_first(a.default_route, b.default_route);
  if (key == "type") return yes_first(is_ipv4(a), is_ipv4(b));
  if (key == "private") return yes_first(is_private(a), is_private(b));
  if (key == "size") return b.prefix_length - a.prefix_length;
  if (key == "name") return a.name.compare(b.name);
  const auto x = parse_ip(a.address);
  const auto y = parse_ip(b.address);
  return (x > y) - (x < y);
}

/// By several keys, "-" for the other way round; by address where they leave it open.
void sort_by(List& list, std::string_view orders) {
  std::vector<std::pair<std::string, bool>> keys;
  for (const std::string& order : base::split(std::string(orders) + ",address", ',')) {
    const std::string_view word = base::trim(order);
    const bool signed_key = word.starts_with('-') || word.starts_with('+');
    keys.emplace_back(word.substr(signed_key ? 1 : 0), word.starts_with('-'));
  }
  std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
    for (const auto& [key, down] : keys)
      if (const int order = compare_by(key, a, b); order != 0) return down ? order > 0 : order < 0;
    return false;
  });
}

struct Word {
  std::string text;
  bool quoted = false;
};

/// `{{ … }}` split at `|` into commands of words.
base::Result<std::vector<std::vector<Word>>> commands_of(std::string_view inside) {
  std::vector<std::vector<Word>> commands(1);
  for (std::size_t i = 0; i < inside.size();) {
    const char c = inside[i];
    if (c == ' ' || c == '\t') {
      ++i;
    } else if (c == '|') {
      commands.emplace_back();
      ++i;
    } else if (c == '"' || c == '`') {
      const std::size_t end = inside.find(c, i + 1);
      if (end == std::string_view::npos) return base::invalid("a string has no closing quote");
      commands.back().push_back({std::string(inside.substr(i + 1, end - i - 1)), true});
      i = end + 1;
    } else {
      const std::size_t end = std::min(inside.find_first_of(" \t|\"`", i), inside.size());
      commands.back().push_back({std::string(inside.substr(i, end - i)), false});
      i = end;
    }
  }
  for (const auto& command : commands)
    if (command.empty()) return base::invalid("a command is missing");
  return commands;
}

class Pipeline {
 public:
  explicit Pipeline(Interfaces& interfaces) : interfaces_(interfaces) {}

  base::Result<std::string> run(const std::vector<std::vector<Word>>& commands) {
    TRY(Stage stage, source(commands[0]));
    for (std::size_t i = 1; i < commands.size(); ++i) {
      TRY(stage, step(std::move(stage), commands[i]));
    }
    if (const auto* text = std::get_if<std::string>(&stage)) return *text;
    std::vector<std::string> all;
    for (const InterfaceAddress& a : std::get<List>(stage)) all.push_back(a.address);
    return base::join(all, " ");
  }

 private:
  base::Result<Stage> source(const std::vector<Word>& command) {
    TRY(List list, interfaces_.list());
    const std::string& name = command[0].text;
    const bool wants_name = name == "GetInterfaceIP" || name == "GetInterfaceIPs";
    if (command.size() != (wants_name ? 2u : 1u))
      return base::invalid(fmt::format("{} takes {} argument(s)", name, wants_name ? 1 : 0));
    if (name == "GetAllInterfaces") return list;
    std::erase_if(list, [](const auto& a) { return !a.up; });
    if (wants_name)
      std::erase_if(list, [&](const auto& a) { return a.name != command[1].text; });
    else
      std::erase_if(list, [](const auto& a) { return !is_forwardable(a); });
    sort_by(list, "default,type,size");
    const bool is_list = name.ends_with("s");
    const std::string kind = name.starts_with("Get") ? name.substr(3) : "";
    if (kind.starts_with("Private"))
      std::erase_if(list, [](const auto& a) { return !is_private(a); });
    else if (kind.starts_with("Public"))
      std::erase_if(list, is_private);
    else if (kind.starts_with("Default"))
      std::erase_if(list, [](const auto& a) { return !a.default_route; });
    else if (!wants_name)
      return base::invalid("unknown function \"" + base::printable(name, 40) + "\"");
    if (name.ends_with("Interfaces")) return list;
    if (!name.ends_with("IP") && !name.ends_with("IPs"))
      return base::invalid("unknown function \"" + base::printable(name, 40) + "\"");
    return addresses(list, is_list ? list.size() : 1);
  }

  static std::string addresses(const List& list, std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < std::min(count, list.size()); ++i) all.push_back(list[i].address);
    return base::join(all, " ");
  }

  static base::Result<Stage> step(Stage stage, const std::vector<Word>& command) {
    const std::string& name = command[0].text;
    List* list = std::get_if<List>(&stage);
    if (list == nullptr) return base::invalid("\"" + name + "\" needs a list of interfaces");
    const auto wants = [&](std::size_t count) { return command.size() == count + 1; };
    if ((name == "include" || name == "exclude") && wants(2)) {
      List kept;
      for (const InterfaceAddress& a : *list) {
        TRY(const bool yes, selected(a, command[1].text, command[2].text));
        if (yes == (name == "include")) kept.push_back(a);
      }
      return kept;
    }
    if (name == "sort" && wants(1)) {
      sort_by(*list, command[1].text);
      return stage;
    }
    if ((name == "limit" || name == "offset") && wants(1)) {
      TRY(const long long n, base::parse_int(command[1].text));
      const auto size = static_cast<long long>(list->size());
      const long long count = std::clamp(name == "offset" && n < 0 ? size + n : n, 0LL, size);
      if (name == "limit")
        list->resize(static_cast<std::size_t>(count));
      else
        list->erase(list->begin(), list->begin() + count);
      return stage;
    }
    if (name == "unique" && wants(1)) {
      std::vector<std::string> seen;
      std::erase_if(*list, [&](const InterfaceAddress& a) {
        const std::string value = attribute(a, command[1].text);
        const bool known = std::find(seen.begin(), seen.end(), value) != seen.end();
        seen.push_back(value);
        return known;
      });
      return stage;
    }
    if (name == "attr" && wants(1))
      return list->empty() ? std::string() : attribute(list->front(), command[1].text);
    if (name == "join" && wants(2)) {
      std::vector<std::string> values;
      for (const InterfaceAddress& a : *list) values.push_back(attribute(a, command[1].text));
      return base::join(values, command[2].text);
    }
    return base::invalid("unknown step \"" + base::printable(name, 40) +
                         "\", or another number of arguments");
  }

  Interfaces& interfaces_;
};

}  // namespace

base::Result<std::string> render_address(std::string_view text, Interfaces& interfaces) {
  std::string out;
  while (true) {
    const std::size_t begin = text.find("{{");
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const std::size_t end = text.find("}}", begin);
    const std::string_view whole =
        text.substr(begin, end == std::string_view::npos ? end : end + 2 - begin);
    const auto refuse = [&](base::Code code, const std::string& why) {
      return base::fail(code, fmt::format("{}: {}", base::printable(whole, 200), why));
    };
    if (end == std::string_view::npos) return refuse(base::Code::invalid, "has no closing }}");
    auto commands = commands_of(base::trim(text.substr(begin + 2, end - begin - 2)));
    if (!commands) return refuse(base::Code::invalid, commands.error().message);
    auto value = Pipeline(interfaces).run(*commands);
    if (!value) return refuse(value.error().code, value.error().message);
    if (value->empty()) return refuse(base::Code::not_found, "no such address on this host");
    out += *value;
    text.remove_prefix(end + 2);
  }
}

}  // namespace caravan::config
