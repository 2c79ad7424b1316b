// SPDX-License-Identifier: Apache-2.0
#include "scenarios/site.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "client/client.hpp"
#include "driver/raw_exec.hpp"
#include "rpc/local.hpp"
#include "server/server.hpp"

namespace caravan::scenarios {
namespace {
using namespace std::chrono_literals;

constexpr const char* data_dir = "/var/lib/caravan";
constexpr const char* supervisor_path = "/var/lib/caravan/client/caravan-supervisor";
constexpr base::Duration lost_call = 1s;
constexpr base::Duration start_limit = 30s;

class Alone : public consensus::Peers {
 public:
  void send(consensus::ServerId, consensus::Traffic, std::string) override {}
};

/// A channel that somebody can cut: calls fail, and answers of calls under way are lost.
class Wire : public rpc::Channel {
 public:
  Wire(io::Clock& clock, std::unique_ptr<rpc::Channel> inner)
      : clock_(clock), inner_(std::move(inner)) {}

  io::Task<base::Result<std::string>> call(std::string method, std::string request,
                                           base::Duration timeout) override {
    if (!is_cut) {
      base::Result<std::string> answer =
          co_await inner_->call(std::move(method), std::move(request), timeout);
      if (!is_cut) co_return answer;
    }
    co_await clock_.sleep(lost_call);
    co_return base::fail(base::Code::unavailable, "the server is not reached");
  }
  io::Task<base::Result<std::unique_ptr<io::Stream>>> open(std::string, std::string) override {
    co_return base::fail(base::Code::unsupported, "no streams here");
  }
  io::Task<void> stop() override { co_await inner_->stop(); }

  bool is_cut = false;

 private:
  io::Clock& clock_;
  std::unique_ptr<rpc::Channel> inner_;
};

server::ServerConfig server_config() {
  server::ServerConfig config;
  config.data_dir = std::string(data_dir) + "/server";
  config.replica.id = 1;
  config.replica.voters = {1};
  config.keys.signing = crypto::SigningAlgorithm::eddsa;
  return config;
}

/// Its devices are what the machine says they are, with nothing in /dev.
client::ClientConfig client_config(const model::Node& node) {
  client::ClientConfig config;
  config.state_dir = std::string(data_dir) + "/client";
  config.alloc_dir = std::string(data_dir) + "/alloc";
  for (const model::NodeDeviceResource& group : node.resources.devices)
    for (const model::NodeDevice& instance : group.instances)
      config.devices[model::device_group(group)].instances[instance.id];
  return config;
}

}  // namespace

struct Site::Server {
  explicit Server(io::World& io)
      : io(io), server(io, server_config(), peers, io::Logger(io.log, io.clock, "server")) {}
  io::World& io;
  Alone peers;
  server::Server server;
};

struct Site::Member {
  Member(io::World& io, server::Server& server, boost::asio::any_io_executor servers,
         model::Node node)
      : log(io.log, io.clock, node.name),
        wire(io.clock, rpc::make_local_channel(server.node_calls(), servers, {})),
        supervisors(io, supervisor_path, std::string(data_dir) + "/client/run", log),
        client(io, client_config(node), node, drivers(), wire, log.named("client")) {}

  std::map<std::string, std::unique_ptr<driver::Driver>> drivers() {
    std::map<std::string, std::unique_ptr<driver::Driver>> list;
    list["raw_exec"] = std::make_unique<driver::RawExec>(supervisors, true);
    return list;
  }

  io::Logger log;
  Wire wire;
  driver::Supervisors supervisors;
  client::Client client;
  bool started = false;
};

Site::Site(std::uint64_t seed) : world_(seed), servers_(world_.add_host("server")) {
  world_.programs[supervisor_path] = sim::supervisor_program(ledger_);
  boot_server();
}

void Site::boot_server() {
  servers_.boot([this](sim::Host&, io::World& io) -> io::Task<void> {
    const auto server = std::make_shared<Server>(io);
    server_ = server;
    const base::Status started = co_await server->server.start();
    if (!started) throw std::logic_error(started.error().message);
    (void)co_await server->server.failure();
  });
  if (!world_.run_until([this] { return server_ && server_->server.is_leading(); }, start_limit))
    throw std::logic_error("the server does not lead");
}

Site::~Site() {
  for (const auto& [name, member] : members_)
    world_.run(member->client.stop());
  server_->server.watches().close();
  world_.run(server_->server.stop());
}

void Site::add_node(model::Node node) {
  const std::string name = node.name;
  world_.add_host(name);
  nodes_[name] = std::move(node);
  boot(name);
  const auto is_ready = [&] {
    bool ready = false;
    state()->nodes.each([&](const auto&, const auto& known) {
      ready = ready || (known->name == name && known->status == model::NodeStatus::ready);
    });
    return ready;
  };
  if (!world_.run_until(is_ready, start_limit))
    throw std::logic_error(name + " does not become ready");
}

void Site::boot(const std::string& name) {
  world_.host(name).boot([this, name](sim::Host&, io::World& io) -> io::Task<void> {
    const auto main = server_->io.executor.lane(io::Lane::main);
    const auto member = std::make_shared<Member>(io, server_->server, main, nodes_.at(name));
    members_[name] = member;
    member->wire.is_cut = cut_.contains(name);
    const base::Status started = co_await member->client.start();
    if (!started) throw std::logic_error(started.error().message);
    member->started = true;
    io::Event never(io.executor.lane(io::Lane::client));
    co_await never.wait();
  });
}

void Site::crash(const std::string& name) {
  sim::Host& host = world_.host(name);
  host.processes.agent_is_dying = true;
  world_.run(members_.at(name)->client.stop());
  host.processes.agent_is_dying = false;
  members_.erase(name);
  host.power_off();
  world_.run_for(0s);
}

void Site::outage(base::Duration time) {
  if (!members_.empty()) throw std::logic_error("an outage needs a site without nodes");
  server_->server.watches().close();
  world_.run(server_->server.stop());
  server_.reset();
  servers_.kill();
  world_.run_for(time);
  boot_server();
}

void Site::cut(const std::string& node) { set_cut(node, true); }
void Site::heal(const std::string& node) { set_cut(node, false); }

void Site::set_cut(const std::string& node, bool is_cut) {
  if (!nodes_.contains(node)) throw std::logic_error("there is no node " + node);
  if (is_cut)
    cut_.insert(node);
  else
    cut_.erase(node);
  const auto member = members_.find(node);
  if (member != members_.end()) member->second->wire.is_cut = is_cut;
}
void Site::pass(base::Duration time) { world_.run_for(time); }

state::Snapshot Site::state() const { return server_->server.store().snapshot(); }

std::string Site::node_name(const base::NodeId& id) const {
  const state::Ref<model::Node>* node = state()->nodes.find(id);
  return node ? (*node)->name : id.to_short();
}

base::NodeId Site::node_id(const std::string& name) const {
  base::NodeId found;
  state()->nodes.each([&](const base::NodeId& id, const auto& node) {
    if (node->name == name) found = id;
  });
  return found;
}

template <class Reply>
base::Result<Reply> Site::answer_of(io::Task<base::Result<Reply>> asked) {
  std::optional<base::Result<Reply>> answer;
  const auto wait = [](io::Task<base::Result<Reply>> asked, auto& answer) -> io::Task<void> {
    answer = co_await std::move(asked);
  };
  world_.run(wait(std::move(asked), answer));
  return answer ? *std::move(answer) : base::invalid("the servers did not answer");
}

template <class Reply>
std::string Site::refusal_of(io::Task<base::Result<Reply>> asked) {
  const auto answer = answer_of(std::move(asked));
  return answer ? "" : answer.error().message;
}

std::string Site::submit(model::Job job, std::string source) {
  server::JobRequest request;
  request.job = std::move(job);
  request.source = std::move(source);
  return refusal_of(server_->server.jobs().submit(std::move(request)));
}

std::string Site::stop(const std::string& job) {
  return refusal_of(server_->server.jobs().stop({"default", job}, {}));
}

std::string Site::drain(const std::string& node, base::Duration deadline) {
  server::DrainRequest request;
  request.node_id = node_id(node);
  request.strategy = model::DrainStrategy{.deadline = deadline};
  return refusal_of(server_->server.drainer().set(std::move(request)));
}

std::string Site::preempt(const std::vector<std::string>& types) {
  const auto named = [&](const char* type) {
    return std::ranges::find(types, type) != types.end();
  };
  model::SchedulerConfig config = state()->scheduler_config();
  config.preemption.system = named("system");
  config.preemption.sysbatch = named("sysbatch");
  config.preemption.batch = named("batch");
  config.preemption.service = named("service");
  return refusal_of(server_->server.operators().set_scheduler(std::move(config), {}));
}

std::string Site::act_on_deployment(const std::string& job, const std::string& action) {
  server::DeploymentActions& actions = server_->server.deployment_actions();
  const state::Ref<model::Deployment> latest = state()->latest_deployment({"default", job});
  if (!latest) return "there is no deployment";
  if (action == "promote") return refusal_of(actions.promote(latest->id, {}));
  if (action == "fail") return refusal_of(actions.fail(latest->id));
  return refusal_of(actions.pause(latest->id, action == "pause"));
}

std::string Site::judge(const std::string& job, bool healthy) {
  const state::Ref<model::Deployment> latest = state()->latest_deployment({"default", job});
  if (!latest) return "there is no deployment";
  std::vector<base::AllocId> ids, none;
  for (const auto& alloc : state()->allocs_of_deployment(latest->id))
    if (alloc->client_status == model::ClientStatus::running) ids.push_back(alloc->id);
  return refusal_of(server_->server.deployment_actions().set_health(
      latest->id, healthy ? ids : none, healthy ? none : ids));
}

std::string Site::force(const std::string& job) {
  const auto launched = answer_of(server_->server.periodic().force({"default", job}));
  return launched ? launched->job_id : launched.error().message;
}

std::string Site::dispatch(const std::string& job, server::DispatchRequest request) {
  const auto reply =
      answer_of(server_->server.dispatches().dispatch({"default", job}, std::move(request)));
  return reply ? reply->job_id : reply.error().message;
}

std::string Site::collect() { return refusal_of(server_->server.collector().collect(true)); }

std::string Site::set_eligible(const std::string& node, bool eligible) {
  std::vector<base::EvalId> evals;
  return refusal_of(server_->server.jobs().set_eligibility(node_id(node), eligible, evals));
}

}  // namespace caravan::scenarios
