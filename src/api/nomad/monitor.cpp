// SPDX-License-Identifier: Apache-2.0
// The log of an agent as it is written: of this one, of a node, of another server.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/node_stream.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "client/log_follower.hpp"
#include "io/task.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

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
    const std::string node = call.request.query.get("node_id"),
                      server = call.request.query.get("server_id");
    if (!node.empty() && !server.empty())
      co_return base::invalid("Cannot target node and server simultaneously");
    if (!node.empty()) co_return co_await of_node(call, node, wish, plain);
    if (!server.empty() && !is_this(server)) co_return co_await of_server(call, server);
    const auto lane = co_await boost::asio::this_coro::executor;
    const auto follower = std::make_shared<client::LogFollower>(parts_.logs, wish, lane);
    co_return co_await stream_out(call, parts_.clock, {.plain = plain},
                                  [follower] { return follower->next(); });
  }

 private:
  bool is_this(const std::string& server) const {
    if (!parts_.face.has_server) return false;
    const std::optional<cluster::Member> meant = find(server);
    return meant && meant->info.id == parts_.face.servers()->self;
  }

  /// By number, name, or name and region.
  std::optional<cluster::Member> find(const std::string& text) const {
    const std::shared_ptr<const ServersFace> servers = parts_.face.servers();
    for (const cluster::Member& member : servers->members) {
      const wire::ServerInfo& info = member.info;
      if (fmt::format("{}", info.id) == text || info.name == text ||
          info.name + "." + info.region == text || (text == "leader" && info.id == servers->leader))
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
    co_return co_await sent_to(call, member->rpc);
  }

  Task<Result> of_node(Call& call, const std::string& text, client::LogWish wish, bool plain) {
    if (!parts_.channel) co_return co_await through_a_server(call);
    const base::Result<base::NodeId> id = base::NodeId::parse(text);
    if (!id) co_return base::invalid("node_id: " + id.error().message);
    const std::shared_ptr<rpc::Channel> channel = parts_.channel(*id);
    if (!channel) co_return base::fail(base::Code::not_found, no_path_to_node);
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

  Task<Result> through_a_server(Call& call) {
    CO_TRY(const std::optional<io::Address> server, co_await parts_.forward.who(true));
    if (!server) co_return base::fail(base::Code::unavailable, "No servers are reachable");
    co_return co_await sent_to(call, *server);
  }

  Task<Result> sent_to(Call& call, io::Address to) {
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
  return {{"GET", "/v1/agent/monitor", Capability::agent_read, to(&MonitorPage::follow), true}};
}

}  // namespace caravan::api::nomad
