// SPDX-License-Identifier: Apache-2.0
#include "ingress/routing_table.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "ingress/fabio_tag.hpp"
#include "ingress/wish.hpp"

namespace caravan::ingress {
namespace {

struct Claim {
  const Instance* instance;
  Wish wish;
};

/// The name of a route's backend: what people read, then what makes it unique.
std::string id_of(const std::string& service, const std::string& key) {
  constexpr std::size_t readable_max = 40;
  std::string id;
  for (const char c : base::to_lower(service).substr(0, readable_max))
    id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  return fmt::format("{}_{:08x}", id, static_cast<std::uint32_t>(base::hash64(key)));
}

/// All that two wishes for one source have to agree on.
bool agree(const Route& a, const Route& b) {
  const auto parts = [](const Route& r) {
    return std::tie(r.protocol, r.source, r.rule, r.priority, r.entry_points, r.wants_tls,
                    r.treatment, r.register_as);
  };
  return parts(a) == parts(b);
}

/// Names are not resolved here: the data plane would not start over one that cannot be.
bool is_reachable(const Instance& instance, int port) {
  return port > 0 && instance.address.find('/') == std::string::npos &&
         checked_network(instance.address, "address").has_value();
}

std::string server_id(const Instance& instance, int port) {
  return fmt::format("{}/{}/{}/{}:{}", instance.door, instance.node, instance.id, instance.address,
                     port);
}

/// One key's claims, the oldest first.
Route join(std::vector<Claim>& claims, const std::string& key, std::vector<Problem>& problems) {
  Route route = claims.front().wish.route;
  route.service = claims.front().instance->service;
  route.created = claims.front().instance->created;
  route.id = id_of(route.service, key);
  std::vector<Share> wanted;
  std::set<std::string> seen;
  for (const Claim& claim : claims) {
    const Instance& instance = *claim.instance;
    if (!agree(route, claim.wish.route)) {
      problems.push_back({instance.service, claim.wish.route.tag,
                          fmt::format("{} has {} already, on other terms ({})", route.service,
                                      base::printable(route.source, 100), route.tag)});
      continue;
    }
    const std::string id = server_id(instance, claim.wish.port);
    if (!seen.insert(id).second) continue;
    route.servers.push_back({id, instance.address, claim.wish.port, 0});
    wanted.push_back({claim.wish.fixed, instance.weight});
  }
  const std::vector<double> found = shares(wanted);
  for (std::size_t i = 0; i < found.size(); ++i)
    route.servers[i].share = found[i];
  std::ranges::sort(route.servers, {}, &Server::id);
  return route;
}

/// Rules before hosts, the most particular first, so that whoever matches first is right.
bool comes_before(const Route& a, const Route& b) {
  const auto rank = [](const Route& r) {
    const auto stars = std::ranges::count(r.host, '*');
    return std::tuple(r.rule ? 0 : 1, -r.priority, r.host.empty(), stars,
                      -static_cast<int>(r.host.size()), r.host, -static_cast<int>(r.path.size()),
                      r.path, r.port, r.created, r.id);
  };
  return rank(a) < rank(b);
}

/// Two routers that ask for the same: both stay, and the second one is never asked.
void report_shadowed(const std::vector<Route>& routes, std::vector<Problem>& problems) {
  std::map<std::tuple<std::string, std::int64_t, std::vector<std::string>>, const Route*> first;
  for (const Route& route : routes) {
    if (!route.rule) continue;
    const auto [at, is_new] =
        first.emplace(std::tuple(route.source, route.priority, route.entry_points), &route);
    if (!is_new)
      problems.push_back({route.service, route.tag,
                          fmt::format("{} of {} has the same rule and priority, and is asked first",
                                      at->second->tag, at->second->service)});
  }
}

/// What cannot stand side by side in one data plane: names, and ports that are taken.
void drop_clashes(std::vector<Route>& routes, std::vector<Problem>& problems,
                  const Settings& settings) {
  std::set<std::string> ids, names;
  std::map<std::string, const EntryPoint*> whole;  // tcp entry points that are given away
  std::size_t servers = 0;
  std::vector<Route> kept;
  std::ranges::sort(routes, {}, [](const Route& r) { return std::tie(r.created, r.id); });
  for (Route& route : routes) {
    std::string why;
    servers += route.servers.size();
    if (kept.size() == routes_max || servers > servers_max)
      why = fmt::format("there are more than {} routes or {} servers", routes_max, servers_max);
    else if (!ids.insert(route.id).second)
      why = "another route has the same name";
    if (why.empty() && route.protocol == Protocol::tcp)
      for (const EntryPoint& entry : settings.entry_points) {
        if (route.port != 0 && entry.port == route.port)
          why = fmt::format("port {} is the entry point {}", route.port, entry.name);
        const bool is_named =
            std::ranges::find(route.entry_points, entry.name) != route.entry_points.end();
        if (route.port == 0 && is_named && !whole.emplace(entry.name, &entry).second)
          why = fmt::format("the entry point {} belongs to an older router", entry.name);
      }
    if (!why.empty()) {
      problems.push_back({route.service, route.tag, why});
      continue;
    }
    if (names.size() == names_max && !names.contains(route.register_as))
      if (!std::exchange(route.register_as, "").empty())
        problems.push_back({route.service, route.tag,
                            fmt::format("routed, but there are {} names already", names_max)});
    if (!route.register_as.empty()) names.insert(route.register_as);
    kept.push_back(std::move(route));
  }
  routes = std::move(kept);
}

}  // namespace

std::vector<double> shares(const std::vector<Share>& wishes) {
  double fixed = 0, rest = 0;
  for (const Share& wish : wishes) {
    if (wish.fixed > 0)
      fixed += wish.fixed;
    else
      rest += std::max(wish.weight, 0);
  }
  // More than everything, or less with nobody to take the rest: scaled to everything.
  const bool scales = fixed > 1 || (rest == 0 && fixed > 0);
  const double left = scales ? 0 : 1 - fixed;
  std::vector<double> found;
  for (const Share& wish : wishes) {
    if (wish.fixed > 0)
      found.push_back(scales ? wish.fixed / fixed : wish.fixed);
    else
      found.push_back(rest > 0 ? left * std::max(wish.weight, 0) / rest : 0);
  }
  return found;
}

RoutingTable make_routing_table(const std::vector<Instance>& instances, const Settings& settings) {
  RoutingTable table;
  std::map<std::string, std::vector<Claim>> claims;
  for (const Instance& instance : instances) {
    std::vector<Wish> wishes = fabio_wishes(instance, settings, table.problems);
    std::vector<Wish> routers = traefik_wishes(instance, settings, table.problems);
    std::ranges::move(routers, std::back_inserter(wishes));
    for (Wish& wish : wishes) {
      if (!is_reachable(instance, wish.port)) {
        table.problems.push_back(
            {instance.service, wish.route.tag,
             fmt::format("the instance has no IP address and port (\"{}\", {})",
                         base::printable(instance.address, 60), wish.port)});
        continue;
      }
      std::string key = wish.key;
      claims[std::move(key)].push_back({&instance, std::move(wish)});
    }
  }
  for (auto& [key, wanted] : claims) {
    std::ranges::sort(wanted, {}, [](const Claim& claim) {
      const Instance& i = *claim.instance;
      return std::tie(i.created, i.service, i.door, i.node, i.id);
    });
    table.routes.push_back(join(wanted, key, table.problems));
  }
  drop_clashes(table.routes, table.problems, settings);
  std::ranges::sort(table.routes, comes_before);
  report_shadowed(table.routes, table.problems);
  std::ranges::sort(table.problems);
  const auto twice = std::ranges::unique(table.problems);
  table.problems.erase(twice.begin(), twice.end());
  return table;
}

}  // namespace caravan::ingress
