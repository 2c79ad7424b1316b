// SPDX-License-Identifier: Apache-2.0
#include "server/node_links.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "crypto/digest.hpp"
#include "io/task.hpp"
#include "rpc/http2_channel.hpp"
#include "wire/node_rpc.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr base::Duration ask_timeout = 5s;
/// A node connects before it has registered. One that does not is asked again when it comes back.
constexpr base::Duration registration_look = 20ms;
constexpr base::Duration registration_patience = 30s;

io::Task<base::Error> for_ever(io::Clock& clock) {
  while (true)
    co_await clock.sleep(1h);
}

}  // namespace

std::shared_ptr<rpc::Channel> NodeLinks::find(const base::NodeId& node) const {
  const std::scoped_lock lock(mutex_);
  const auto found = channels_.find(node);
  return found == channels_.end() ? nullptr : found->second;
}

io::Task<base::Error> NodeLinks::identify(std::shared_ptr<rpc::Channel> channel) {
  const auto answer = co_await channel->call("Node.Who", "", ask_timeout);
  if (!answer) co_return answer.error();
  const auto who = wire::decode<wire::NodeHeartbeatRequest>(*answer);
  if (!who) co_return who.error();
  const base::Duration deadline = world_.clock.uptime() + registration_patience;
  while (!store_.snapshot()->node(who->node_id)) {
    if (world_.clock.uptime() >= deadline)
      co_return base::Error{base::Code::not_found, "the node does not register"};
    co_await world_.clock.sleep(registration_look);
  }
  const base::Uuid known = store_.snapshot()->node(who->node_id)->secret_id;
  if (!crypto::same_secret(known.to_string(), who->secret_id.to_string()))
    co_return base::Error{base::Code::denied, "node secret does not match"};
  struct Gone {
    NodeLinks& self;
    base::NodeId node;
    std::shared_ptr<rpc::Channel> channel;
    ~Gone() {
      const std::scoped_lock lock(self.mutex_);
      const auto found = self.channels_.find(node);
      if (found != self.channels_.end() && found->second == channel) self.channels_.erase(found);
    }
  } const gone{*this, who->node_id, channel};
  {
    const std::scoped_lock lock(mutex_);
    channels_[who->node_id] = channel;
  }
  co_return co_await for_ever(world_.clock);
}

io::Task<void> NodeLinks::serve(rpc::Link link) {
  const auto connection =
      std::make_shared<rpc::Http2>(co_await boost::asio::this_coro::executor, world_.clock,
                                   std::move(link.stream), rpc::Http2::Side::asks, false);
  const std::shared_ptr<rpc::Channel> channel = rpc::make_http2_channel(connection);
  auto why = co_await (connection->run() || identify(channel));
  const base::Error& ended = std::visit([](base::Error& e) -> base::Error& { return e; }, why);
  connection->close();
  log_.debug("a node's connection ended", {{"error", ended.message}});
}

}  // namespace caravan::server
