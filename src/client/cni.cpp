// SPDX-License-Identifier: Apache-2.0
#include "client/cni.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

/// One plugin, with the wait for those of others before it.
constexpr base::Duration plugin_timeout = 30s;
constexpr base::Duration version_timeout = 5s;
constexpr std::size_t output_max = 64 * 1024;
constexpr const char* plugin_env_path =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Plugins that set rules and queues for an interface that another one made; to run them once more
/// changes nothing that a task could see.
constexpr const char* rule_plugins[] = {"firewall", "portmap", "bandwidth", "tuning", "sbr"};

std::optional<json::Value> as_conflist(const base::Result<std::string>& text) {
  if (!text) return {};
  const base::Result<json::Value> file = json::parse(*text);
  if (!file || !file->at("name").as_string()) return {};
  if (file->at("plugins").as_array()) return *file;
  if (!file->at("type").as_string()) return {};
  // A single plugin's configuration is a list of one.
  return json::Object{{"cniVersion", file->at("cniVersion")},
                      {"name", file->at("name")},
                      {"plugins", json::Array{*file}}};
}

/// portmap 1.1 (Debian 12) looks for rules of IPv6 where there is no such address. It looks at
/// those of IPv4 before.
bool is_false_alarm(const std::string& complaint, const json::Value& result) {
  const base::Result<model::NetworkStatus> status = network_status(result);
  return status && status->address_ipv6.empty() &&
         complaint.find("could not check ipv6 dnat") != std::string::npos;
}

}  // namespace

Cni::Cni(io::World& world, CniOptions options) : world_(world), options_(std::move(options)) {}

std::string Cni::find(const std::string& type) const {
  if (type.empty() || type.find('/') != std::string::npos) return "";
  for (const std::string& folder : options_.path)
    if (world_.disk.exists(folder + "/" + type)) return folder + "/" + type;
  return "";
}

std::map<std::string, json::Value> Cni::conflists() const {
  std::map<std::string, json::Value> lists;
  const base::Result<std::vector<io::FileInfo>> files = world_.disk.list(options_.config_dir);
  if (!files) return lists;
  for (const io::FileInfo& file : *files) {
    const std::string& name = file.name;
    if (!name.ends_with(".conflist") && !name.ends_with(".conf") && !name.ends_with(".json"))
      continue;
    const std::optional<json::Value> list =
        as_conflist(world_.disk.read_file(options_.config_dir + "/" + name));
    if (list) lists.emplace(*list->at("name").as_string(), *list);
  }
  return lists;
}

io::Task<base::Result<std::string>> Cni::call(const char* command, const json::Value& conflist,
                                              std::size_t index, const CniAttachment& attachment,
                                              const json::Value& previous) {
  const std::string type = plugin_types(conflist).at(index);
  const std::string plugin = find(type);
  if (plugin.empty()) {
    co_return base::fail(base::Code::io,
                         fmt::format("CNI plugin {} is not in {}", base::printable(type, 64),
                                     base::join(options_.path, ":")));
  }
  CO_TRY(const json::Value input, plugin_input(conflist, index, attachment, previous));
  io::Program program;
  program.argv = {options_.supervisor, "locked", options_.lock_file, plugin};
  program.env = {fmt::format("CNI_COMMAND={}", command),
                 "CNI_CONTAINERID=" + attachment.container_id,
                 "CNI_NETNS=" + attachment.namespace_path,
                 "CNI_IFNAME=" + attachment.interface,
                 "CNI_ARGS=" + cni_args(attachment.args),
                 "CNI_PATH=" + base::join(options_.path, ":"),
                 plugin_env_path};
  std::string text = json::to_string(input);
  CO_TRY(io::Finished finished,
         co_await world_.processes.run(program, std::move(text), plugin_timeout, output_max));
  if (finished.exit_code == 0) co_return std::move(finished.out);
  co_return base::fail(base::Code::io, fmt::format("CNI plugin {}: {}", type,
                                                   plugin_error(finished.out, finished.err)));
}

io::Task<base::Result<json::Value>> Cni::add(const json::Value& conflist, std::size_t index,
                                             const CniAttachment& attachment,
                                             const json::Value& previous) {
  CO_TRY(const std::string out, co_await call("ADD", conflist, index, attachment, previous));
  co_return json::parse(out);
}

io::Task<base::Status> Cni::remove(const json::Value& conflist, const CniAttachment& attachment,
                                   const json::Value& result) {
  base::Status first;
  for (std::size_t i = plugin_types(conflist).size(); i-- > 0;) {
    const auto done = co_await call("DEL", conflist, i, attachment, result);
    if (!done && first) first = std::unexpected(done.error());
  }
  co_return first;
}

io::Task<base::Status> Cni::check(const json::Value& conflist, const CniAttachment& attachment,
                                  const json::Value& result) {
  const std::size_t count = plugin_types(conflist).size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto whole = co_await call("CHECK", conflist, i, attachment, result);
    if (!whole && !is_false_alarm(whole.error().message, result))
      co_return std::unexpected(whole.error());
  }
  co_return base::Status();
}

io::Task<base::Status> Cni::repair(const json::Value& conflist, const CniAttachment& attachment,
                                   const json::Value& result) {
  const std::vector<std::string> types = plugin_types(conflist);
  for (std::size_t i = 0; i < types.size(); ++i)
    if (std::ranges::find(rule_plugins, types[i]) != std::end(rule_plugins))
      CO_TRY_VOID(co_await call("ADD", conflist, i, attachment, result));
  co_return base::Status();
}

io::Task<std::string> Cni::version(const std::string& program) {
  const io::Program ask{{program}, {plugin_env_path}, "/"};
  const base::Result<io::Finished> finished =
      co_await world_.processes.run(ask, "", version_timeout, output_max);
  if (!finished) co_return "";
  const std::string version = plugin_version(finished->err);
  co_return version.empty() ? plugin_version(finished->out) : version;
}

}  // namespace caravan::client
