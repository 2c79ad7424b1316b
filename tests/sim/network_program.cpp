// SPDX-License-Identifier: Apache-2.0
#include "sim/network_program.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "client/bridge_conflist.hpp"
#include "client/cni_message.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration lock_look = 10ms;

std::string env_of(const Process& process, const std::string& name) {
  for (const std::string& pair : process.program.env)
    if (pair.starts_with(name + "=")) return pair.substr(name.size() + 1);
  return "";
}

/// Whoever takes a network from under a running task has broken a promise.
void must_be_idle(Ledger& ledger, const std::string& alloc, const std::string& what) {
  for (const Ledger::Entry& entry : ledger.live)
    if (alloc.ends_with(entry.alloc) && ledger.violation.empty())
      ledger.violation = fmt::format("{} while a task of {} runs", what, entry.alloc);
}

/// What a plugin holds for an allocation. The firewall's rules are named by addresses alone.
std::string held_by(const std::string& plugin, const json::Value& previous) {
  const base::Result<model::NetworkStatus> status = client::network_status(previous);
  if (plugin != "firewall") return plugin;
  return status ? plugin + " " + status->address : "";
}

int fail(Process& process, const std::string& why) {
  process.out = json::to_string(json::Object{{"code", 11}, {"msg", why}});
  return 1;
}

int add(Process& process, Plumbing& plumbing, const std::string& plugin, const json::Value& input) {
  const std::string alloc = env_of(process, "CNI_CONTAINERID");
  const std::string path = env_of(process, "CNI_NETNS");
  if (!plumbing.namespaces.contains(path)) return fail(process, "no namespace at " + path);
  plumbing.rules[alloc].insert(held_by(plugin, input.at("prevResult")));
  json::Value result = input.at("prevResult");
  if (plugin == "bridge") {
    const int number = ++plumbing.addresses;
    const std::string address =
        fmt::format("172.26.{}.{}/20", 64 + number / 250 % 16, 2 + number % 250);
    result =
        json::Object{{"interfaces", json::Array{json::Object{{"name", "eth0"}, {"sandbox", path}}}},
                     {"ips", json::Array{json::Object{{"interface", 0}, {"address", address}}}}};
  }
  process.out = json::to_string(result.is_null() ? json::Value(json::Object()) : result);
  return 0;
}

void remove(Process& process, Plumbing& plumbing, Ledger& ledger, const std::string& plugin,
            const json::Value& input) {
  const std::string alloc = env_of(process, "CNI_CONTAINERID");
  must_be_idle(ledger, alloc, "rules are removed");
  const auto found = plumbing.rules.find(alloc);
  if (found == plumbing.rules.end()) return;
  found->second.erase(held_by(plugin, input.at("prevResult")));
  if (found->second.empty()) plumbing.rules.erase(found);
}

int run_plugin(Process& process, Plumbing& plumbing, Ledger& ledger, const std::string& plugin) {
  const json::Value input = json::parse(process.input).value_or(json::Value());
  const std::string command = env_of(process, "CNI_COMMAND");
  if (command == "DEL") {
    remove(process, plumbing, ledger, plugin, input);
    return 0;
  }
  if (process.outfit->random.chance(plumbing.failure_share))
    return fail(process, plugin + " does not feel like it");
  if (command == "ADD") return add(process, plumbing, plugin, input);
  return 0;
}

/// Released when the program ends, whatever ends it.
struct Lock {
  Lock(Plumbing& p, std::string f) : plumbing(p), file(std::move(f)) {
    plumbing.locked.insert(file);
  }
  Lock(const Lock&) = delete;
  ~Lock() { plumbing.locked.erase(file); }
  Plumbing& plumbing;
  std::string file;
};

void change_namespace(io::Disk& disk, Plumbing& plumbing, Ledger& ledger, const std::string& verb,
                      const std::string& path) {
  if (verb == "make-namespace") {
    plumbing.namespaces.insert(path);
    (void)disk.make_dirs(sim_namespaces, 0755);
    (void)disk.write_file(path, "", 0444, -1, -1);
  } else {
    must_be_idle(ledger, path, "a namespace is dropped");
    plumbing.namespaces.erase(path);
    if (disk.exists(path)) (void)disk.remove(path);
  }
  plumbing.show(disk);
}

}  // namespace

void Plumbing::show(io::Disk& disk) const {
  std::string mounts;
  for (const std::string& path : namespaces)
    mounts += fmt::format("1 2 0:4 net:[1] {} rw - nsfs nsfs rw\n", path);
  for (const char* folder : {"/proc/self", "/proc/sys/kernel/random"})
    (void)disk.make_dirs(folder, 0755);
  (void)disk.write_file("/proc/self/mountinfo", mounts, 0444, -1, -1);
  (void)disk.write_file("/proc/sys/kernel/random/boot_id", fmt::format("{}\n", boots), 0444, -1,
                        -1);
}

bool Plumbing::has_network(const std::string& alloc) const {
  const auto found = rules.find(alloc);
  return namespaces.contains(fmt::format("{}/caravan-{}", sim_namespaces, alloc)) &&
         found != rules.end() && found->second.size() == 4;
}

void install_plugins(io::Disk& disk) {
  for (const char* folder : {sim_plugins, "/usr/sbin"})
    (void)disk.make_dirs(folder, 0755);
  for (const std::string& plugin : client::bridge_plugins())
    (void)disk.write_file(fmt::format("{}/{}", sim_plugins, plugin), "", 0755, -1, -1);
  (void)disk.write_file("/usr/sbin/iptables", "", 0755, -1, -1);
}

io::Task<int> network_program(Process& process, Plumbing& plumbing, Ledger& ledger) {
  io::World& io = process.world();
  const std::vector<std::string> argv = process.program.argv;
  if (argv.at(1) != "locked") co_return 2;
  const int agent = plumbing.agents;
  const std::string& file = argv.at(2);
  while (plumbing.locked.contains(file)) {
    co_await io.clock.sleep(lock_look);
    if (agent != plumbing.agents) co_return 1;  // who waits dies with its agent
  }
  const Lock lock(plumbing, file);
  const base::Duration before = io.random.jitter(base::Duration(1ms), 30);
  const base::Duration after = io.random.jitter(base::Duration(1ms), 30);
  co_await io.clock.sleep(before);
  const std::string name = argv.at(3).substr(argv.at(3).rfind('/') + 1);
  int code = 0;
  if (argv.at(3) == argv.at(0))
    change_namespace(io.disk, plumbing, ledger, argv.at(4), argv.at(5));
  else if (name != "iptables")
    code = run_plugin(process, plumbing, ledger, name);
  co_await io.clock.sleep(after);
  co_return code;
}

}  // namespace caravan::sim
