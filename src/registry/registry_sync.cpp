// SPDX-License-Identifier: Apache-2.0
// The servers: what changed here is told at once, what they do not have is told again, and that
// this agent lives is told every second.
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "registry/registry.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr base::Duration call_timeout = 10s, beat_timeout = 2s;
constexpr base::Duration retry = 500ms;
/// So often the servers are asked what they have: others may have changed it.
constexpr base::Duration compare_interval = 60s;

}  // namespace

io::Task<base::Result<wire::CatalogOf>> Registry::known_of(std::string node) {
  const std::string question = wire::encode(wire::CatalogBeat{std::move(node), {}});
  CO_TRY(const std::string answer, co_await servers_.call("Catalog.Of", question, call_timeout));
  co_return wire::decode<wire::CatalogOf>(answer);
}

io::Task<base::Status> Registry::tell() {
  const bool asks = !told_;
  if (asks) {
    CO_TRY(wire::CatalogOf known, co_await known_of(node()));
    told_.emplace(std::move(known));
  }
  const std::uint64_t version = version_;
  const Touched touched = inventory_.take_touched();
  const wire::ChangeCatalog change = asks ? told_->catch_up(self_, inventory_)
                                          : told_->catch_up(self_, inventory_, touched);
  if (!change.erase.empty() || !change.put.empty()) {
    const auto done = co_await servers_.call("Catalog.Change", wire::encode(change), call_timeout);
    if (!done) {
      told_.reset();  // it may have been done
      co_return std::unexpected(done.error());
    }
  }
  told_version_ = version;
  was_told_.notify();
  co_return base::Status();
}

io::Task<void> Registry::tell_changes() {
  base::Duration compared = world_.clock.uptime();
  while (true) {
    const base::Status told = co_await tell();
    if (!told) {
      log_.debug("the servers were not told", {{"error", told.error().message}});
      co_await world_.clock.sleep(world_.random.jitter(retry, 0.5));
      continue;
    }
    while (told_version_ == version_ && told_) {
      co_await (changed_.wait() || world_.clock.sleep(retry));
      if (world_.clock.uptime() - compared < compare_interval) continue;
      compared = world_.clock.uptime();
      told_.reset();
    }
  }
}

io::Task<void> Registry::beat() {
  const std::string words = wire::encode(wire::CatalogBeat{config_.node.name, {}});
  while (true) {
    const auto answer = co_await servers_.call("Catalog.Beat", words, beat_timeout);
    const auto reply = answer
                           ? wire::decode<wire::CatalogBeatReply>(*answer)
                           : base::Result<wire::CatalogBeatReply>(std::unexpected(answer.error()));
    const bool is_known = reply && reply->is_known;
    if (reply && !is_known) told_.reset();
    const base::Duration again = is_known ? std::max(reply->again, retry) : retry;
    co_await world_.clock.sleep(again);
  }
}

io::Task<void> Registry::leave() {
  co_await tasks_.stop();
  wire::ChangeCatalog gone;
  gone.erase.push_back({config_.node.name, "", "", {}});
  (void)co_await servers_.call("Catalog.Change", wire::encode(gone), call_timeout);
}

}  // namespace caravan::registry
