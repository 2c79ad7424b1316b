// SPDX-License-Identifier: Apache-2.0
#include "ingress/placement.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/core.h>

namespace caravan::ingress {
namespace {

// A random choice costs HAProxy 16 entries of memory for each unit of weight: equal servers need
// few units to be equal enough, others as many as a share is to be exact to.
constexpr int weight_equal = 10, weight_max = 100;
constexpr std::size_t slots_min = 4;

/// Room for half as many again.
std::size_t slots_for(std::size_t servers) {
  return std::max(slots_min, servers + servers / 2 + 1);
}

std::vector<int> weights_of(const Route& route) {
  double most = 0, least = 1;
  for (const Server& server : route.servers) {
    most = std::max(most, server.share);
    least = std::min(least, server.share);
  }
  constexpr double same = 1e-9;
  const int scale = most - least < same ? weight_equal : weight_max;
  std::vector<int> weights;
  for (const Server& server : route.servers) {
    const double part = most > 0 ? server.share / most * scale : 0;
    weights.push_back(part > 0 ? std::max(1, static_cast<int>(std::lround(part))) : 0);
  }
  return weights;
}

Slot slot_of(const Server& server, int weight) {
  return {Slot::State::ready, server.id, server.address, server.port, weight, {}};
}

void let_in(std::vector<std::string>& commands, const std::string& name, const Slot& slot) {
  commands.push_back(
      fmt::format("set server {} addr {} port {}", name, slot.address, slot.port));
  commands.push_back(fmt::format("set server {} weight {}", name, slot.weight));
  commands.push_back(fmt::format("set server {} state ready", name));
}

/// The servers of one route over the slots of its backend. False when they do not fit.
bool change_backend(std::vector<Slot>& slots, const Route& route,
                    std::vector<std::string>& commands) {
  const std::vector<int> weights = weights_of(route);
  bool fits = true;
  for (std::size_t i = 0; i < route.servers.size(); ++i) {
    const Server& server = route.servers[i];
    auto at = std::ranges::find_if(slots, [&](const Slot& slot) {
      return slot.state != Slot::State::free && slot.server == server.id;
    });
    if (at == slots.end())
      at = std::ranges::find(slots, Slot::State::free, &Slot::state);
    if (at == slots.end()) {
      fits = false;
      continue;
    }
    const std::string name =
        route.id + "/" + slot_name(static_cast<std::size_t>(at - slots.begin()));
    const Slot wanted = slot_of(server, weights[i]);
    if (at->state == Slot::State::ready && at->weight != wanted.weight)
      commands.push_back(fmt::format("set server {} weight {}", name, wanted.weight));
    else if (at->state != Slot::State::ready)
      let_in(commands, name, wanted);
    *at = wanted;
  }
  return fits;
}

}  // namespace

std::string slot_name(std::size_t index) { return fmt::format("s{}", index + 1); }

std::string endpoint_of(const std::string& address, int port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

Placement placement_of(const RoutingTable& table, const Placement& before) {
  Placement placement;
  for (const Route& route : table.routes) {
    const auto had = before.find(route.id);
    std::size_t count = slots_for(route.servers.size());
    // A few more or less are no reason to look different.
    if (had != before.end() && had->second.size() >= route.servers.size() &&
        had->second.size() <= 4 * count)
      count = had->second.size();
    std::vector<Slot>& slots = placement[route.id];
    slots.resize(count);
    const std::vector<int> weights = weights_of(route);
    std::vector<std::size_t> homeless;
    for (std::size_t i = 0; i < route.servers.size(); ++i) {
      std::size_t at = count;
      if (had != before.end())
        for (std::size_t s = 0; s < had->second.size() && s < count; ++s)
          if (had->second[s].server == route.servers[i].id) at = s;
      if (at < count)
        slots[at] = slot_of(route.servers[i], weights[i]);
      else
        homeless.push_back(i);
    }
    auto free = slots.begin();
    for (const std::size_t i : homeless) {
      free = std::find_if(free, slots.end(), [](const Slot& slot) {
        return slot.state == Slot::State::free;
      });
      *free = slot_of(route.servers[i], weights[i]);
    }
  }
  return placement;
}

ServerChanges change_servers(const Placement& now, const RoutingTable& table,
                             base::Duration uptime, base::Duration drain_time) {
  ServerChanges changes{now, {}, true, {}};
  std::map<std::string_view, const Route*> wanted;
  for (const Route& route : table.routes)
    wanted.emplace(route.id, &route);
  for (auto& [id, slots] : changes.placement) {
    const auto found = wanted.find(id);
    std::set<std::string_view> staying;
    if (found != wanted.end())
      for (const Server& server : found->second->servers)
        staying.insert(server.id);
    for (std::size_t i = 0; i < slots.size(); ++i) {
      Slot& slot = slots[i];
      const std::string name = id + "/" + slot_name(i);
      if (slot.state == Slot::State::ready && !staying.contains(slot.server)) {
        slot.state = Slot::State::leaving;
        slot.since = uptime;
        changes.commands.push_back(fmt::format("set server {} state drain", name));
      }
      if (slot.state != Slot::State::leaving || staying.contains(slot.server)) continue;
      if (uptime - slot.since >= drain_time) {
        changes.commands.push_back(fmt::format("set server {} state maint", name));
        slot = Slot();
      } else if (const base::Duration due = slot.since + drain_time;
                 changes.next_due == base::Duration(0) || due < changes.next_due) {
        changes.next_due = due;
      }
    }
    if (found != wanted.end() && !change_backend(slots, *found->second, changes.commands))
      changes.is_complete = false;
  }
  for (const Route& route : table.routes)
    if (!changes.placement.contains(route.id)) changes.is_complete = false;
  return changes;
}

}  // namespace caravan::ingress
