// SPDX-License-Identifier: Apache-2.0
#include "server/introductions.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::server {
namespace {

constexpr base::Duration ttl_min = std::chrono::seconds(1);
constexpr std::size_t name_max = 256;

/// Off the main lane: an RSA signature takes as long as many commands.
io::Task<std::string> sign(std::shared_ptr<const keyring::RootKey> key, json::Object claims) {
  co_return crypto::sign_jwt(key->signer, key->id.to_string(), claims);
}

}  // namespace

io::Task<base::Result<std::string>> Introductions::make(keyring::Introduction introduction,
                                                        base::Duration ttl) const {
  if (ttl == base::Duration(0)) ttl = std::min(config_.ttl_default, config_.ttl_max);
  if (ttl < ttl_min || ttl > config_.ttl_max)
    co_return base::invalid(fmt::format("TTL: {} is outside {}..{}", base::format_duration(ttl),
                                        base::format_duration(ttl_min),
                                        base::format_duration(config_.ttl_max)));
  if (introduction.node_name.size() > name_max)
    co_return base::invalid(fmt::format("NodeName: longer than {} bytes", name_max));
  if (introduction.node_pool.empty()) introduction.node_pool = model::pool_default;
  model::NodePool pool;
  pool.name = introduction.node_pool;
  const std::string wrong = pool.name == model::pool_default ? "" : model::complaint(pool);
  if (!wrong.empty()) co_return base::invalid("NodePool: " + wrong);
  CO_TRY(const std::shared_ptr<const keyring::RootKey> key, ring_.active(*store_.snapshot()));
  json::Object claims = keyring::introduction_claims(issuer_, introduction, ttl, world_.clock.now(),
                                                     world_.random.uuid());
  auto signing = sign(key, std::move(claims));
  co_return co_await io::on(world_.executor.lane(io::Lane::pool), std::move(signing));
}

base::Status Introductions::admit(const model::Node& node, const std::string& token) const {
  using Enforcement = IntroductionsConfig::Enforcement;
  if (config_.enforcement == Enforcement::none) return {};
  const base::Status checked = keyring::check_introduction(
      *store_.snapshot(), token, {node.name, node.node_pool}, world_.clock.now());
  if (checked) return {};
  const bool refuses = config_.enforcement == Enforcement::strict;
  log_.warn(refuses ? "a node is refused" : "a node joins without a valid introduction token",
            {{"node", node.id.to_short()},
             {"name", base::printable(node.name, 128)},
             {"why", checked.error().message}});
  if (refuses) return checked;
  return {};
}

}  // namespace caravan::server
