// SPDX-License-Identifier: Apache-2.0
#include "bench/site.hpp"

#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/core.h>

#include "bench/report.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t pool_threads = 2;

/// What a simulated node reads of an answer: ten thousand of them share the cores with the server.
struct GivenAlloc {
  base::AllocId id;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, GivenAlloc& a) {
  v(1, "ID", a.id);
  v.unknown(a.unknown);
}
struct Given {
  std::vector<GivenAlloc> changed;
  std::uint64_t index = 0;
  bool tell_known = false;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Given& g) {
  v(2, "Changed", g.changed);
  v(4, "Index", g.index);
  v(5, "TellKnown", g.tell_known);
  v.unknown(g.unknown);
}

server::ServerConfig server_config(const std::string& folder, server::HeartbeatConfig heartbeat) {
  server::ServerConfig config;
  config.data_dir = folder;
  config.schedulers = pool_threads;
  config.replica.id = 1;
  config.replica.voters = {1};
  config.heartbeat = heartbeat;
  return config;
}

}  // namespace

model::Job small_job(int number, int count) {
  model::Job job = make_job(fmt::format("job-{}", number), count);
  model::TaskGroup& group = job.groups[0];
  group.tasks[0].resources.cpu = 100;
  group.tasks[0].resources.memory_mb = 64;
  group.tasks[0].logs.max_files = 1;
  group.tasks[0].logs.max_file_size_mb = 5;
  group.ephemeral_disk.size_mb = 10;
  return job;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "caravan-bench-XXXXXX").string();
  if (!mkdtemp(pattern.data())) wrong("cannot make a temporary folder");
  path_ = pattern;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

Site::Site(std::string folder, server::HeartbeatConfig heartbeat)
    : folder_(std::move(folder)),
      heartbeat_(heartbeat),
      sink_(2, io::Level::error),
      executor_(1, pool_threads),
      world_{clock_, random_, executor_, network_, disk_, processes_, sink_} {
  std::filesystem::create_directories(folder_);
}

Site::~Site() {
  executor_.stop();
  executor_.join();
  disk_.join();
}

void Site::run(io::Task<void> story) {
  boost::asio::co_spawn(executor_.lane(io::Lane::main), live(std::move(story)),
                        [](const std::exception_ptr& error) {
                          if (error) std::rethrow_exception(error);
                        });
  executor_.run();
}

io::Task<void> Site::live(io::Task<void> story) {
  const auto lane = executor_.lane(io::Lane::main);
  nodes_ = std::make_unique<io::TaskGroup>(lane);
  server_ = std::make_unique<server::Server>(world_, server_config(folder_, heartbeat_), peers_,
                                             io::Logger(sink_, clock_, "bench"));
  const double begin = now();
  const base::Status started = co_await server_->start();
  if (!started) wrong("the server does not start: " + started.error().message);
  co_await until([this] { return server_->is_leading(); }, 60, "a leader");
  seconds_to_lead_ = now() - begin;
  co_await std::move(story);
  co_await nodes_->stop();
  co_await server_->stop();
  executor_.stop();
}

io::Task<void> Site::submit(model::Job job) {
  server::JobRequest request;
  request.job = std::move(job);
  const base::Result<server::JobReply> reply = co_await server_->jobs().submit(std::move(request));
  if (!reply) wrong("a job is refused: " + reply.error().message);
}

io::Task<void> Site::until(std::function<bool()> done, double seconds, const char* what) {
  const double limit = now() + seconds;
  while (!done()) {
    if (now() > limit) wrong(fmt::format("{} did not come within {} s", what, seconds));
    co_await clock_.sleep(5ms);
  }
}

io::Task<void> Site::add_nodes(int count, Dice& dice) {
  const int before = registered_;
  for (int n = 0; n < count; ++n) {
    model::Node node = make_node(n, dice);
    node.secret_id = dice.uuid();
    nodes_->spawn(node_life(before + n, std::move(node)));
  }
  co_await until([&] { return registered_ == before + count; }, 120, "every node's registration");
}

io::Task<void> Site::node_life(int number, model::Node node) {
  server::Nodes& server = server_->nodes();
  wire::NodeRegisterRequest registration;
  registration.node = node;
  std::string bytes = wire::encode(registration);
  const base::Result<std::string> known =
      co_await server.call({}, "Node.Register", std::move(bytes));
  if (!known) wrong("a node is refused: " + known.error().message);
  ++registered_;
  nodes_->spawn(beats(number, node.id, node.secret_id));
  wire::NodeAllocsRequest request;
  request.node_id = node.id;
  request.secret_id = node.secret_id;
  request.wait = 60s;
  while (true) {
    std::string question = wire::encode(request);
    const base::Result<std::string> answer =
        co_await server.call({}, "Node.Allocs", std::move(question));
    if (!answer) co_return;  // the server is ending
    const base::Result<Given> reply = wire::decode<Given>(*answer);
    if (!reply || reply->tell_known) wrong("a node cannot read its allocations");
    delivered_ += static_cast<long>(reply->changed.size());
    request.since = reply->index;
  }
}

io::Task<void> Site::beats(int number, base::NodeId id, base::Uuid secret) {
  wire::NodeHeartbeatRequest request;
  request.node_id = id;
  request.secret_id = secret;
  while (true) {
    co_await clock_.sleep(heartbeat_.ttl / 3);
    if (number < silent_) co_return;
    std::string bytes = wire::encode(request);
    (void)co_await server_->nodes().call({}, "Node.Heartbeat", std::move(bytes));
  }
}

std::uint64_t Site::log_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_))
    if (file.is_regular_file()) bytes += file.file_size();
  return bytes;
}

}  // namespace caravan::bench
