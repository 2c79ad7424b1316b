// SPDX-License-Identifier: Apache-2.0
// What a machine uses: of this agent, or of a node, whichever agent was asked.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "api/query.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

constexpr base::Duration node_timeout{10'000'000'000};

class ClientStatsPage {
 public:
  explicit ClientStatsPage(ClientStatsParts parts) : parts_(std::move(parts)) {}

  Task<Result> show(Call& call) {
    const std::string region = call.request.query.get("region");
    const bool is_sent = !call.request.headers.get(place_header).empty();  // it came from there
    if (!is_sent && !region.empty() && region != parts_.region) {
      Answer elsewhere;
      elsewhere.place = region;
      co_return elsewhere;
    }
    const std::string named = call.request.query.get("node_id");
    const base::Result<base::NodeId> id =
        named.empty() ? base::Result<base::NodeId>(parts_.own_node()) : base::NodeId::parse(named);
    if (!id) co_return base::invalid("node_id: " + id.error().message);
    if (id->is_nil())
      co_return base::invalid("node_id: this agent is no client; the id of a node is needed");
    const std::shared_ptr<rpc::Channel> channel = parts_.channel(*id);
    if (!channel) co_return co_await elsewhere(call, *id);
    Answer answer;
    CO_TRY(answer.body, co_await channel->call("Node.Stats", "", node_timeout));
    co_return answer;
  }

 private:
  /// Nodes are connected to the leader, if not to this agent.
  Task<Result> elsewhere(Call& call, base::NodeId node) {
    CO_TRY(const std::optional<io::Address> server, co_await parts_.forward.who(false));
    if (!server || hops_of(call.request) >= hops_max)
      co_return base::fail(
          base::Code::not_found,
          parts_.is_known(node) ? no_path_to_node : fmt::format("Unknown node {}", node.to_string()));
    CO_TRY_VOID(co_await parts_.forward.hand_to(call.request, call.responder, *server));
    Answer answer;
    answer.sent = true;
    co_return answer;
  }

  ClientStatsParts parts_;
};

}  // namespace

std::vector<Route> client_stats_routes(ClientStatsParts parts) {
  const auto to = handlers_of(std::make_shared<ClientStatsPage>(std::move(parts)));
  return {{"GET", "/v1/client/stats", Capability::node_read, to(&ClientStatsPage::show), true}};
}

}  // namespace caravan::api::nomad
