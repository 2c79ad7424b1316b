// SPDX-License-Identifier: Apache-2.0
#include "scheduler/feasible.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduler/constraint.hpp"

namespace caravan::scheduler {
namespace {

constexpr std::uint32_t undecided = ~std::uint32_t(0);

bool is_literal(const std::string& target) { return !target.starts_with("${"); }

constexpr std::string_view driver_prefix = "driver.";

/// `name` is "driver.raw_exec". A driver that works has a value.
std::optional<std::string> working_driver(const std::string& name, const model::Node& node) {
  const auto info = node.drivers.find(name.substr(driver_prefix.size()));
  bool works = false;
  if (info != node.drivers.end()) {
    works = info->second.detected && info->second.healthy;
  } else {
    const auto attribute = node.attributes.find(name);
    works = attribute != node.attributes.end() &&
            (attribute->second == "1" || attribute->second == "true");
  }
  return works ? std::optional<std::string>("1") : std::nullopt;
}

bool wants_pool(const model::Job& job, const std::string& pool) {
  return job.node_pool == "all" || job.node_pool == pool;
}

bool wants_datacenter(const model::Job& job, const std::string& datacenter) {
  return std::ranges::any_of(
      job.datacenters, [&](const std::string& glob) { return base::glob_match(glob, datacenter); });
}

bool has_volume(const model::Node& node, const model::VolumeRequest& request) {
  const auto volume = node.host_volumes.find(request.source);
  return volume != node.host_volumes.end() && (request.read_only || !volume->second.read_only);
}

bool has_mode(const model::Node& node, const std::string& mode) {
  if (mode.empty() || mode == "host" || mode == "none") return true;
  return std::ranges::any_of(node.resources.networks,
                             [&](const auto& network) { return network.mode == mode; });
}

bool has_host_network(const model::Node& node, const std::string& name) {
  return node.host_networks.contains(name);
}

}  // namespace

bool wants_node(const model::Job& job, const model::Node& node) {
  return wants_pool(job, node.node_pool) && wants_datacenter(job, node.datacenter);
}

std::vector<state::Ref<model::Node>> candidates(const state::Tables& tables,
                                                const model::Job& job) {
  std::vector<state::Ref<model::Node>> nodes;
  tables.nodes.each([&](const base::NodeId&, const state::Ref<model::Node>& node) {
    if (node->is_ready() && wants_node(job, *node)) nodes.push_back(node);
  });
  return nodes;
}

Feasibility::Feasibility(Fleet& fleet, const model::Job& job, const model::TaskGroup& group)
    : fleet_(fleet), group_(group), of_kind_(fleet.kinds().size(), undecided) {
  const Column& pools = fleet.column("${node.pool}");
  const Column& datacenters = fleet.column("${node.datacenter}");
  std::vector<bool> pool_wanted, datacenter_wanted;
  for (const std::string& pool : pools.values)
    pool_wanted.push_back(wants_pool(job, pool));
  for (const std::string& datacenter : datacenters.values)
    datacenter_wanted.push_back(wants_datacenter(job, datacenter));
  for (std::size_t kind = 0; kind < fleet.kinds().size(); ++kind)
    wanted_.push_back(pool_wanted[pools.ids[kind]] && datacenter_wanted[datacenters.ids[kind]]);
  add(job.constraints);
  for (const model::Task& task : group.tasks)
    add_driver(task.driver);
  add(group.constraints);
  for (const model::Task& task : group.tasks)
    add(task.constraints);
  add_devices();
  add_network();
  add_volumes();
}

void Feasibility::add_devices() {
  const auto wants = [](const model::Task& task) { return !task.resources.devices.empty(); };
  if (std::ranges::none_of(group_.tasks, wants)) return;
  devices_ = std::make_shared<const DeviceChoice>(group_);
  escaped_ = escaped_ || devices_->names_instances();
  reasons_.emplace_back("missing devices");
  checks_.push_back(
      {.holds = [choice = devices_](const model::Node& node) { return choice->could_serve(node); },
       .reason = static_cast<std::uint32_t>(reasons_.size() - 1),
       .objection = {Lack::device, devices_->describe()}});
}

void Feasibility::add_volumes() {
  reasons_.emplace_back("missing compatible host volumes");
  for (const auto& [name, request] : group_.volumes)
    if (request.type == "host")
      checks_.push_back(
          {.holds = [&request](const model::Node& node) { return has_volume(node, request); },
           .reason = static_cast<std::uint32_t>(reasons_.size() - 1),
           .objection = {Lack::volume, request.source}});
}

void Feasibility::add(const std::vector<model::Constraint>& constraints) {
  for (const model::Constraint& c : constraints) {
    if (c.operand == "distinct_hosts" || c.operand == "distinct_property") continue;
    escaped_ = escaped_ || escapes_class(c);
    reasons_.push_back(model::to_string(c));
    Check check{.reason = static_cast<std::uint32_t>(reasons_.size() - 1),
                .objection = {Lack::constraint, reasons_.back()}};
    if (is_literal(c.right)) {
      check.column = &fleet_.column(c.left);
      const Comparison comparison(c.operand, c.right);
      for (std::uint32_t id = 0; id < check.column->values.size(); ++id)
        check.allowed.push_back(comparison.holds(check.column->value(id)));
    } else {
      check.holds = [&c](const model::Node& node) {
        return matches(c.left, c.operand, c.right, node);
      };
    }
    checks_.push_back(std::move(check));
  }
}

void Feasibility::add_driver(const std::string& name) {
  reasons_.emplace_back("missing drivers");
  Check check{.reason = static_cast<std::uint32_t>(reasons_.size() - 1),
              .objection = {Lack::driver, name}};
  check.column = &fleet_.column(std::string(driver_prefix) + name, working_driver);
  check.allowed.assign(check.column->values.size(), true);
  check.allowed[0] = false;
  checks_.push_back(std::move(check));
}

void Feasibility::add_network() {
  const auto add = [&](std::string reason, const std::string& network,
                       std::function<bool(const model::Node&)> holds) {
    reasons_.push_back(std::move(reason));
    checks_.push_back({.holds = std::move(holds),
                       .reason = static_cast<std::uint32_t>(reasons_.size() - 1),
                       .objection = {Lack::network, network}});
  };
  for (const model::NetworkResource& network : group_.networks) {
    if (!network.mode.empty() && network.mode != "host" && network.mode != "none")
      add("missing network", network.mode,
          [&network](const model::Node& node) { return has_mode(node, network.mode); });
    for (const std::vector<model::Port>* ports : {&network.reserved_ports, &network.dynamic_ports})
      for (const model::Port& port : *ports)
        if (port.host_network != "default")
          add(fmt::format("missing host network \"{}\" for port \"{}\"", port.host_network,
                          port.label),
              port.host_network, [&port](const model::Node& node) {
                return has_host_network(node, port.host_network);
              });
  }
}

std::uint32_t Feasibility::judge(const model::Node& node, Row row, std::uint32_t kind) const {
  for (const Check& check : checks_)
    if (!check.allows(node, row, kind)) return check.reason;
  return 0;
}

std::vector<Objection> Feasibility::objections(Row row) const {
  std::vector<Objection> found;
  for (const Check& check : checks_)
    if (!check.allows(*fleet_.node(row), row, fleet_.seat(row).kind))
      found.push_back(check.objection);
  return found;
}

std::uint32_t Feasibility::number_of_kind(std::uint32_t kind) {
  if (of_kind_[kind] == undecided) of_kind_[kind] = judge(*fleet_.kinds()[kind].sample, 0, kind);
  return of_kind_[kind];
}

std::uint32_t Feasibility::number(Row row) {
  const std::uint32_t kind = fleet_.seat(row).kind;
  return escaped_ ? judge(*fleet_.node(row), row, kind) : number_of_kind(kind);
}

const std::string& Feasibility::reason_of_kind(std::uint32_t kind) {
  return reasons_[number_of_kind(kind)];
}

const std::string& Feasibility::reason(Row row) { return reasons_[number(row)]; }

std::vector<char> Feasibility::allowed_kinds() {
  std::vector<char> allowed(wanted_.size());
  for (std::uint32_t kind = 0; kind < allowed.size(); ++kind)
    allowed[kind] = wanted_[kind] && (escaped_ || number_of_kind(kind) == 0);
  return allowed;
}

bool Feasibility::allows(Row row) { return number(row) == 0; }

std::map<std::string, bool> Feasibility::by_class() {
  std::map<std::string, bool> classes;
  if (escaped_) return classes;
  for (Row row = 0; row < fleet_.size(); ++row) {
    const Seat& seat = fleet_.seat(row);
    if (seat.ready && wants(seat.kind))
      classes.try_emplace(fleet_.node(row)->computed_class, reason(row).empty());
  }
  return classes;
}

}  // namespace caravan::scheduler
