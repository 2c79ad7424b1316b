// SPDX-License-Identifier: Apache-2.0
// operator debug: gathers what helps to find a fault, for a while, into one archive.
#include <filesystem>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/core.h>

#include "base/gzip.hpp"
#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/debug_bundle.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "http/client.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/disk.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

/// An agent that does not answer for so long is told of, and the capture goes on.
constexpr base::Duration answer_timeout = 10s;
constexpr unsigned private_file = 0600, private_folder = 0700;

struct Wish {
  base::Duration duration{0}, interval{0};
  std::string servers, nodes, node_class, log_level, topics;
  std::size_t nodes_max = 0;
  bool stale = false, with_place = false;
};

/// Durations as the peers write them. Errors: invalid.
base::Result<Wish> wish_of(const Flags& flags) {
  Wish wish;
  const auto duration = [&](const char* name, const char* usual) -> base::Result<base::Duration> {
    const base::Result<base::Duration> given = base::parse_duration(flags.text(name, usual));
    if (!given || *given <= 0s)
      return base::invalid(fmt::format("-{}: \"{}\" is no duration like 30s", name,
                                       base::printable(flags.text(name, usual), 40)));
    return *given;
  };
  TRY(wish.duration, duration("duration", "2m"));
  TRY(wish.interval, duration("interval", "30s"));
  TRY(const base::Duration unused, duration("pprof-duration", "1s"));
  (void)unused;
  if (wish.interval > wish.duration)
    return base::invalid("-interval: must not be longer than -duration");
  TRY(const long long most, flags.number("max-nodes", 10));
  if (most < 0) return base::invalid("-max-nodes: must not be negative");
  wish.nodes_max = static_cast<std::size_t>(most);
  wish.servers = flags.text("server-id", "all");
  wish.nodes = flags.text("node-id", "all");
  wish.node_class = flags.text("node-class", "");
  wish.log_level = flags.text("log-level", "trace");
  wish.topics = flags.text("event-topic", "none");
  wish.stale = flags.on("stale");
  wish.with_place = flags.on("log-include-location");
  return wish;
}

struct Target {
  std::string id, name;
};

/// Takes whole lines off `rest`. Of an event's payload, whole jobs with the secrets of their tasks,
/// nothing is kept.
std::string heads_of_events(std::string& rest) {
  std::string lines;
  for (std::size_t end; (end = rest.find('\n')) != std::string::npos;) {
    base::Result<json::Value> line = json::parse(std::string_view(rest).substr(0, end));
    rest.erase(0, end + 1);
    json::Object* batch = line ? line->as_object() : nullptr;
    if (!batch) continue;
    if (json::Array* events = (*batch)["Events"].as_array())
      for (json::Value& event : *events)
        if (json::Object* one = event.as_object()) (*one)["Payload"] = nullptr;
    lines += json::to_string(*line) + "\n";
  }
  return lines;
}

class Capture {
 public:
  Capture(Context& context, Wish wish, DebugBundle& bundle)
      : context_(context), wish_(std::move(wish)), bundle_(bundle), signals_(executor_) {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
  }

  /// Errors: the agent that is asked does not answer.
  base::Status run();
  json::Object facts() const;
  bool was_interrupted() const { return interrupted_; }

 private:
  io::Task<base::Result<http::Response>> fetch(std::string path, Params params);
  io::Task<json::Value> keep(std::string file, std::string path, Params params = {});
  /// What comes is kept as `shown` makes it.
  using Shown = std::function<std::string(std::string_view)>;
  io::Task<void> follow(std::string file, std::string path, Params params, Shown shown);
  io::Task<base::Status> whole();
  io::Task<void> until_signal();
  io::Task<void> cluster();
  io::Task<void> moment(int number);
  void choose_servers(const json::Value& members);
  void choose_nodes(const json::Value& list);
  void listen();
  void spawn(io::Task<void> task);
  void tell(const json::Value& self);

  Context& context_;
  const Wish wish_;
  DebugBundle& bundle_;
  boost::asio::io_context executor_{1};
  boost::asio::signal_set signals_;
  io::linux_world::Clock clock_;
  std::vector<Target> servers_, nodes_;
  std::size_t servers_all_ = 0, nodes_all_ = 0;
  const std::int64_t begun_ns_ = now_ns();
  bool interrupted_ = false;
};

void Capture::spawn(io::Task<void> task) {
  boost::asio::co_spawn(executor_, std::move(task), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
}

io::Task<base::Result<http::Response>> Capture::fetch(std::string path, Params params) {
  const Client& api = context_.api();
  http::Request request = api.request("GET", path, std::move(params));
  co_return co_await http::fetch(api.network(), clock_, api.address(), std::move(request),
                                 answer_timeout, DebugBundle::file_bytes_max);
}

/// What is answered, as a file and as a value.
io::Task<json::Value> Capture::keep(std::string file, std::string path, Params params) {
  if (wish_.stale) params.emplace_back("stale", "");
  const base::Result<http::Response> answer = co_await fetch(path, std::move(params));
  // 429 is how health says that it is not well.
  const bool is_good = answer && (answer->status < 300 || answer->status == 429);
  if (!is_good) {
    bundle_.miss(file, answer ? response_error(answer->status, answer->body).message
                              : answer.error().message);
    co_return json::Value();
  }
  bundle_.add(file, answer->body);
  const base::Result<json::Value> value = json::parse(answer->body);
  co_return value ? *value : json::Value();
}

/// A stream, as long as the capture takes.
io::Task<void> Capture::follow(std::string file, std::string path, Params params, Shown shown) {
  const Client& api = context_.api();
  http::Request request = api.request("GET", path, std::move(params));
  const auto incoming = co_await http::open(api.network(), clock_, api.address(),
                                            std::move(request), answer_timeout + 5s);
  if (!incoming) {
    bundle_.miss(file, incoming.error().message);
    co_return;
  }
  std::string refusal;
  if ((*incoming)->status == 200) bundle_.add(file, "");  // also when nothing is said
  while (true) {
    const base::Result<std::string> piece = co_await (*incoming)->read();
    const bool is_over = !piece || piece->empty();
    if (is_over && (*incoming)->status == 200) bundle_.miss(file, "the stream ended early");
    if (is_over) break;
    if ((*incoming)->status == 200)
      bundle_.add(file, shown(*piece));
    else
      refusal += *piece;
  }
  if ((*incoming)->status != 200)
    bundle_.miss(file, response_error((*incoming)->status, refusal).message);
}

void Capture::choose_servers(const json::Value& members) {
  const std::string asked = context_.api().settings().region;
  const std::string region = asked.empty() ? text(members, "ServerRegion") : asked;
  const std::vector<std::string> wanted = comma_list(wish_.servers);
  const auto is_wanted = [&](const std::string& word) {
    return std::ranges::find(wanted, word) != wanted.end();
  };
  for (const json::Value& member : list(members, "Members")) {
    const json::Value& tags = member.at("Tags");
    if (text(tags, "region") != region) continue;
    const std::string name = text(member, "Name"),
                      plain = name.substr(0, name.size() - region.size() - 1);
    if (!is_wanted("all") && !is_wanted(name) && !is_wanted(plain) && !is_wanted(text(tags, "id")))
      continue;
    ++servers_all_;
    if (text(member, "Status") == "alive")
      servers_.push_back({text(tags, "id"), name});
    else
      bundle_.miss("server/" + file_part(name), "the server is " + text(member, "Status"));
  }
  if (is_wanted("leader")) servers_.push_back({"leader", "leader"}), ++servers_all_;
}

void Capture::choose_nodes(const json::Value& nodes) {
  const std::vector<std::string> wanted = comma_list(wish_.nodes);
  const json::Array* all = nodes.as_array();
  if (!all) return;
  for (const json::Value& node : *all) {
    const std::string id = text(node, "ID");
    const bool is_wanted = std::ranges::any_of(
        wanted, [&](const std::string& word) { return word == "all" || id.starts_with(word); });
    if (!is_wanted || (!wish_.node_class.empty() && text(node, "NodeClass") != wish_.node_class))
      continue;
    ++nodes_all_;
    if (nodes_.size() >= wish_.nodes_max) continue;
    if (text(node, "Status") == "ready")
      nodes_.push_back({id, text(node, "Name")});
    else
      bundle_.miss("client/" + file_part(id), "the node is " + text(node, "Status"));
  }
}

void Capture::listen() {
  const auto monitor = [&](const char* kind, const char* parameter, const Target& target) {
    Params params{{"plain", "true"}, {"log_level", wish_.log_level}, {parameter, target.id}};
    if (wish_.with_place) params.emplace_back("log_include_location", "true");
    spawn(follow(fmt::format("{}/{}/monitor.log", kind,
                             file_part(target.name.empty() ? target.id : target.name)),
                 "/v1/agent/monitor", std::move(params),
                 [](std::string_view text) { return std::string(text); }));
  };
  for (const Target& server : servers_)
    monitor("server", "server_id", server);
  for (const Target& node : nodes_)
    monitor("client", "node_id", {node.id, node.id});
  if (wish_.topics == "none" || wish_.topics.empty()) return;
  Params params{{"namespace", "*"}};
  for (const std::string& topic : comma_list(wish_.topics))
    params.emplace_back("topic", topic == "all" || topic == "*" ? "*" : topic);
  spawn(follow("cluster/eventstream.json", "/v1/event/stream", std::move(params),
               [rest = std::string()](std::string_view piece) mutable {
                 rest += piece;
                 return heads_of_events(rest);
               }));
}

/// What does not change while one looks.
io::Task<void> Capture::cluster() {
  (void)co_await keep("cluster/regions.json", "/v1/regions");
  (void)co_await keep("cluster/leader.json", "/v1/status/leader");
  (void)co_await keep("cluster/namespaces.json", "/v1/namespaces");
  (void)co_await keep("cluster/node-pools.json", "/v1/node/pools");
  (void)co_await keep("cluster/scheduler-configuration.json",
                      "/v1/operator/scheduler/configuration");
  (void)co_await keep("cluster/autopilot-configuration.json",
                      "/v1/operator/autopilot/configuration");
  for (const Target& server : servers_)
    (void)co_await keep("server/" + file_part(server.name) + "/agent-host.json", "/v1/agent/host",
                        {{"server_id", server.id}});
  for (const Target& node : nodes_)
    (void)co_await keep("client/" + file_part(node.id) + "/agent-host.json", "/v1/agent/host",
                        {{"node_id", node.id}});
}

/// What does.
io::Task<void> Capture::moment(int number) {
  const std::string folder = fmt::format("interval/{:04}/", number);
  context_.out(fmt::format("    Capture interval {:04}", number));
  for (const char* what : {"allocations", "deployments", "evaluations", "jobs", "services"})
    (void)co_await keep(fmt::format("{}{}.json", folder, what), fmt::format("/v1/{}", what),
                        {{"namespace", "*"}});
  (void)co_await keep(folder + "nodes.json", "/v1/nodes");
  (void)co_await keep(folder + "metrics.json", "/v1/metrics");
  (void)co_await keep(folder + "members.json", "/v1/agent/members");
  (void)co_await keep(folder + "autopilot-health.json", "/v1/operator/autopilot/health");
  (void)co_await keep(folder + "raft-configuration.json", "/v1/operator/raft/configuration");
}

void Capture::tell(const json::Value& self) {
  const auto names = [](const std::vector<Target>& targets) {
    std::vector<std::string> all;
    for (const Target& target : targets)
      all.push_back(target.name);
    return base::join(all, " ");
  };
  context_.out("Starting debugger...\n");
  context_.out(fmt::format("          Agent: {}", text(self.at("config"), "NodeName")));
  context_.out(fmt::format("         Region: {}", text(self.at("config"), "Region")));
  context_.out(
      fmt::format("        Servers: ({}/{}) [{}]", servers_.size(), servers_all_, names(servers_)));
  context_.out(
      fmt::format("        Clients: ({}/{}) [{}]", nodes_.size(), nodes_all_, names(nodes_)));
  context_.out(fmt::format("       Interval: {}", base::format_duration(wish_.interval)));
  context_.out(fmt::format("       Duration: {}", base::format_duration(wish_.duration)));
  context_.out("\nCapturing cluster data...");
}

io::Task<base::Status> Capture::whole() {
  const base::Result<http::Response> reached = co_await fetch("/v1/agent/self", {});
  if (!reached)
    co_return std::unexpected(context_.api().unreachable("GET", "/v1/agent/self", reached.error()));
  if (reached->status != 200)
    co_return std::unexpected(response_error(reached->status, reached->body));
  bundle_.add("cluster/agent-self.json", reached->body);
  choose_servers(co_await keep("cluster/members.json", "/v1/agent/members"));
  choose_nodes(co_await keep("cluster/nodes.json", "/v1/nodes"));
  const base::Result<json::Value> self = json::parse(reached->body);
  tell(self ? *self : json::Value());
  listen();
  const base::Duration begun = clock_.uptime();
  co_await cluster();
  const auto moments = static_cast<int>(wish_.duration / wish_.interval);
  for (int number = 0; number < moments; ++number) {
    co_await moment(number);
    const base::Duration next = begun + wish_.interval * (number + 1);
    if (next > clock_.uptime()) co_await clock_.sleep(next - clock_.uptime());
  }
  if (begun + wish_.duration > clock_.uptime())
    co_await clock_.sleep(begun + wish_.duration - clock_.uptime());
  co_return base::Status();
}

io::Task<void> Capture::until_signal() {
  (void)co_await signals_.async_wait(boost::asio::use_awaitable);
}

base::Status Capture::run() {
  base::Status status;
  const auto all = [&]() -> io::Task<void> {
    auto ended = co_await (whole() || until_signal());
    interrupted_ = ended.index() == 1;
    if (!interrupted_) status = std::get<0>(ended);
    executor_.stop();  // and with it all that follows a stream
  };
  spawn(all());
  executor_.run();
  return status;
}

json::Object Capture::facts() const {
  const auto shown = [](const std::vector<Target>& targets) {
    json::Array all;
    for (const Target& target : targets)
      all.push_back(json::Object{{"ID", target.id}, {"Name", target.name}});
    return all;
  };
  return {{"Version", context_.versions.own},
          {"Begin", base::format_rfc3339({begun_ns_})},
          {"End", base::format_rfc3339({now_ns()})},
          {"Interrupted", interrupted_},
          {"Duration", base::format_duration(wish_.duration)},
          {"Interval", base::format_duration(wish_.interval)},
          {"Servers", shown(servers_)},
          {"Clients", shown(nodes_)}};
}

/// As an archive here, or as files in `folder`. Returns where it is.
base::Result<std::string> write(const consensus::Files& files, const std::string& name,
                                const std::string& folder) {
  io::linux_world::Disk disk;
  if (folder.empty()) {
    const std::string file = name + ".tar.gz";
    const base::Status written = wait_for(disk.replace_file(
        std::filesystem::absolute(file).string(),
        base::gzip(consensus::to_tar(files, now_ns() / 1'000'000'000)), private_file));
    disk.join();
    TRY_VOID(written);
    return file;
  }
  const std::filesystem::path root = std::filesystem::absolute(folder);
  base::Status written;
  for (const auto& [file, content] : files) {
    const std::filesystem::path path = root / file;
    if (written) written = disk.make_dirs(path.parent_path().string(), private_folder);
    if (written) written = wait_for(disk.replace_file(path.string(), content, private_file));
  }
  disk.join();
  TRY_VOID(written);
  return (root / name).string();
}

int run(Context& context) {
  const base::Result<Wish> wish = wish_of(context.flags);
  if (!wish) return context.wrong_use(wish.error().message);
  std::string stamp = base::format_rfc3339({now_ns()}).substr(0, 19);
  std::erase(stamp, ':');
  std::ranges::replace(stamp, 'T', '-');
  DebugBundle bundle(fmt::format("caravan-debug-{}Z", stamp));
  Capture capture(context, *wish, bundle);
  if (const base::Status captured = capture.run(); !captured)
    return context.fail("Error querying agent info", captured.error());
  if (capture.was_interrupted()) context.out("Interrupted: what there is will be written");
  for (const auto& [what, why] : bundle.missing())
    context.err(fmt::format("Missing: {}: {}", what, why));
  const base::Result<std::string> place =
      write(bundle.files(capture.facts()), bundle.name(), context.flags.text("output", ""));
  if (!place) return context.fail("Error creating debug archive", place.error());
  context.out(fmt::format("Created debug {}: {}",
                          context.flags.given("output") ? "directory" : "archive", *place));
  return 0;
}

}  // namespace

Command operator_debug_command() {
  return {.name = "operator debug",
          .alias = "debug",
          .synopsis = "Gather what helps to find a fault into one archive",
          .usage = "[options]",
          .help =
              "For a while, keeps what the cluster says of itself at intervals (members, "
              "health,\njobs, allocations, evaluations, nodes, deployments, metrics), and the "
              "logs of\nservers and nodes as they are written. Ctrl-C ends it early and writes "
              "what there\nis. Who does not answer is named, and in the archive's "
              "index.json.\n\nTokens, keys and variables are not in it, values of the "
              "environment are left out;\nnames of jobs, nodes and addresses are. At most 128 "
              "MiB before it is packed.",
          .flags = {{"duration", "duration", "How long. Default = 2m"},
                    {"interval", "duration", "Between two looks at the state. Default = 30s"},
                    {"log-level", "name", "Of the logs that are kept. Default = trace"},
                    {"log-include-location", "", "Accepted: lines have no places in the code."},
                    {"node-id", "ids",
                     "Nodes whose logs are kept: beginnings of ids with commas\nbetween, or all. "
                     "Default = all"},
                    {"node-class", "class", "Only nodes of this class."},
                    {"max-nodes", "number", "So many nodes at most. Default = 10"},
                    {"server-id", "ids",
                     "Servers whose logs are kept: names or numbers with commas\nbetween, leader, "
                     "or all. Default = all"},
                    {"event-topic", "topics",
                     "Events that are kept, too: topics with commas between, or\nall. Default = "
                     "none"},
                    {"event-index", "index", "Accepted: events are kept from the beginning."},
                    {"output", "folder", "Files in a folder below this one instead of an archive."},
                    {"pprof-duration", "duration", "Accepted: there are no such profiles."},
                    {"pprof-interval", "duration", "The same."},
                    {"stale", "", "Any server may answer, also while none leads."},
                    {"verbose", "", "Accepted."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli
