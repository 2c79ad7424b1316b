// SPDX-License-Identifier: Apache-2.0
// `caravan coredns -conf Corefile`: relays names until a signal ends it.
#include <csignal>
#include <cstdio>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <fmt/core.h>

#include "agent/interfaces.hpp"
#include "agent/run.hpp"
#include "agent/until_ended.hpp"
#include "dns/forwarder.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/datagrams.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/executor.hpp"
#include "io/linux/log_sink.hpp"
#include "io/linux/network.hpp"
#include "io/linux/processes.hpp"

namespace caravan::agent {
namespace {

namespace linux_world = io::linux_world;

constexpr const char* usage =
    "Usage: caravan coredns [-conf Corefile]\n\n"
    "  Relays DNS questions as a Corefile says: server blocks with bind, forward, log and\n"
    "  errors. Replies are passed on as they are, and nothing is remembered.\n\n"
    "    -conf FILE    the Corefile; default: Corefile in this folder\n";

/// An address is what it says; a name is an interface's.
base::Result<std::vector<std::string>> addresses_of(const std::string& named) {
  if (named.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos &&
      named.find_first_of(".:") != std::string::npos)
    return std::vector<std::string>{named};
  LinuxInterfaces interfaces;
  TRY(const std::vector<config::InterfaceAddress> all, interfaces.list());
  std::vector<std::string> found;
  for (const config::InterfaceAddress& each : all)
    if (each.name == named && !each.address.starts_with("fe80")) found.push_back(each.address);
  if (found.empty())
    return base::fail(base::Code::not_found,
                      fmt::format("bind: no interface \"{}\" with an address", named));
  return found;
}

io::Task<bool> live(dns::Forwarder& forwarder, io::Executor& executor) {
  boost::asio::signal_set signals(executor.lane(io::Lane::main), SIGINT, SIGTERM);
  const base::Status started = co_await forwarder.start(addresses_of);
  if (!started)
    refuse(started.error().message);
  else
    co_await signals.async_wait(boost::asio::use_awaitable);
  co_await forwarder.stop();
  co_return started.has_value();
}

}  // namespace

int run_forwarder(const std::vector<std::string>& arguments) {
  std::string path = "Corefile";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "-h" || word == "-help" || word == "--help") {
      std::fputs(usage, stdout);
      return 0;
    }
    if ((word != "-conf" && word != "--conf") || i + 1 == arguments.size())
      return refuse(word + ": not known here\n" + usage);
    path = arguments[++i];
  }
  ::signal(SIGPIPE, SIG_IGN);
  linux_world::Clock clock;
  linux_world::Random random;
  linux_world::Disk disk;
  linux_world::Network network;
  linux_world::Datagrams datagrams;
  linux_world::Processes processes;
  const base::Result<std::string> text = disk.read_file(path);
  if (!text) return refuse(text.error().message);
  base::Result<dns::Corefile> file = dns::parse_corefile(
      *text, [&](const std::string& named) { return disk.read_file(named); });
  if (!file) return refuse(fmt::format("{}: {}", path, file.error().message));
  linux_world::DescriptorSink sink(STDOUT_FILENO, io::Level::info);
  const io::Logger log(sink, clock, "coredns");
  for (const std::string& word : file->without_effect)
    log.warn("set, and without effect", {{"where", word}});
  linux_world::Executor executor(1, 1);
  io::World world{clock, random, executor, network, disk, processes, sink};
  dns::Forwarder forwarder(world, datagrams, *std::move(file), log);
  return run_until_ended(executor, disk, live(forwarder, executor));
}

}  // namespace caravan::agent
