// SPDX-License-Identifier: Apache-2.0
// Ports, networks and the services that are found by them.
#include <set>

#include "model/rules.hpp"

namespace caravan::model::rules {

void check_networks(Complaints& c, const std::string& path,
                    const std::vector<NetworkResource>& networks) {
  std::set<std::string> labels;
  std::map<std::pair<std::string, int>, std::string> statics;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const NetworkResource& network = networks[i];
    const std::string at = fmt::format("{}.Networks[{}]", path, i);
    const auto check_port = [&](const Port& port, const std::string& where, bool is_static) {
      check_name(c, where + ".Label", port.label);
      if (!labels.insert(port.label).second)
        c.add("{}.Label: port \"{}\" is there twice", where, port.label);
      c.range(where + ".To", port.to, -1, 65535);
      if (port.ignore_collision && network.mode != "host" && !network.mode.empty())
        c.add("{}.IgnoreCollision: only with network mode \"host\"", where);
      if (!is_static) return;
      c.range(where + ".Value", port.value, 1, 65535);
      const auto [it, fresh] =
          statics.emplace(std::pair(port.host_network, port.value), port.label);
      if (!fresh && !port.ignore_collision)
        c.add("{}.Value: static port {} is already taken by \"{}\"", where, port.value, it->second);
    };
    for (std::size_t p = 0; p < network.reserved_ports.size(); ++p)
      check_port(network.reserved_ports[p], fmt::format("{}.ReservedPorts[{}]", at, p), true);
    for (std::size_t p = 0; p < network.dynamic_ports.size(); ++p)
      check_port(network.dynamic_ports[p], fmt::format("{}.DynamicPorts[{}]", at, p), false);
    const std::string& mode = network.mode;
    if (mode != "" && mode != "host" && mode != "bridge" && mode != "none" &&
        !mode.starts_with("cni/"))
      c.add("{}.Mode: \"{}\" is none of host, bridge, none, cni/<name>", at,
            base::printable(mode, 64));
    if (mode == "cni/") c.add("{}.Mode: \"cni/\" names no network", at);
    if (!network.hostname.empty() && (mode.empty() || mode == "host"))
      c.add("{}.Hostname: not with network mode \"host\"", at);
    if (network.cni)
      for (const auto& [key, value] : network.cni->args)
        if (key.find(';') != std::string::npos || value.find(';') != std::string::npos)
          c.add("{}.CNI.Args: \"{}\" contains ';'", at, base::printable(key, 64));
  }
}

/// A script of a group's service runs in one of its tasks.
static void check_script_task(Complaints& c, const std::string& where, const ServiceCheck& check,
                              const Service& service, const TaskGroup& group) {
  const std::string& task = check.task_name.empty() ? service.task_name : check.task_name;
  if (task.empty())
    c.add("{}.TaskName: a script check of a group's service names the task it runs in", where);
  else if (!group.find_task(task))
    c.add("{}.TaskName: the group has no task \"{}\"", where, base::printable(task, 64));
}

void check_service(Complaints& c, const std::string& at, const Service& s, const TaskGroup& group,
                   bool of_task) {
  check_name(c, at + ".Name", s.name);
  if (s.provider != "consul" && s.provider != "nomad")
    c.add("{}.Provider: \"{}\" is neither consul nor nomad", at, base::printable(s.provider, 64));
  for (std::size_t i = 0; i < s.checks.size(); ++i) {
    const ServiceCheck& check = s.checks[i];
    const std::string where = fmt::format("{}.Checks[{}]", at, i);
    static const std::set<std::string> types = {"http", "tcp", "grpc", "script"};
    if (!types.contains(check.type))
      c.add("{}.Type: \"{}\" is none of http, tcp, grpc, script", where,
            base::printable(check.type, 64));
    if (s.provider == "nomad" && check.type != "http" && check.type != "tcp")
      c.add("{}.Type: \"{}\" checks need provider \"consul\"", where, check.type);
    if (check.interval < second)
      c.add("{}.Interval: {} is below 1s", where, base::format_duration(check.interval));
    if (check.timeout < second)
      c.add("{}.Timeout: {} is below 1s", where, base::format_duration(check.timeout));
    if (check.type == "http" && !check.path.starts_with("/"))
      c.add("{}.Path: \"{}\" does not begin with '/'", where, base::printable(check.path, 64));
    if (check.type == "script" && check.command.empty()) c.add("{}.Command: missing", where);
    if (check.type == "script" && !of_task) check_script_task(c, where, check, s, group);
    if (check.type == "grpc" && check.port_label.empty() && s.port_label.empty())
      c.add("{}.PortLabel: a grpc check needs a port", where);
  }
  if (s.port_label.empty()) return;
  const auto has_label = [&](const std::vector<NetworkResource>& networks) {
    return std::ranges::any_of(networks, [&](const NetworkResource& n) {
      const auto named = [&](const Port& port) { return port.label == s.port_label; };
      return std::ranges::any_of(n.dynamic_ports, named) ||
             std::ranges::any_of(n.reserved_ports, named);
    });
  };
  bool known = has_label(group.networks) || base::parse_int(s.port_label).has_value();
  for (const Task& task : group.tasks)
    known = known || has_label(task.resources.networks);
  if (!known)
    c.add("{}.PortLabel: no port is labelled \"{}\"", at, base::printable(s.port_label, 64));
}

}  // namespace caravan::model::rules
