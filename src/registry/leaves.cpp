// SPDX-License-Identifier: Apache-2.0
#include "registry/leaves.hpp"

#include <cmath>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "crypto/certificate.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

constexpr base::Duration call_timeout = 10s;
/// So often it is asked which root signs, while there are leaves.
constexpr base::Duration renewal_look_interval = 5s;
/// A service that nobody asks about any more has gone.
constexpr base::Duration unused_max = 72h;
/// Renewed after this share of its life, and up to so much later.
constexpr double renewed_after = 0.6, renewed_within = 0.2;
constexpr std::uint64_t spread_steps = 1'000;

}  // namespace

base::Instant renewal_of(const wire::ConnectLeaf& leaf, double spread) {
  const base::Duration life = leaf.not_after - leaf.not_before;
  const double share = renewed_after + renewed_within * spread;
  return leaf.not_before + base::Duration(std::llround(static_cast<double>(life.count()) * share));
}

Leaves::Leaves(io::World& world, rpc::Channel& servers, io::Logger log)
    : world_(world), servers_(servers), log_(std::move(log)) {}

void Leaves::start() {
  const auto lane = world_.executor.lane(io::Lane::main);
  changed_ = std::make_unique<io::Event>(lane);
  tasks_ = std::make_unique<io::TaskGroup>(lane);
  tasks_->spawn(run());
}

io::Task<void> Leaves::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Result<LeafRef>> Leaves::get(std::string service) {
  const auto known = held_.find(service);
  if (known != held_.end()) {
    known->second.asked_for = world_.clock.uptime();
    const bool holds = world_.clock.now() < known->second.leaf->signed_part.not_after;
    if (holds) co_return known->second.leaf;
  }
  if (known == held_.end() && held_.size() >= leaves_max)
    co_return base::fail(base::Code::busy, "this agent has too many services in the mesh already");
  co_return co_await renew(std::move(service));
}

io::Task<base::Result<LeafRef>> Leaves::renew(std::string service) {
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  const std::string question = wire::encode(wire::ConnectSign{service, key.public_pem(), {}});
  CO_TRY(const std::string answer, co_await servers_.call("Connect.Sign", question, call_timeout));
  CO_TRY(wire::ConnectLeaf signed_part, wire::decode<wire::ConnectLeaf>(answer));
  const bool is_new = !held_.contains(service);
  Held& held = held_[service];
  auto leaf = std::make_shared<Leaf>();
  leaf->service = service;
  leaf->private_key = key.to_pem();
  const std::uint64_t above = held.leaf ? held.leaf->modify_index + 1 : 1;
  leaf->modify_index = std::max(signed_part.index, above);
  leaf->create_index = held.leaf ? held.leaf->create_index : leaf->modify_index;
  const double spread = static_cast<double>(world_.random.below(spread_steps)) / spread_steps;
  held.renew = renewal_of(signed_part, spread);
  if (is_new) held.asked_for = world_.clock.uptime();
  leaf->signed_part = std::move(signed_part);
  held.leaf = leaf;
  changed_->notify();
  co_return held.leaf;
}

io::Task<void> Leaves::wait_for_other(std::string service, std::uint64_t index,
                                      base::Duration patience) {
  const base::Duration deadline = world_.clock.uptime() + patience;
  while (true) {
    const auto known = held_.find(service);
    const base::Duration left = deadline - world_.clock.uptime();
    if (known == held_.end() || known->second.leaf->modify_index != index || left <= 0s) co_return;
    co_await (changed_->wait() || world_.clock.sleep(left));
  }
}

void Leaves::forget_unused() {
  const base::Duration now = world_.clock.uptime();
  std::erase_if(held_,
                [&](const auto& entry) { return now - entry.second.asked_for > unused_max; });
}

io::Task<void> Leaves::look() {
  forget_unused();
  if (held_.empty()) co_return;
  const auto root = co_await servers_.call("Connect.Root", "", call_timeout);
  const base::Instant now = world_.clock.now();
  std::vector<std::string> due;
  for (const auto& [service, held] : held_) {
    const bool is_of_another = root && !root->empty() && held.leaf->signed_part.root_id != *root;
    if (is_of_another || held.renew <= now) due.push_back(service);
  }
  for (const std::string& service : due) {
    const base::Result<LeafRef> renewed = co_await renew(service);
    if (renewed) continue;
    log_.warn("a certificate of the mesh could not be renewed",
              {{"service", service}, {"error", renewed.error().message}});
    co_return;  // with the next look
  }
}

io::Task<void> Leaves::run() {
  while (true) {
    co_await world_.clock.sleep(renewal_look_interval);
    co_await look();
  }
}

}  // namespace caravan::registry
