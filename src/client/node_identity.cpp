// SPDX-License-Identifier: Apache-2.0
#include "client/node_identity.hpp"

#include "crypto/jwt.hpp"
#include "wire/identity_rpc.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration answer_patience = 10s;
/// Nodes that come at once, as all do with a new cluster, do not ask at once.
constexpr base::Duration first_after = 1s;
constexpr double first_spread = 60;
constexpr base::Duration retry_interval = 30s;

}  // namespace

io::Task<base::Status> NodeIdentity::renew() {
  std::string bytes = wire::encode(wire::NodeIdentityRequest{node_.id, node_.secret_id, {}});
  CO_TRY(const std::string answer,
         co_await servers_.call("Node.Identity", std::move(bytes), answer_patience));
  CO_TRY(const wire::NodeIdentityReply reply, wire::decode<wire::NodeIdentityReply>(answer));
  CO_TRY(crypto::Jwt token, crypto::parse_jwt(reply.token));
  CO_TRY_VOID(co_await world_.disk.replace_file(path_, reply.token, 0600));
  claims_ = std::move(token.claims);
  renew_at_ = world_.clock.uptime() + reply.ttl * 2 / 3;
  co_return base::Status();
}

io::Task<base::Result<json::Object>> NodeIdentity::claims() {
  if (claims_.empty()) CO_TRY_VOID(co_await renew());
  co_return claims_;
}

io::Task<void> NodeIdentity::keep() {
  co_await world_.clock.sleep(world_.random.jitter(first_after, first_spread));
  while (true) {
    const base::Duration now = world_.clock.uptime();
    if (renew_at_ > now) {
      co_await world_.clock.sleep(renew_at_ - now);
      continue;  // somebody may have asked for another one meanwhile
    }
    const base::Status renewed = co_await renew();
    if (renewed) continue;
    log_.debug("no identity for this node", {{"error", renewed.error().message}});
    co_await world_.clock.sleep(world_.random.jitter(retry_interval, 1.0));
  }
}

}  // namespace caravan::client
