// SPDX-License-Identifier: Apache-2.0
// What the identity of a node says, and another one for it. The node answers.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "api/query.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

constexpr base::Duration node_timeout{15'000'000'000};

class NodeIdentityPage {
 public:
  explicit NodeIdentityPage(NodeChannel channel) : channel_(std::move(channel)) {}

  Task<Result> show(Call& call) { return pass_on(call, "Node.ShowIdentity"); }
  Task<Result> renew(Call& call) { return pass_on(call, "Node.RenewIdentity"); }

 private:
  Task<Result> pass_on(Call& call, std::string method) {
    const std::string named = call.request.query.get("node_id");
    if (named.empty()) co_return base::invalid("node_id: the id of a node is needed");
    const base::Result<base::NodeId> id = base::NodeId::parse(named);
    if (!id) co_return base::invalid("node_id: " + id.error().message);
    const std::shared_ptr<rpc::Channel> channel = channel_(*id);
    if (!channel) co_return base::fail(base::Code::not_found, no_path_to_node);
    Answer answer;
    CO_TRY(answer.body, co_await channel->call(std::move(method), "", node_timeout));
    co_return answer;
  }

  NodeChannel channel_;
};

}  // namespace

std::vector<Route> node_identity_routes(NodeChannel channel) {
  const auto to = handlers_of(std::make_shared<NodeIdentityPage>(std::move(channel)));
  return {{"GET", "/v1/client/identity", Capability::node_read, to(&NodeIdentityPage::show)},
          {"PUT POST", "/v1/client/identity/renew", Capability::node_write,
           to(&NodeIdentityPage::renew)}};
}

}  // namespace caravan::api::nomad
