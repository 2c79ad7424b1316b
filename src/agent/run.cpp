// SPDX-License-Identifier: Apache-2.0
#include "agent/run.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/core.h>

#include "agent/agent.hpp"
#include "agent/consul_options.hpp"
#include "agent/interfaces.hpp"
#include "agent/until_ended.hpp"
#include "config/load.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/datagrams.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/executor.hpp"
#include "io/linux/folder_lock.hpp"
#include "io/linux/log_sink.hpp"
#include "io/linux/network.hpp"
#include "io/linux/processes.hpp"
#include "io/task.hpp"

extern char** environ;

namespace caravan::agent {
namespace {

namespace linux_world = io::linux_world;

constexpr std::size_t pool_threads_max = 4;

std::map<std::string, std::string> own_environment() {
  std::map<std::string, std::string> env;
  for (char** at = environ; *at; ++at) {
    const std::string_view pair = *at;
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      env.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return env;
}

/// What the configuration asks for and this version cannot do: said before anything starts.
std::string unsupported(const config::AgentConfig& c) {
  if (!c.server.enabled && !c.client.enabled && !c.is_registry)
    return "the agent must be a server, a client or both: set server { enabled = true } or client "
           "{ enabled = true }, or use -dev";
  return "";
}

void print_banner(const Options& options, const config::Endpoints& endpoints,
                  const std::string& data_dir) {
  const config::AgentConfig& c = options.config;
  std::string text = "==> Caravan agent configuration:\n\n";
  const auto line = [&](std::string_view key, std::string_view value) {
    text += fmt::format("{:>20}: {}\n", key, value);
  };
  if (!endpoints.http_listen.empty()) {
    line("Advertise Addrs", fmt::format("HTTP: {}", endpoints.http_advertise.to_string()));
    line("Bind Addrs", fmt::format("HTTP: {}", endpoints.http_listen.front().to_string()));
  }
  line("Client", c.client.enabled ? "true" : "false");
  line("Data Dir", data_dir);
  line("Log Level", c.log.level);
  line("Region", fmt::format("{} (DC: {})", c.region, c.datacenter));
  line("Server", c.server.enabled ? "true" : "false");
  line("Version", version);
  text += "\n==> Caravan agent started! Log data will stream in below:\n\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

io::Task<void> reload_when_told(Agent& agent, boost::asio::signal_set& signals,
                                const io::Logger& log) {
  while (true) {
    co_await signals.async_wait(boost::asio::use_awaitable);
    const base::Status done = agent.reload();
    if (done)
      log.info("configuration reloaded");
    else
      log.error("cannot reload; what was there stays", {{"error", done.error().message}});
  }
}

/// `config` says which signals mean to leave for good.
io::Task<bool> live(Agent& agent, const config::AgentConfig& config, io::Executor& executor,
                    const io::Logger& log) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::signal_set signals(executor.lane(io::Lane::main), SIGINT, SIGTERM);
  const base::Status started = co_await agent.start();
  if (!started) {
    log.error("cannot start", {{"error", started.error().message}});
    refuse("Error starting agent: " + started.error().message);
    co_return false;
  }
  boost::asio::signal_set reloads(executor.lane(io::Lane::main), SIGHUP);
  auto ended = co_await (signals.async_wait(boost::asio::use_awaitable) || agent.failure() ||
                         reload_when_told(agent, reloads, log) || agent.has_left());
  bool leaves = false;
  if (ended.index() == 1) {
    log.error("the agent cannot go on", {{"error", std::get<1>(ended).message}});
  } else if (ended.index() == 3) {
    log.info("it was asked to leave, ending");
  } else {
    const int signal = std::get<0>(ended);
    leaves = signal == SIGINT ? config.leave_on_interrupt : config.leave_on_terminate;
    log.info("caught a signal, ending", {{"signal", std::to_string(signal)}});
  }
  co_await agent.stop(leaves);
  co_return ended.index() != 1;
}

using Usage = std::string (*)();
using ReadOptions = base::Result<Options> (*)(const std::vector<std::string>& arguments,
                                              io::Disk& disk);

/// An agent from its start to its end. Returns the exit code.
int run(const std::vector<std::string>& arguments, Usage usage, ReadOptions read) {
  if (std::ranges::find(arguments, "-h") != arguments.end() ||
      std::ranges::find(arguments, "-help") != arguments.end() ||
      std::ranges::find(arguments, "--help") != arguments.end()) {
    std::fputs(usage().c_str(), stdout);
    return 0;
  }
  ::signal(SIGPIPE, SIG_IGN);
  linux_world::Clock clock;
  linux_world::Random random;
  linux_world::Disk disk;
  linux_world::Network network;
  linux_world::Datagrams datagrams;
  linux_world::Processes processes;

  base::Result<Options> options = read(arguments, disk);
  if (!options) return refuse(options.error().message);
  char dev_dir[] = "/tmp/caravan-dev-XXXXXX";
  const bool temporary = options->dev && options->config.data_dir.empty();
  if (temporary) {
    if (!::mkdtemp(dev_dir)) return refuse("cannot make a temporary folder in /tmp");
    options->config.data_dir = dev_dir;
  }
  if (const std::string why = unsupported(options->config); !why.empty()) return refuse(why);
  if (const std::vector<std::string> wrong = config::problems(options->config); !wrong.empty()) {
    std::string text = "the configuration is wrong:";
    for (const std::string& line : wrong)
      text += "\n  * " + line;
    return refuse(text);
  }
  const auto lock = linux_world::FolderLock::take(options->config.data_dir);
  if (!lock) return refuse(lock.error().message);
  LinuxInterfaces interfaces;
  // An agent that is a whole cluster by itself needs no address that others can reach.
  const config::AgentConfig& c = options->config;
  const bool alone = c.server.enabled && c.server.bootstrap_expect <= 1;
  const base::Result<config::Endpoints> endpoints =
      config::resolve_endpoints(c, interfaces, options->dev || alone);
  if (!endpoints) return refuse(endpoints.error().message);
  const base::Result<io::Level> level = io::parse_level(options->config.log.level);
  if (!level) return refuse(level.error().message);

  linux_world::DescriptorSink sink(STDOUT_FILENO, *level);
  const io::Logger log(sink, clock, "agent");
  print_banner(*options, *endpoints, options->config.data_dir);
  for (const std::string& key :
       c.is_registry ? options->without_effect : config::not_built(options->config))
    log.warn("set, and without effect yet", {{"key", key}});
  if (!options->config.acl.enabled)
    log.warn("access control is off: whoever reaches the HTTP port may do everything");
  if (!options->config.tls.rpc && !options->dev)
    log.warn(
        "agents do not prove who they are: whoever reaches the rpc port can be a server; "
        "set tls { rpc = true }");

  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  linux_world::Executor executor(cores, std::min(cores, pool_threads_max));
  io::World world{clock, random, executor, network, disk, processes, sink};
  int code = 1;
  {
    Agent agent(world, datagrams, *options, *endpoints, own_environment(), sink, log);
    agent.read_again_by([&] { return read(arguments, disk); });
    code = run_until_ended(executor, disk, live(agent, options->config, executor, log));
  }
  if (temporary) (void)disk.remove(dev_dir);  // what cannot be removed is /tmp's to keep
  return code;
}

}  // namespace

int run_agent(const std::vector<std::string>& arguments) {
  return run(arguments, agent_usage, read_options);
}

int run_consul_agent(const std::vector<std::string>& arguments) {
  return run(arguments, consul_agent_usage, read_consul_options);
}

}  // namespace caravan::agent
