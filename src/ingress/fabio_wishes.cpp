// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/fabio_tag.hpp"
#include "ingress/wish.hpp"

namespace caravan::ingress {
namespace {

constexpr std::size_t tag_shown = 120;  // bytes of a tag in a report
constexpr std::size_t wishes_max = 64;  // of one instance

bool may_open(const Settings& settings, int port) {
  for (const auto& [from, to] : settings.tcp_ports)
    if (port >= from && port <= to) return true;
  return false;
}

bool may_register(const Settings& settings, const std::string& name) {
  return name.empty() || std::ranges::any_of(settings.register_names, [&](const std::string& glob) {
    return base::glob_match(glob, name);
  });
}

}  // namespace

std::vector<Wish> fabio_wishes(const Instance& instance, const Settings& settings,
                               std::vector<Problem>& problems) {
  std::vector<Wish> wishes;
  std::vector<std::string> others;
  for (const std::string& tag : instance.tags) {
    const std::string_view text = base::trim(tag);
    if (!text.starts_with(settings.tag_prefix)) {
      others.push_back(tag);
      continue;
    }
    const auto report = [&](std::string what) {
      problems.push_back({instance.service, base::printable(text, tag_shown), std::move(what)});
    };
    const base::Result<FabioTag> read =
        parse_fabio_tag(text.substr(settings.tag_prefix.size()), settings);
    if (!read) {
      report(read.error().message);
      continue;
    }
    if (read->only != 0 && read->only != instance.port) continue;
    if (read->protocol == Protocol::tcp && !may_open(settings, read->port)) {
      report(fmt::format("port {} may not be opened by tags: list it in ingress.tcp_ports",
                         read->port));
      continue;
    }
    if (wishes.size() == wishes_max) {
      report(fmt::format("more than {} routes of one instance", wishes_max));
      break;
    }
    Wish wish;
    wish.key = fmt::format("{} {}", static_cast<int>(read->protocol), read->source());
    wish.port = instance.port;
    wish.fixed = read->weight;
    Route& route = wish.route;
    route.source = read->source();
    route.tag = base::printable(text, tag_shown);
    route.protocol = read->protocol;
    route.host = read->host;
    route.path = read->path;
    route.port = read->port;
    route.treatment = read->treatment;
    if (may_register(settings, read->register_as))
      route.register_as = read->register_as;
    else
      report(fmt::format("routed, but the name \"{}\" may not be registered by tags: list it in "
                         "ingress.register_names",
                         read->register_as));
    wishes.push_back(std::move(wish));
  }
  for (Wish& wish : wishes) wish.route.tags = others;
  return wishes;
}

}  // namespace caravan::ingress
