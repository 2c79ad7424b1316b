// SPDX-License-Identifier: Apache-2.0
// What is asked of one agent, whichever was asked: its log as it is written, what its machine is
// like, and what that uses. Of this one, of a node, of another server.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/node_stream.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "client/host_report.hpp"
#include "client/log_follower.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

constexpr base::Duration ask_timeout{10'000'000'000};

class MonitorPage {
 public:
  explicit MonitorPage(MonitorParts parts) : parts_(std::move(parts)) {}

  Task<Result> follow(Call& call) {
    client::LogWish wish;
    const base::Result<io::Level> level = io::parse_level(base::to_lower(
        call.request.query.get("log_level").empty() ? "info"
                                                    : call.request.query.get("log_level")));
    if (!level)
      co_return base::invalid(fmt::format(
          "Unknown log level: {}", base::printable(call.request.query.get("log_level"), 32)));
    wish.level = *level;
    CO_TRY(wish.json, flag(call, "log_json", false));
    CO_TRY(const bool plain, flag(call, "plain", false));
    CO_TRY(const Target target, target_of(call));
    if (!target.region.empty()) co_return in_region(target.region);
    if (!target.node.empty()) co_return co_await of_node(call, target.node, wish, plain);
    if (!target.server.empty() && !is_this(target.server))
      co_return co_await of_server(call, target.server);
    const auto lane = co_await boost::asio::this_coro::executor;
    const auto follower = std::make_shared<client::LogFollower>(parts_.logs, wish, lane);
    co_return co_await stream_out(call, parts_.clock, {.plain = plain},
                                  [follower] { return follower->next(); });
  }

  Task<Result> host(Call& call) {
    CO_TRY(const Target target, target_of(call));
    if (!target.region.empty()) co_return in_region(target.region);
    if (!target.node.empty()) co_return co_await host_of_node(call, target.node);
    if (!target.server.empty() && !is_this(target.server))
      co_return co_await of_server(call, target.server);
    const std::string* folder = parts_.face.config.at("DataDir").as_string();
    co_return host_answer(parts_.face.name, client::report_host(folder ? *folder : "/"));
  }

  Task<Result> stats(Call& call) {
    CO_TRY(const Target target, target_of(call));
    if (!target.region.empty()) co_return in_region(target.region);
    std::shared_ptr<rpc::Channel> channel = parts_.own_node();
    if (target.node.empty() && !channel)
      co_return base::invalid("node_id: this agent is no client; the id of a node is needed");
    if (!target.node.empty()) {
      if (!parts_.channel) co_return co_await through_a_server(call);
      CO_TRY(const base::NodeId id, node_of(target.node));
      if (!parts_.is_known(id))
        co_return base::fail(base::Code::not_found, fmt::format("Unknown node {}", id.to_string()));
      CO_TRY(channel, channel_to(id));
    }
    Answer answer;
    CO_TRY(answer.body, co_await channel->call("Node.Stats", "", ask_timeout));
    co_return answer;
  }

 private:
  /// Whom a request means; this agent when nothing is set.
  struct Target {
    std::string region, node, server;
  };
  base::Result<Target> target_of(const Call& call) const {
    Target target{"", call.request.query.get("node_id"), call.request.query.get("server_id")};
    if (!target.node.empty() && !target.server.empty())
      return base::invalid("Cannot target node and server simultaneously");
    const bool is_sent = !call.request.headers.get(place_header).empty();  // it came from there
    if (is_sent || (target.node.empty() && target.server.empty())) return target;
    target.region = call.request.query.get("region");
    if (target.region == parts_.face.region) target.region.clear();
    return target;
  }

  static Answer in_region(const std::string& region) {
    Answer elsewhere;
    elsewhere.place = region;
    return elsewhere;
  }

  static Answer host_answer(const std::string& agent, json::Value report) {
    return json_answer(json::Object{{"AgentID", agent}, {"HostData", std::move(report)}});
  }

  static base::Result<base::NodeId> node_of(const std::string& text) {
    const base::Result<base::NodeId> id = base::NodeId::parse(text);
    if (!id) return base::invalid("node_id: " + id.error().message);
    return id;
  }

  /// Errors: not_found; the router knows it by its words, and asks the other servers.
  base::Result<std::shared_ptr<rpc::Channel>> channel_to(const base::NodeId& id) const {
    std::shared_ptr<rpc::Channel> channel = parts_.channel(id);
    if (!channel) return base::fail(base::Code::not_found, no_path_to_node);
    return channel;
  }

  bool is_this(const std::string& server) const {
    if (!parts_.face.has_server) return false;
    const std::optional<cluster::Member> meant = find(server);
    return meant && meant->info.id == parts_.face.servers()->self;
  }

  /// By number, name and region, or in this region name.
  std::optional<cluster::Member> find(const std::string& text) const {
    const std::shared_ptr<const ServersFace> servers = parts_.face.servers();
    for (const cluster::Member& member : servers->members) {
      const wire::ServerInfo& info = member.info;
      const bool is_ours = info.region == parts_.face.region;
      if (fmt::format("{}", info.id) == text || (is_ours && info.name == text) ||
          member.full_name() == text || (text == "leader" && info.id == servers->leader))
        return member;
    }
    return {};
  }

  Task<Result> of_server(Call& call, const std::string& server) {
    if (!parts_.face.has_server) co_return co_await through_a_server(call);
    const std::optional<cluster::Member> member = find(server);
    if (!member)
      co_return base::fail(base::Code::not_found,
                           fmt::format("unknown Nomad server {}", base::printable(server, 64)));
    co_return co_await sent_to(call, member->whom());
  }

  Task<Result> of_node(Call& call, const std::string& text, client::LogWish wish, bool plain) {
    if (!parts_.channel) co_return co_await through_a_server(call);
    CO_TRY(const base::NodeId id, node_of(text));
    CO_TRY(const std::shared_ptr<rpc::Channel> channel, channel_to(id));
    std::string head = client::to_text(wish);
    CO_TRY(std::shared_ptr<io::Stream> stream,
           co_await channel->open("Agent.Monitor", std::move(head)));
    std::string heard;
    CO_TRY_VOID(co_await read_first_line(*stream, heard));
    Result answer = co_await stream_out(call, parts_.clock, {.plain = plain},
                                        bytes_of(stream, std::move(heard)));
    stream->close();  // the node listens to its log no longer
    co_return answer;
  }

  Task<Result> host_of_node(Call& call, const std::string& text) {
    if (!parts_.channel) co_return co_await through_a_server(call);
    CO_TRY(const base::NodeId id, node_of(text));
    CO_TRY(const std::shared_ptr<rpc::Channel> channel, channel_to(id));
    CO_TRY(const std::string report, co_await channel->call("Agent.Host", "", ask_timeout));
    CO_TRY(json::Value parsed, json::parse(report));
    co_return host_answer(id.to_string(), std::move(parsed));
  }

  Task<Result> through_a_server(Call& call) {
    CO_TRY(const std::optional<io::Address> server, co_await parts_.forward.who(true));
    if (!server) co_return base::fail(base::Code::unavailable, "No servers are reachable");
    co_return co_await sent_to(call, *server);
  }

  Task<Result> sent_to(Call& call, rpc::Whom to) {
    if (hops_of(call.request) >= hops_max)
      co_return base::fail(base::Code::not_found, "no path to that agent");
    CO_TRY_VOID(co_await parts_.forward.hand_to(call.request, call.responder, std::move(to)));
    Answer answer;
    answer.sent = true;
    co_return answer;
  }

  MonitorParts parts_;
};

}  // namespace

std::vector<Route> monitor_routes(MonitorParts parts) {
  const auto to = handlers_of(std::make_shared<MonitorPage>(std::move(parts)));
  return {{"GET", "/v1/agent/monitor", Capability::agent_read, to(&MonitorPage::follow), true},
          {"GET", "/v1/agent/host", Capability::agent_read, to(&MonitorPage::host), true},
          {"GET", "/v1/client/stats", Capability::node_read, to(&MonitorPage::stats), true}};
}

}  // namespace caravan::api::nomad
