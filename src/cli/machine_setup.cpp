// SPDX-License-Identifier: Apache-2.0
#include "cli/machine_setup.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "cli/tls_files.hpp"

namespace caravan::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* unit_file = "/etc/systemd/system/caravan.service";
constexpr const char* systemd_runs = "/run/systemd/system";

std::string own_program() { return fs::read_symlink("/proc/self/exe").string(); }

std::string unit(const MachineSetup& setup) {
  return fmt::format(
      "[Unit]\n"
      "Description=Caravan\n"
      "Wants=network-online.target\n"
      "After=network-online.target\n\n"
      "[Service]\n"
      "ExecStart={} agent -config {}\n"
      "ExecReload=/bin/kill -HUP $MAINPID\n"
      "KillMode=process\n"
      "Restart=on-failure\n"
      "RestartSec=2\n"
      "LimitNOFILE=65536\n"
      "TasksMax=infinity\n"
      "Delegate=yes\n\n"
      "[Install]\n"
      "WantedBy=multi-user.target\n",
      own_program(), setup.config_dir);
}

std::string quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts)
    all.push_back("\"" + text + "\"");
  return fmt::format("{}", fmt::join(all, ", "));
}

/// Into a string of the configuration as it is: nothing there may end it, or begin a template.
base::Status plain(const char* flag, const std::string& value) {
  const auto is_odd = [](char c) {
    return c == '"' || c == '\\' || c == '$' || c == '%' || static_cast<unsigned char>(c) < ' ';
  };
  if (std::ranges::none_of(value, is_odd)) return {};
  return base::invalid(fmt::format("-{}: \"{}\" cannot stand in a configuration file", flag,
                                   base::printable(value, 64)));
}

bool is_ip(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace

std::vector<FlagSpec> machine_flags() {
  return {{"config-dir", "path", "Where the configuration goes. Default = /etc/caravan"},
          {"data-dir", "path", "Where the agent keeps its state. Default = /var/lib/caravan"},
          {"name", "name", "The agent's name. Default = that of the machine"},
          {"advertise", "ip", "The address that others reach this machine at. Default = its first"},
          {"no-start", "", "Write the files, and leave starting to somebody else."}};
}

base::Result<MachineSetup> machine_setup(const Flags& flags) {
  MachineSetup setup;
  setup.config_dir = fs::absolute(flags.text("config-dir", "/etc/caravan")).string();
  setup.data_dir = fs::absolute(flags.text("data-dir", "/var/lib/caravan")).string();
  setup.name = flags.text("name");
  setup.starts = !flags.on("no-start");
  for (const char* flag : {"config-dir", "data-dir", "name", "region", "dc"})
    TRY_VOID(plain(flag, flags.text(flag)));
  if (fs::exists(setup.config_file()))
    return base::fail(
        base::Code::conflict,
        fmt::format("this machine is set up already: {} is there", setup.config_file()));
  if (fs::exists(setup.data_dir + "/server/identity.json"))
    return base::fail(base::Code::conflict,
                      fmt::format("{} holds the state of a server; name another -data-dir, or "
                                  "empty it when that server is to be forgotten",
                                  setup.data_dir));
  setup.address = flags.text("advertise");
  if (setup.address.empty()) {
    TRY(setup.address, own_address());
  }
  if (!is_ip(setup.address))
    return base::invalid(
        fmt::format("-advertise: \"{}\" is no IP address", base::printable(setup.address, 64)));
  return setup;
}

std::string configuration(const MachineSetup& setup, const AgentRole& role) {
  std::string text = "# Written by 'caravan join' or 'caravan operator init'; yours to change.\n";
  if (!setup.name.empty()) text += fmt::format("name       = \"{}\"\n", setup.name);
  text += fmt::format(
      "region     = \"{}\"\ndatacenter = \"{}\"\ndata_dir   = \"{}\"\nbind_addr  = \"0.0.0.0\"\n\n"
      "advertise {{\n  http = \"{}\"\n  rpc  = \"{}\"\n  serf = \"{}\"\n}}\n\n",
      role.region, role.datacenter, setup.data_dir, setup.address, setup.address, setup.address);
  if (role.is_server) {
    text += "server {\n  enabled          = true\n";
    if (role.founds) text += "  bootstrap_expect = 1\n";
    if (!role.encrypt.empty()) text += fmt::format("  encrypt          = \"{}\"\n", role.encrypt);
    if (!role.servers.empty())
      text += fmt::format("  server_join {{\n    retry_join = [{}]\n  }}\n", quoted(role.servers));
    text += "}\n\n";
  }
  text += "client {\n  enabled = true\n";
  if (!role.is_server) text += fmt::format("  servers = [{}]\n", quoted(role.servers));
  text += "}\n\nacl {\n  enabled = true\n}\n\n";
  text += fmt::format(
      "tls {{\n  http      = true\n  rpc       = true\n  ca_file   = \"{}\"\n  cert_file = "
      "\"{}\"\n  key_file  = \"{}\"\n  verify_server_hostname = true\n}}\n",
      setup.ca_file(), setup.certificate_file(), setup.key_file());
  return text;
}

base::Status write_machine(const MachineSetup& setup, const std::string& authority,
                           const std::string& certificate, const std::string& key,
                           const std::string& configuration) {
  std::error_code error;
  fs::create_directories(setup.config_dir, error);
  if (error) return base::fail(base::Code::io, setup.config_dir + ": " + error.message());
  TRY_VOID(write_new(setup.key_file(), key, 0600));
  TRY_VOID(write_new(setup.certificate_file(), certificate, 0644));
  TRY_VOID(write_new(setup.ca_file(), authority, 0644));
  return write_new(setup.config_file(), configuration, 0600);
}

base::Status start_agent(const MachineSetup& setup) {
  if (fs::exists(systemd_runs)) {
    if (!fs::exists(unit_file)) TRY_VOID(write_new(unit_file, unit(setup), 0644));
    if (std::system("systemctl daemon-reload && systemctl enable --now caravan") != 0)
      return base::fail(base::Code::io, "systemctl could not start caravan");
    return {};
  }
  const std::string program = own_program();
  std::fflush(nullptr);
  ::execl(program.c_str(), program.c_str(), "agent", "-config", setup.config_dir.c_str(), nullptr);
  return base::fail(base::Code::io, fmt::format("{}: {}", program, std::strerror(errno)));
}

base::Result<std::string> own_address() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0)
    return base::fail(base::Code::io, "the machine does not tell its addresses");
  std::string found;
  for (const int family : {AF_INET, AF_INET6})
    for (const ifaddrs* at = list; at && found.empty(); at = at->ifa_next) {
      const bool is_usable = at->ifa_addr && at->ifa_addr->sa_family == family &&
                             (at->ifa_flags & IFF_UP) && !(at->ifa_flags & IFF_LOOPBACK);
      if (!is_usable) continue;
      char text[NI_MAXHOST] = "";
      const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
      if (::getnameinfo(at->ifa_addr, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
        continue;
      if (std::strncmp(text, "fe80:", 5) != 0) found = text;  // such are good on one cable only
    }
  ::freeifaddrs(list);
  if (found.empty())
    return base::fail(base::Code::not_found,
                      "this machine has no address that others could reach; name one with "
                      "-advertise");
  return found;
}

}  // namespace caravan::cli
