// SPDX-License-Identifier: Apache-2.0
#include "scheduler/obstacle.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduler/constraint.hpp"
#include "scheduler/ports.hpp"

namespace caravan::scheduler {
namespace {

using Is = Obstacle::Kind;

constexpr const char* kind_names[] = {"amount", "port",      "distinct", "constraint",
                                      "place",  "equipment", "node"};

std::string why_not_ready(const model::Node& node) {
  if (node.status != model::NodeStatus::ready)
    return fmt::format("node is {}", model::name_of(node.status));
  return node.drain ? "node is draining" : "node is not eligible";
}

/// Static ports that a group asks for, its tasks' too.
template <class Use>
void each_static_port(const model::TaskGroup& group, Use use) {
  const auto of = [&](const std::vector<model::NetworkResource>& networks) {
    for (const model::NetworkResource& network : networks)
      for (const model::Port& port : network.reserved_ports)
        use(port);
  };
  of(group.networks);
  for (const model::Task& task : group.tasks)
    of(task.resources.networks);
}

}  // namespace

const char* name_of(Obstacle::Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

Obstacles::Obstacles(const state::Tables& tables, Fleet& fleet, const Copies& copies,
                     const model::Job& job, const model::TaskGroup& group)
    : tables_(tables),
      fleet_(fleet),
      copies_(copies),
      job_(job),
      group_(group),
      need_(model::footprint(group)),
      feasibility_(fleet, job, group) {}

std::vector<Obstacle> Obstacles::of(Row row) const {
  std::vector<Obstacle> found;
  add_node(row, found);
  add_place(*fleet_.node(row), found);
  add_objections(row, found);
  add_distinct(row, found);
  add_amounts(row, found);
  add_ports(row, found);
  add_devices(row, found);
  return found;
}

/// The node has them, and others hold them.
void Obstacles::add_devices(Row row, std::vector<Obstacle>& found) const {
  const DeviceChoice* choice = feasibility_.devices();
  const model::Node& node = *fleet_.node(row);
  if (!choice || !choice->could_serve(node) || choice->choose(node, fleet_.held(row).devices))
    return;
  found.push_back({Is::equipment, "devices: " + choice->describe(),
                   fmt::format("wait for devices of node {}, which others have", node.name)});
}

void Obstacles::add_node(Row row, std::vector<Obstacle>& found) const {
  const model::Node& node = *fleet_.node(row);
  if (node.is_ready()) return;
  const bool is_there = node.status == model::NodeStatus::ready;
  found.push_back({Is::node, why_not_ready(node),
                   !is_there    ? fmt::format("bring node {} back", node.name)
                   : node.drain ? fmt::format("end the drain of node {}", node.name)
                                : fmt::format("make node {} eligible", node.name)});
}

void Obstacles::add_place(const model::Node& node, std::vector<Obstacle>& found) const {
  if (wants_node(job_, node)) return;
  if (job_.node_pool != "all" && job_.node_pool != node.node_pool)
    found.push_back(
        {Is::place, fmt::format("node pool \"{}\"", node.node_pool),
         fmt::format("run in node pool \"{}\" and not in \"{}\"", node.node_pool, job_.node_pool)});
  if (std::ranges::none_of(job_.datacenters, [&](const std::string& glob) {
        return base::glob_match(glob, node.datacenter);
      }))
    found.push_back({Is::place, fmt::format("datacenter \"{}\"", node.datacenter),
                     fmt::format("add \"{}\" to the datacenters of the job", node.datacenter)});
}

void Obstacles::add_objections(Row row, std::vector<Obstacle>& found) const {
  const std::string& node = fleet_.node(row)->name;
  for (Objection& objection : feasibility_.objections(row)) {
    Obstacle obstacle{Is::equipment, "", ""};
    switch (objection.lack) {
      case Lack::constraint:
        obstacle = {Is::constraint, objection.subject,
                    fmt::format("drop the constraint \"{}\"", objection.subject)};
        break;
      case Lack::driver:
        obstacle.subject = fmt::format("driver \"{}\"", objection.subject);
        break;
      case Lack::device:
        obstacle.subject = fmt::format("device \"{}\"", objection.subject);
        break;
      case Lack::network:
        obstacle.subject = fmt::format("network \"{}\"", objection.subject);
        break;
      case Lack::volume:
        obstacle.subject = fmt::format("host volume \"{}\"", objection.subject);
        break;
    }
    if (obstacle.remedy.empty())
      obstacle.remedy = fmt::format("give node {} the {}", node, obstacle.subject);
    if (std::ranges::find(found, obstacle) == found.end()) found.push_back(std::move(obstacle));
  }
}

void Obstacles::add_distinct(Row row, std::vector<Obstacle>& found) const {
  each_distinct(job_, group_, "distinct_hosts", [&](const auto& c, const std::string& scope) {
    const std::vector<int>& of_group = copies_.of_group(group_.name);
    const int here = scope.empty() ? copies_.of_job(row) : of_group.empty() ? 0 : of_group[row];
    if (c.right != "false" && here > 0)
      found.push_back({Is::distinct, "distinct_hosts",
                       "drop the constraint distinct_hosts, or add a node that has no copy yet"});
  });
  each_distinct(job_, group_, "distinct_property", [&](const auto& c, const std::string& scope) {
    const Tally& tally = copies_.tally(scope, c.left);
    const std::uint32_t id = tally.column->at(row, fleet_.seat(row).kind);
    const int most = distinct_limit(c);
    if (id == 0)
      found.push_back({Is::distinct, fmt::format("missing property \"{}\"", c.left),
                       fmt::format("drop the distinct_property of {}", c.left)});
    else if (tally.counts[id] >= most)
      found.push_back(
          {Is::distinct, fmt::format("distinct_property {}", c.left),
           fmt::format("raise the limit of the distinct_property of {} above {} (\"{}\" has {})",
                       c.left, most, tally.column->values[id], tally.counts[id])});
  });
}

void Obstacles::add_amounts(Row row, std::vector<Obstacle>& found) const {
  const model::Footprint& free = fleet_.seat(row).free;
  const auto add = [&](const char* subject, const char* unit, std::int64_t asked,
                       std::int64_t left) {
    if (asked <= left) return;
    found.push_back({Is::amount, subject,
                     fmt::format("ask for {}{} less {} (node {} has {} of {} free)", asked - left,
                                 unit, subject, fleet_.node(row)->name, left, asked),
                     asked - left, static_cast<double>(asked - left) / static_cast<double>(asked)});
  };
  add("cores", "", need_.cores, free.cores);
  add("cpu", " MHz", need_.cpu, free.cpu);
  add("memory", " MiB", need_.memory_mb, free.memory_mb);
  add("disk", " MiB", need_.disk_mb, free.disk_mb);
}

base::AllocId Obstacles::holder_of(Row row, int port) const {
  for (const state::Ref<model::Allocation>& alloc : tables_.allocs_of_node(fleet_.node(row)->id))
    if (!alloc->terminal() &&
        std::ranges::find(alloc->ports, port, &model::PortMapping::value) != alloc->ports.end())
      return alloc->id;
  return {};
}

void Obstacles::add_ports(Row row, std::vector<Obstacle>& found) const {
  const std::size_t before = found.size();
  const std::vector<std::uint16_t>&held = fleet_.held(row).ports,
        &reserved = fleet_.reserved_ports(row);
  each_static_port(group_, [&](const model::Port& port) {
    const auto number = static_cast<std::uint16_t>(port.value);
    if (port.ignore_collision) return;
    if (std::ranges::binary_search(reserved, number)) {
      found.push_back({Is::port, fmt::format("port {}", port.value),
                       fmt::format("use another port than {} ({}), which node {} keeps back",
                                   port.value, port.label, fleet_.node(row)->name)});
    } else if (std::ranges::binary_search(held, number)) {
      Obstacle& taken = found.emplace_back(Is::port, fmt::format("port {}", port.value));
      taken.holder = holder_of(row, port.value);
      const state::Ref<model::Allocation> alloc = tables_.alloc(taken.holder);
      taken.remedy = fmt::format(
          "use another port than {} ({}){}", port.value, port.label,
          alloc ? fmt::format(", which alloc {} ({}) has on node {}", alloc->id.to_short(),
                              alloc->name(), fleet_.node(row)->name)
                : "");
    }
  });
  if (found.size() > before) return;
  if (const auto ports = assign_ports(fleet_, row, group_, 0); !ports)
    found.push_back({Is::port, ports.error(),
                     fmt::format("free a dynamic port of node {}", fleet_.node(row)->name)});
}

}  // namespace caravan::scheduler
