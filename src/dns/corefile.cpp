// SPDX-License-Identifier: Apache-2.0
#include "dns/corefile.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::dns {
namespace {

constexpr int port_max = 65'535;
/// Plugins that say nothing else of a name: known, and without effect.
constexpr std::array quiet_plugins = {"cache",   "debug", "health",     "loop",
                                      "metadata", "ready", "prometheus", "reload"};

/// Words of one line, and what stands in braces behind it.
struct Directive {
  int line = 0;
  std::vector<std::string> words;
  std::vector<Directive> inside;
  bool has_block = false;
};

base::Error wrong(int line, const std::string& why) {
  return {base::Code::invalid, fmt::format("line {}: {}", line, why)};
}

class Lines {
 public:
  explicit Lines(std::string_view text) : lines_(base::split(std::string(text), '\n')) {}

  /// Everything up to the brace that closes, or, at the top, to the end.
  base::Result<std::vector<Directive>> read(bool is_top) {
    std::vector<Directive> all;
    while (next_ < lines_.size()) {
      Directive directive;
      directive.words = words_of(lines_[next_++]);
      directive.line = static_cast<int>(next_);
      if (directive.words.empty()) continue;
      if (directive.words.front() == "}") {
        if (is_top || directive.words.size() > 1)
          return std::unexpected(wrong(directive.line, "nothing is open here"));
        return all;
      }
      if (directive.words.back() == "{") {
        directive.words.pop_back();
        if (directive.words.empty())
          return std::unexpected(wrong(directive.line, "a block needs a name"));
        directive.has_block = true;
        TRY(directive.inside, read(false));
      } else if (is_top) {
        return std::unexpected(
            wrong(directive.line, fmt::format("\"{}\" opens no block", shown(directive))));
      }
      all.push_back(std::move(directive));
    }
    if (!is_top)
      return std::unexpected(wrong(static_cast<int>(lines_.size()), "a block is not closed"));
    return all;
  }

  static std::string shown(const Directive& directive) {
    return base::printable(base::join(directive.words, " "), 80);
  }

 private:
  static std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : line.substr(0, line.find('#')) + " ")
      if (c == ' ' || c == '\t' || c == '\r' || c == ',') {
        if (!word.empty()) words.push_back(std::exchange(word, {}));
      } else {
        word += c;
      }
    return words;
  }

  std::vector<std::string> lines_;
  std::size_t next_ = 0;
};

std::string zone_name(std::string_view text) {
  std::string name = base::to_lower(text);
  return name.ends_with('.') ? name : name + ".";
}

/// "consul", "consul:53", "dns://.:53".
base::Result<ServerBlock::Zone> zone_of(std::string text, int line) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos) {
    if (!text.starts_with("dns://"))
      return std::unexpected(wrong(line, base::printable(text, 80) + ": only dns is served"));
    text.erase(0, scheme + 3);
  }
  ServerBlock::Zone zone;
  if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
    const base::Result<long long> port = base::parse_int(text.substr(colon + 1));
    if (!port || *port < 1 || *port > port_max)
      return std::unexpected(wrong(line, base::printable(text, 80) + ": no port in 1..65535"));
    zone.port = static_cast<std::uint16_t>(*port);
    text.resize(colon);
  }
  zone.name = zone_name(text.empty() ? "." : text);
  return zone;
}

class Reader {
 public:
  using Read = std::function<base::Result<std::string>(const std::string& path)>;
  explicit Reader(const Read& read) : read_(read) {}

  base::Result<ServerBlock> server(const Directive& block) {
    ServerBlock server;
    for (const std::string& word : block.words) {
      TRY(ServerBlock::Zone zone, zone_of(word, block.line));
      server.zones.push_back(std::move(zone));
    }
    for (const Directive& plugin : block.inside)
      TRY_VOID(read_plugin(server, plugin));
    return server;
  }

  std::vector<std::string> without_effect;

 private:
  base::Status read_plugin(ServerBlock& server, const Directive& plugin) {
    const std::string& name = plugin.words.front();
    if (name == "log") {
      server.logs = true;
    } else if (name == "errors") {
      server.logs_errors = true;
    } else if (name == "bind") {
      server.bind.insert(server.bind.end(), plugin.words.begin() + 1, plugin.words.end());
    } else if (name == "forward") {
      TRY(Forward made, forward(plugin));
      server.forwards.push_back(std::move(made));
    } else if (std::ranges::find(quiet_plugins, name) != quiet_plugins.end()) {
      without_effect.push_back(fmt::format("line {}: {}", plugin.line, name));
    } else {
      return base::fail(base::Code::unsupported,
                        fmt::format("line {}: plugin \"{}\" is not built: bind, forward, log and "
                                    "errors are",
                                    plugin.line, base::printable(name, 40)));
    }
    return {};
  }

  base::Result<Forward> forward(const Directive& plugin) {
    if (plugin.words.size() < 3)
      return std::unexpected(wrong(plugin.line, "forward needs a zone and whom to ask"));
    Forward made;
    made.from = zone_name(plugin.words[1]);
    for (std::size_t i = 2; i < plugin.words.size(); ++i)
      TRY_VOID(add_upstream(made, plugin.words[i], plugin.line));
    if (made.to.empty() || made.to.size() > upstreams_max)
      return std::unexpected(
          wrong(plugin.line, fmt::format("forward asks {} resolvers: 1..{} are possible",
                                         made.to.size(), upstreams_max)));
    for (const Directive& option : plugin.inside)
      TRY_VOID(read_option(made, option));
    return made;
  }

  base::Status add_upstream(Forward& made, std::string text, int line) {
    if (text.starts_with("tls://"))
      return base::fail(base::Code::unsupported,
                        fmt::format("line {}: resolvers by TLS are not built yet", line));
    if (text.starts_with("dns://")) text.erase(0, 6);
    if (text.starts_with('/')) return add_resolvers(made, text, line);
    const base::Result<io::Address> address = io::Address::parse(text, dns_port);
    const bool is_ip =
        address && !address->is_unix &&
        address->host.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos;
    if (!is_ip)
      return std::unexpected(wrong(
          line, fmt::format("\"{}\" is neither an IP address nor a file", base::printable(text, 80))));
    made.to.push_back(*address);
    return {};
  }

  /// The nameservers of a file in the form of /etc/resolv.conf.
  base::Status add_resolvers(Forward& made, const std::string& path, int line) {
    const base::Result<std::string> text = read_(path);
    if (!text) return std::unexpected(wrong(line, text.error().message));
    bool has_any = false;
    for (const std::string& row : base::split(*text, '\n')) {
      const std::string trimmed(base::trim(row));
      if (!trimmed.starts_with("nameserver")) continue;
      const std::string_view host = base::trim(std::string_view(trimmed).substr(10));
      const bool is_v6 = host.find(':') != std::string_view::npos;
      const auto address =
          io::Address::parse(is_v6 ? fmt::format("[{}]", host) : std::string(host), dns_port);
      if (!address) continue;
      made.to.push_back(*address);
      has_any = true;
    }
    if (has_any) return {};
    return std::unexpected(wrong(line, path + " names no nameserver"));
  }

  base::Status read_option(Forward& made, const Directive& option) {
    const std::string& name = option.words.front();
    const std::string value = option.words.size() > 1 ? option.words[1] : "";
    const auto whole = [&](int& into) -> base::Status {
      const base::Result<long long> number = base::parse_int(value);
      if (!number || *number < 0 || *number > 1'000'000)
        return std::unexpected(wrong(option.line, name + " needs a number in 0..1000000"));
      into = static_cast<int>(*number);
      return {};
    };
    if (name == "force_tcp") made.force_tcp = true;
    if (name == "prefer_udp") made.prefer_udp = true;
    if (name == "force_tcp" || name == "prefer_udp") return {};
    if (name == "max_fails") return whole(made.fails_max);
    if (name == "max_concurrent") return whole(made.concurrent_max);
    if (name == "health_check") return read_probe(made, option);
    if (name == "policy") {
      using Policy = Forward::Policy;
      if (value != "random" && value != "round_robin" && value != "sequential")
        return std::unexpected(
            wrong(option.line, "policy is one of random, round_robin, sequential"));
      made.policy = value == "random"        ? Policy::random
                    : value == "round_robin" ? Policy::round_robin
                                             : Policy::sequential;
      return {};
    }
    if (name == "except") {
      for (std::size_t i = 1; i < option.words.size(); ++i)
        made.except.push_back(zone_name(option.words[i]));
      return {};
    }
    if (name == "expire") {  // connections are not kept
      without_effect.push_back(fmt::format("line {}: forward {}", option.line, name));
      return {};
    }
    return std::unexpected(wrong(
        option.line, fmt::format("forward knows no \"{}\": force_tcp, prefer_udp, max_fails, "
                                 "max_concurrent, health_check, policy, except and expire",
                                 base::printable(name, 40))));
  }

  static base::Status read_probe(Forward& made, const Directive& option) {
    const auto interval = base::parse_duration(option.words.size() > 1 ? option.words[1] : "");
    if (!interval || interval->count() <= 0)
      return std::unexpected(wrong(option.line, "health_check needs a duration such as 0.5s"));
    made.probe_interval = *interval;
    for (std::size_t i = 2; i < option.words.size(); ++i) {
      if (option.words[i] == "no_rec")
        made.probe_recurses = false;
      else if (option.words[i] == "domain" && i + 1 < option.words.size())
        made.probe_name = zone_name(option.words[++i]);
      else
        return std::unexpected(wrong(option.line, "health_check takes no_rec and domain NAME"));
    }
    return {};
  }

  const Read& read_;
};

}  // namespace

base::Result<Corefile> parse_corefile(
    std::string_view text,
    const std::function<base::Result<std::string>(const std::string& path)>& read) {
  TRY(const std::vector<Directive> blocks, Lines(text).read(true));
  Corefile file;
  Reader reader(read);
  for (const Directive& block : blocks) {
    TRY(ServerBlock server, reader.server(block));
    file.servers.push_back(std::move(server));
  }
  if (file.servers.empty()) return base::invalid("no server block, such as .:53 { … }");
  file.without_effect = std::move(reader.without_effect);
  return file;
}

bool is_within(std::string_view name, std::string_view zone) {
  if (zone == ".") return true;
  std::string lower = base::to_lower(name);
  if (!lower.ends_with('.')) lower += '.';
  if (!lower.ends_with(zone)) return false;
  return lower.size() == zone.size() || lower[lower.size() - zone.size() - 1] == '.';
}

const Forward* forward_for(const ServerBlock& server, std::string_view name) {
  const Forward* best = nullptr;
  for (const Forward& rule : server.forwards) {
    const bool is_excepted = std::ranges::any_of(
        rule.except, [&](const std::string& zone) { return is_within(name, zone); });
    if (!is_within(name, rule.from) || is_excepted) continue;
    if (!best || rule.from.size() > best->from.size()) best = &rule;
  }
  return best;
}

}  // namespace caravan::dns
