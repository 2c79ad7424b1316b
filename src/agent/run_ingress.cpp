// SPDX-License-Identifier: Apache-2.0
#include "agent/run_ingress.hpp"

#include <csignal>
#include <cstdio>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <fmt/core.h>

#include "agent/flag_parsing.hpp"
#include "agent/ingress_settings.hpp"
#include "agent/until_ended.hpp"
#include "base/text.hpp"
#include "cli/client.hpp"
#include "config/ingress_problems.hpp"
#include "config/key_reader.hpp"
#include "http/client.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/executor.hpp"
#include "io/linux/folder_lock.hpp"
#include "io/linux/log_sink.hpp"
#include "io/linux/network.hpp"
#include "io/linux/processes.hpp"
#include "io/task.hpp"

namespace caravan::agent {
namespace {

namespace linux_world = io::linux_world;
using namespace std::chrono_literals;

constexpr base::Duration feed_timeout = 15s;  // more than the feed's wait
constexpr std::size_t answer_bytes_max = 256 << 20;

/// A file with nothing but an ingress block.
struct IngressFile {
  config::IngressConfig ingress;
  config::SetKeys set;
};
template <class V>
void keys(V& v, IngressFile& f) {
  v("ingress", f.ingress);
}

struct IngressWords {
  IngressFile file;
  std::string folder = "/var/lib/caravan-ingress", datacenter = "dc1", level = "INFO";
  cli::Flags api;  // as the command line's general flags
};

Flags make_flags(IngressWords& said, io::Disk& disk) {
  Flags flags;
  flags["config"] = {"FILE", "a file with an ingress block",
                     [&](const std::string& path) -> base::Status {
                       TRY(std::string text, disk.read_file(path));
                       hcl::Diagnostics diagnostics;
                       config::read_keys(said.file, path, std::move(text), diagnostics);
                       if (diagnostics.has_errors()) return base::invalid(diagnostics.render());
                       return {};
                     }};
  const auto text = [&flags](const char* name, const char* help, std::string& into) {
    flags[name] = {"TEXT", help, [&into](const std::string& value) -> base::Status {
                     into = value;
                     return {};
                   }};
  };
  text("data-dir", "where the data plane's files are (default /var/lib/caravan-ingress)",
       said.folder);
  text("dc", "what $DC in tags stands for (default dc1)", said.datacenter);
  text("log-level", "trace, debug, info, warn or error", said.level);
  text("haproxy", "the program", said.file.ingress.haproxy);
  const auto port = [&flags](const char* name, const char* help, int& into) {
    flags[name] = {"PORT", help, [&into](const std::string& value) -> base::Status {
                     TRY(const long long number, base::parse_int(value));
                     into = static_cast<int>(number);
                     return {};
                   }};
  };
  port("proxy-port", "of fabio's users (default 9999); -1: none", said.file.ingress.ports.proxy);
  port("admin-port", "of the operators' page (default 9998); -1: none",
       said.file.ingress.ports.admin);
  for (const cli::FlagSpec& spec : cli::native_flags()) {
    const std::string name = spec.name;
    flags[name] = {spec.value.empty() ? "" : "TEXT", spec.help,
                   [&said, name](const std::string& value) -> base::Status {
                     said.api.add(name, value);
                     return {};
                   }};
  }
  return flags;
}

io::Task<bool> live(ingress::Ingress& ingress, io::Executor& executor, const io::Logger& log) {
  boost::asio::signal_set signals(executor.lane(io::Lane::main), SIGINT, SIGTERM);
  const base::Status started = co_await ingress.start();
  if (started) {
    const int signal = co_await signals.async_wait(boost::asio::use_awaitable);
    log.info("caught a signal, ending", {{"signal", std::to_string(signal)}});
  } else {
    refuse("Error starting the ingress: " + started.error().message);
  }
  co_await ingress.stop(true);
  co_return started.has_value();
}

}  // namespace

int run_ingress(const std::vector<std::string>& arguments) {
  ::signal(SIGPIPE, SIG_IGN);
  linux_world::Clock clock;
  linux_world::Random random;
  linux_world::Disk disk;
  linux_world::Network network;
  linux_world::Processes processes;
  IngressWords said;
  const Flags flags = make_flags(said, disk);
  for (const std::string& word : arguments)
    if (word == "-h" || word == "-help" || word == "--help") {
      std::fputs(usage_of("Usage: caravan ingress [options]\n\n"
                          "  Routes to services by their tags, on this machine, until it is told to "
                          "end.\n  `caravan ingress routes` shows what it does.\n\nOptions:\n",
                          flags)
                     .c_str(),
                 stdout);
      return 0;
    }
  if (const base::Status parsed = parse_flags(arguments, flags); !parsed)
    return refuse(parsed.error().message);
  std::string wrong;
  for (const config::KeyProblem& problem : config::ingress_problems(said.file.ingress))
    wrong += "\n  * " + problem.key + ": " + problem.what;
  if (!said.file.ingress.register_names.empty())
    wrong += "\n  * register_names: only the ingress of an agent is registered";
  if (!wrong.empty()) return refuse("the configuration is wrong:" + wrong);
  cli::Settings api = cli::native_settings(said.api);
  if (api.token.empty()) api.token = said.file.ingress.token;
  const base::Result<cli::Client> client = cli::Client::make(std::move(api));
  if (!client) return refuse(client.error().message);
  const base::Result<io::Level> level = io::parse_level(said.level);
  if (!level) return refuse(level.error().message);
  const base::Result<ingress::Settings> settings =
      ingress_settings(said.file.ingress, said.datacenter, disk);
  if (!settings) return refuse(settings.error().message);
  if (const base::Status made = disk.make_dirs(said.folder, 0700); !made)
    return refuse(made.error().message);
  const auto lock = linux_world::FolderLock::take(said.folder);
  if (!lock) return refuse(lock.error().message);

  linux_world::DescriptorSink sink(STDOUT_FILENO, *level);
  const io::Logger log(sink, clock, "ingress");
  linux_world::Executor executor(1, 1);
  io::World world{clock, random, executor, network, disk, processes, sink};
  const ingress::Ask ask = [&](std::string target) -> io::Task<base::Result<http::Response>> {
    http::Request request = client->request("GET", "/", {});
    request.target = std::move(target);
    auto asked = http::fetch(client->network(), clock, client->address(), std::move(request),
                             feed_timeout, answer_bytes_max);
    co_return co_await std::move(asked);
  };
  ingress::Ingress ingress(world, *settings, ingress_places(said.file.ingress, said.folder), ask,
                           {}, log);
  return run_until_ended(executor, disk, live(ingress, executor, log));
}

}  // namespace caravan::agent
