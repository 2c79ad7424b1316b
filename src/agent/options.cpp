// SPDX-License-Identifier: Apache-2.0
#include "agent/options.hpp"

#include <fmt/core.h>

#include "agent/flag_parsing.hpp"
#include "base/text.hpp"
#include "config/load.hpp"
#include "config/sockaddr.hpp"

namespace caravan::agent {
namespace {

base::Status set_number(int& into, const std::string& text) {
  TRY(const long long number, base::parse_int(text));
  into = static_cast<int>(number);
  return {};
}

/// Flags that stand over the files; `later` runs after those were read.
Flags make_flags(Options& options, std::vector<std::string>& paths,
                 std::vector<std::function<void(config::AgentConfig&)>>& later) {
  const auto text = [&later](std::string name, std::string help, auto member) {
    return Flag{std::move(name), std::move(help),
                [&later, member](const std::string& value) -> base::Status {
                  later.push_back([member, value](config::AgentConfig& c) { member(c) = value; });
                  return {};
                }};
  };
  const auto toggle = [&later](std::string help, auto member) {
    return Flag{"", std::move(help), [&later, member](const std::string&) -> base::Status {
                  later.push_back([member](config::AgentConfig& c) { member(c) = true; });
                  return {};
                }};
  };
  using C = config::AgentConfig;
  Flags flags;
  flags["dev"] = {"", "a server and a client in one, data in a temporary folder that goes with it",
                  [&options](const std::string&) -> base::Status {
                    options.dev = true;
                    return {};
                  }};
  flags["config"] = {"PATH", "a file, or a folder of *.hcl and *.json files; may be repeated",
                     [&paths](const std::string& value) -> base::Status {
                       paths.push_back(value);
                       return {};
                     }};
  flags["bind"] =
      text("ADDRESS", "the address to listen on", [](C& c) -> std::string& { return c.bind_addr; });
  flags["data-dir"] =
      text("PATH", "where state is kept", [](C& c) -> std::string& { return c.data_dir; });
  flags["dc"] = text("NAME", "the datacenter", [](C& c) -> std::string& { return c.datacenter; });
  flags["region"] = text("NAME", "the region", [](C& c) -> std::string& { return c.region; });
  flags["node"] = text("NAME", "the agent's name", [](C& c) -> std::string& { return c.name; });
  flags["log-level"] = text("LEVEL", "trace, debug, info, warn, error or off",
                            [](C& c) -> std::string& { return c.log.level; });
  flags["node-class"] =
      text("NAME", "the node's class", [](C& c) -> std::string& { return c.client.node_class; });
  flags["node-pool"] =
      text("NAME", "the node's pool", [](C& c) -> std::string& { return c.client.node_pool; });
  flags["network-interface"] =
      text("NAME", "the interface whose address tasks get",
           [](C& c) -> std::string& { return c.client.network_interface; });
  flags["alloc-dir"] = text("PATH", "where allocations lie",
                            [](C& c) -> std::string& { return c.client.alloc_dir; });
  flags["state-dir"] = text("PATH", "where the client keeps its state",
                            [](C& c) -> std::string& { return c.client.state_dir; });
  flags["encrypt"] = text("KEY", "the gossip key of the servers, in base64",
                          [](C& c) -> std::string& { return c.server.encrypt; });
  flags["server"] = toggle("be a server", [](C& c) -> bool& { return c.server.enabled; });
  flags["client"] = toggle("be a client", [](C& c) -> bool& { return c.client.enabled; });
  flags["acl-replication-token"] =
      text("SECRET", "of a management token of the authoritative region",
           [](C& c) -> std::string& { return c.acl.replication_token; });
  flags["acl-enabled"] =
      toggle("turn access control on", [](C& c) -> bool& { return c.acl.enabled; });
  flags["bootstrap-expect"] = {"N", "how many servers there will be",
                               [&later](const std::string& value) -> base::Status {
                                 int n = 0;
                                 TRY_VOID(set_number(n, value));
                                 later.push_back([n](C& c) { c.server.bootstrap_expect = n; });
                                 return {};
                               }};
  flags["meta"] = {"KEY=VALUE", "metadata of the node; may be repeated",
                   [&later](const std::string& value) -> base::Status {
                     const std::size_t equals = value.find('=');
                     if (equals == std::string::npos)
                       return base::invalid(fmt::format("-meta: \"{}\" is not KEY=VALUE", value));
                     later.push_back([value, equals](C& c) {
                       c.client.meta[value.substr(0, equals)] = value.substr(equals + 1);
                     });
                     return {};
                   }};
  return flags;
}

/// What -dev means, under the files and flags.
void apply_dev(config::AgentConfig& c) {
  c.bind_addr = "127.0.0.1";
  c.server.enabled = c.client.enabled = true;
  c.server.bootstrap_expect = 1;
  c.client.network_interface = "lo";
  c.telemetry.prometheus_metrics = true;
  c.enable_debug = true;
  c.set["catalog"] = dev_place;
  c.plugins["raw_exec"].config = json::Object{{"enabled", true}};
  const json::Object volumes = {{"volumes", json::Object{{"enabled", true}}}};
  c.plugins["docker"].config = volumes;
}

}  // namespace

std::string agent_usage() {
  Options options;
  std::vector<std::string> paths;
  std::vector<std::function<void(config::AgentConfig&)>> later;
  return usage_of(
      "Usage: caravan agent [options]\n\n  Starts an agent and runs until it is "
      "interrupted.",
      make_flags(options, paths, later));
}

base::Result<Options> read_options(const std::vector<std::string>& arguments, io::Disk& disk) {
  Options options;
  std::vector<std::string> paths;
  std::vector<std::function<void(config::AgentConfig&)>> later;
  TRY_VOID(parse_flags(arguments, make_flags(options, paths, later)));
  if (options.dev) apply_dev(options.config);
  hcl::Diagnostics diagnostics;
  for (const std::string& path : paths) {
    TRY(const std::vector<std::string> files, files_at(path, disk));
    for (const std::string& file : files) {
      TRY(const std::string text, disk.read_file(file));
      config::apply(options.config, file, text, diagnostics);
      options.files.push_back(file);
    }
  }
  if (diagnostics.has_errors()) return base::invalid(diagnostics.render());
  for (const auto& set : later)
    set(options.config);
  return options;
}

}  // namespace caravan::agent
