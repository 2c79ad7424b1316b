// SPDX-License-Identifier: Apache-2.0
#include "client/services.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "client/task_env.hpp"

namespace caravan::client {

bool has_services(const model::TaskGroup& group) {
  const auto is_native = [](const model::Service& s) { return s.provider == "nomad"; };
  return std::ranges::any_of(group.services, is_native) ||
         std::ranges::any_of(group.tasks, [&](const model::Task& t) {
           return std::ranges::any_of(t.services, is_native);
         });
}

model::ServiceRegistration registration(const model::Allocation& alloc, const model::Node& node,
                                        const std::string& owner, const model::Service& service,
                                        const std::string& region) {
  const model::Task* task = alloc.task_group().find_task(owner);
  const TaskEnv env(
      {alloc, task ? *task : alloc.task_group().tasks.front(), node, region, {}, {}, {}});
  model::ServiceRegistration r;
  r.service_name = env.interpolate(service.name);
  r.id = fmt::format("_nomad-task-{}-{}-{}-{}", alloc.id.to_string(), owner, r.service_name,
                     service.port_label);
  r.ns = alloc.job->ns;
  r.node_id = node.id;
  r.datacenter = node.datacenter;
  r.job_id = alloc.job->id;
  r.alloc_id = alloc.id;
  const bool as_canary = alloc.is_canary() && !service.canary_tags.empty();
  for (const std::string& tag : as_canary ? service.canary_tags : service.tags)
    r.tags.push_back(env.interpolate(tag));
  const auto port = std::ranges::find(alloc.ports, service.port_label, &model::PortMapping::label);
  std::string inside;
  if (alloc.network_status && service.address_mode == "alloc")
    inside = alloc.network_status->address;
  if (alloc.network_status && service.address_mode == "alloc_ipv6")
    inside = alloc.network_status->address_ipv6;
  if (port != alloc.ports.end()) {
    r.address = inside.empty() ? port->host_ip : inside;
    r.port = !inside.empty() && port->to > 0 ? port->to : port->value;
  } else if (const auto number = base::parse_int(service.port_label)) {
    r.address = inside;
    r.port = static_cast<int>(*number);
  }
  if (!service.address.empty()) r.address = env.interpolate(service.address);
  if (r.address.empty()) {
    const auto ip = node.attributes.find("unique.network.ip-address");
    if (ip != node.attributes.end()) r.address = ip->second;
  }
  return r;
}

model::CatalogService catalog_service(const model::Allocation& alloc, const model::Node& node,
                                      const std::string& owner, const model::Service& service,
                                      const std::string& region) {
  model::ServiceRegistration native = registration(alloc, node, owner, service, region);
  const model::Task* task = alloc.task_group().find_task(owner);
  const TaskEnv env(
      {alloc, task ? *task : alloc.task_group().tasks.front(), node, region, {}, {}, {}});
  model::CatalogService registered;
  registered.id = std::move(native.id);
  registered.name = std::move(native.service_name);
  registered.tags = std::move(native.tags);
  registered.address = std::move(native.address);
  registered.port = native.port;
  const bool as_canary = alloc.is_canary() && !service.canary_meta.empty();
  for (const auto& [key, value] : as_canary ? service.canary_meta : service.meta)
    registered.meta[key] = env.interpolate(value);
  registered.meta["external-source"] = "nomad";
  registered.enable_tag_override = service.enable_tag_override;
  if (service.weights) registered.weights = *service.weights;
  for (const auto& [name, address] : service.tagged_addresses)
    registered.tagged_addresses[name] = {env.interpolate(address), registered.port, {}};
  return registered;
}

}  // namespace caravan::client
