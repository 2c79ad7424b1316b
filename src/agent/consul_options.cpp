// SPDX-License-Identifier: Apache-2.0
#include "agent/consul_options.hpp"

#include <fmt/core.h>

#include "agent/flag_parsing.hpp"
#include "base/text.hpp"
#include "config/consul_form.hpp"

namespace caravan::agent {
namespace {

using config::ConsulForm;

/// What the command line says, in the order in which it counts: files, HCL, flags.
struct ConsulWords {
  bool dev = false;
  std::vector<std::string> paths, fragments;
  std::vector<std::function<void(ConsulForm&)>> flags;
};

Flag text_flag(ConsulWords& said, std::string help, std::string ConsulForm::* member) {
  return {"TEXT", std::move(help), [&said, member](const std::string& value) -> base::Status {
            said.flags.push_back([member, value](ConsulForm& form) { form.*member = value; });
            return {};
          }};
}

Flag list_flag(ConsulWords& said, std::string help, std::vector<std::string> ConsulForm::* member) {
  return {"TEXT", std::move(help) + "; may be repeated",
          [&said, member](const std::string& value) -> base::Status {
            said.flags.push_back(
                [member, value](ConsulForm& form) { (form.*member).push_back(value); });
            return {};
          }};
}

Flag switch_flag(ConsulWords& said, std::string help, std::string key, bool ConsulForm::* member) {
  return {"", std::move(help), [&said, member, key](const std::string&) -> base::Status {
            said.flags.push_back([member, key](ConsulForm& form) {
              form.*member = true;
              form.set[key] = "-" + key;
            });
            return {};
          }};
}

Flag number_flag(ConsulWords& said, std::string help, std::function<int&(ConsulForm&)> member) {
  return {"N", std::move(help), [&said, member](const std::string& value) -> base::Status {
            TRY(const long long number, base::parse_int(value));
            said.flags.push_back(
                [member, number](ConsulForm& form) { member(form) = static_cast<int>(number); });
            return {};
          }};
}

Flag ignored(std::string help) {
  return {"TEXT", std::move(help) + " (accepted, and without effect)",
          [](const std::string&) -> base::Status { return {}; }};
}

Flags make_flags(ConsulWords& said) {
  Flags flags;
  flags["dev"] = {"",
                  "a server by itself on this machine's own addresses, data in a temporary folder",
                  [&said](const std::string&) -> base::Status {
                    said.dev = true;
                    return {};
                  }};
  for (const char* name : {"config-file", "config-dir"})
    flags[name] = {"PATH", "a file, or a folder of *.hcl and *.json files; may be repeated",
                   [&said](const std::string& value) -> base::Status {
                     said.paths.push_back(value);
                     return {};
                   }};
  flags["hcl"] = {"HCL", "a piece of configuration; may be repeated",
                  [&said](const std::string& value) -> base::Status {
                    said.fragments.push_back(value);
                    return {};
                  }};
  flags["node-meta"] = {
      "KEY:VALUE", "metadata of the node; may be repeated",
      [&said](const std::string& value) -> base::Status {
        const std::size_t colon = value.find(':');
        if (colon == std::string::npos)
          return base::invalid(fmt::format("-node-meta: \"{}\" is not KEY:VALUE", value));
        said.flags.push_back([value, colon](ConsulForm& form) {
          form.node_meta[value.substr(0, colon)] = value.substr(colon + 1);
        });
        return {};
      }};
  using F = ConsulForm;
  flags["node"] = text_flag(said, "the agent's name", &F::node_name);
  flags["datacenter"] = text_flag(said, "the datacenter", &F::datacenter);
  flags["data-dir"] = text_flag(said, "where state is kept", &F::data_dir);
  flags["bind"] = text_flag(said, "the address for other agents", &F::bind_addr);
  flags["advertise"] = text_flag(said, "the address that others are told", &F::advertise_addr);
  flags["client"] = text_flag(said, "the addresses for clients", &F::client_addr);
  flags["encrypt"] = text_flag(said, "the gossip key, in base64", &F::encrypt);
  flags["domain"] = text_flag(said, "the domain of names", &F::domain);
  flags["log-level"] = text_flag(said, "trace, debug, info, warn or error", &F::log_level);
  flags["retry-join"] = list_flag(said, "an agent to join", &F::retry_join);
  flags["join"] = list_flag(said, "the same", &F::start_join);
  flags["recursor"] = list_flag(said, "who answers for other domains", &F::recursors);
  flags["server"] = switch_flag(said, "be a server", "server", &F::server);
  flags["bootstrap"] = switch_flag(said, "be the only server", "bootstrap", &F::bootstrap);
  flags["log-json"] = switch_flag(said, "log lines as JSON", "log_json", &F::log_json);
  flags["enable-script-checks"] = switch_flag(said, "checks by scripts that come by the API",
                                              "enable_script_checks", &F::enable_script_checks);
  flags["enable-local-script-checks"] =
      switch_flag(said, "checks by scripts of files", "enable_local_script_checks",
                  &F::enable_local_script_checks);
  flags["bootstrap-expect"] = number_flag(said, "how many servers there will be",
                                          [](F& f) -> int& { return f.bootstrap_expect; });
  flags["http-port"] = number_flag(said, "of the API", [](F& f) -> int& { return f.ports.http; });
  flags["https-port"] =
      number_flag(said, "of the API over TLS", [](F& f) -> int& { return f.ports.https; });
  flags["dns-port"] = number_flag(said, "of names", [](F& f) -> int& { return f.ports.dns; });
  flags["server-port"] =
      number_flag(said, "of the servers", [](F& f) -> int& { return f.ports.server; });
  flags["serf-lan-port"] =
      number_flag(said, "of gossip", [](F& f) -> int& { return f.ports.serf_lan; });
  for (const char* name : {"serf-wan-port", "grpc-port", "grpc-tls-port", "node-id", "protocol",
                           "raft-protocol", "retry-join-wan", "ui-dir", "alt-domain", "pid-file",
                           "retry-interval", "retry-max", "ui-content-path"})
    flags[name] = ignored("as there");
  for (const char* name : {"ui", "rejoin", "disable-host-node-id", "disable-keyring-file"})
    flags[name] = {"", "accepted, and without effect",
                   [](const std::string&) -> base::Status { return {}; }};
  return flags;
}

/// What -dev means, under the files and flags.
ConsulForm dev_form() {
  ConsulForm form;
  form.server = form.bootstrap = true;
  form.bind_addr = form.advertise_addr = "127.0.0.1";
  form.log_level = "DEBUG";
  return form;
}

}  // namespace

std::string consul_agent_usage() {
  ConsulWords said;
  return usage_of(
      "Usage: caravan consul agent [options]\n\n  Starts an agent that keeps the "
      "registry and schedules nothing, and runs until it is\n  interrupted.",
      make_flags(said));
}

base::Result<Options> read_consul_options(const std::vector<std::string>& arguments,
                                          io::Disk& disk) {
  ConsulWords said;
  const Flags flags = make_flags(said);
  TRY_VOID(parse_flags(arguments, flags));
  ConsulForm form = said.dev ? dev_form() : ConsulForm();
  Options options;
  hcl::Diagnostics diagnostics;
  for (const std::string& path : said.paths) {
    TRY(const std::vector<std::string> files, files_at(path, disk));
    for (const std::string& file : files) {
      TRY(const std::string text, disk.read_file(file));
      config::apply(form, file, text, diagnostics);
      options.files.push_back(file);
    }
  }
  for (const std::string& fragment : said.fragments)
    config::apply(form, "-hcl", fragment, diagnostics);
  if (diagnostics.has_errors()) return base::invalid(diagnostics.render());
  for (const auto& set : said.flags)
    set(form);
  std::string wrong;
  for (const std::string& line : config::problems(form))
    wrong += "\n  * " + line;
  if (!wrong.empty()) return base::invalid("the configuration is wrong:" + wrong);
  options.dev = said.dev;
  options.without_effect = config::not_built(form);
  options.config = config::agent_config(form);
  return options;
}

}  // namespace caravan::agent
