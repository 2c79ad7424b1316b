// SPDX-License-Identifier: Apache-2.0
#include "client/network_fingerprint.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::client {
namespace {

/// A folder of plugins holds about twenty; whoever points cni_path at /usr/bin is not followed.
constexpr std::size_t plugins_max = 64;

io::Task<void> ask_version(Cni& cni, model::Node& node, std::string name) {
  const std::string program = cni.find(name);
  const std::string version = co_await cni.version(program);
  if (!version.empty()) node.attributes["plugins.cni.version." + name] = version;
}

io::Task<void> fingerprint_plugins(model::Node& node, Cni& cni, io::Disk& disk) {
  std::set<std::string> names;
  for (const std::string& folder : cni.options().path)
    if (const base::Result<std::vector<io::FileInfo>> files = disk.list(folder))
      for (const io::FileInfo& file : *files)
        if (!file.is_dir && names.size() < plugins_max) names.insert(file.name);
  io::TaskGroup questions(co_await boost::asio::this_coro::executor);
  for (const std::string& name : names)
    questions.spawn(ask_version(cni, node, name));
  co_await questions.drain();
}

/// The kernel has it, or can load it when the first bridge is made.
bool kernel_has_bridges(io::Disk& disk, const std::string& release) {
  if (disk.exists("/sys/module/bridge")) return true;
  for (const char* list : {"modules.builtin", "modules.dep"}) {
    const base::Result<std::string> text =
        disk.read_file(fmt::format("/lib/modules/{}/{}", release, list));
    if (text && text->find("/bridge.ko") != std::string::npos) return true;
  }
  return false;
}

/// "" when groups can have networks of mode bridge.
std::string bridge_lacks(const model::Node& node, const Cni& cni, io::Disk& disk) {
  if (::geteuid() != 0) return "the agent does not run as root";
  std::vector<std::string> missing;
  for (const std::string& name : bridge_plugins())
    if (!node.attributes.contains("plugins.cni.version." + name)) missing.push_back(name);
  if (!missing.empty())
    return fmt::format(
        "CNI plugins {} are not in {}; on Debian the package containernetworking-plugins has them",
        base::join(missing, ", "), base::join(cni.options().path, ":"));
  if (find_iptables(disk).empty()) return "there is no iptables; the package iptables has it";
  const auto release = node.attributes.find("kernel.version");
  if (!kernel_has_bridges(disk, release == node.attributes.end() ? "" : release->second))
    return "the kernel has no bridges (module bridge)";
  return "";
}

void offer(model::Node& node, const std::string& mode, const std::string& device) {
  model::NetworkResource resource;
  resource.mode = mode;
  node.resources.networks.push_back(std::move(resource));
  model::NodeNetwork network;
  network.mode = mode;
  network.device = device;
  node.resources.node_networks.push_back(std::move(network));
}

}  // namespace

io::Task<void> fingerprint_networks(model::Node& node, const NetworkConfig& config,
                                    io::World& world, io::Logger log) {
  Cni cni(world, config.cni);
  co_await fingerprint_plugins(node, cni, world.disk);
  const std::string lacks = bridge_lacks(node, cni, world.disk);
  if (lacks.empty()) {
    offer(node, "bridge", config.bridge.name);
    node.attributes["nomad.bridge.hairpin_mode"] = config.bridge.hairpin_mode ? "true" : "false";
  } else {
    node.attributes["unique.network.bridge.missing"] = lacks;
    log.info("network mode bridge is not offered", {{"reason", lacks}});
  }
  for (const auto& [name, conflist] : cni.conflists()) {
    const std::vector<std::string> types = plugin_types(conflist);
    const auto missing = std::ranges::find_if(
        types, [&](const std::string& type) { return cni.find(type).empty(); });
    if (missing == types.end())
      offer(node, "cni/" + name, "");
    else
      log.warn("a CNI configuration is not offered",
               {{"name", name}, {"reason", "there is no plugin " + *missing}});
  }
}

}  // namespace caravan::client
