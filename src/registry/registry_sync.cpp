// SPDX-License-Identifier: Apache-2.0
// The servers: what changed here is told at once, what they do not have is told again, and that
// this agent lives is told every second.
#include <unordered_map>

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

template <class T>
bool same(T a, const T& b) {
  a.create_index = b.create_index;
  a.modify_index = b.modify_index;
  return a == b;
}

/// The entries of a list by their ids. The list outlives it.
template <class T>
class ById {
 public:
  explicit ById(const std::vector<T>& list) {
    for (const T& each : list)
      all_.emplace(each.id, &each);
  }
  bool has(const std::string& id) const { return all_.contains(id); }
  /// Whether there is one that says the same.
  bool has_same(const T& wanted) const {
    const auto found = all_.find(wanted.id);
    return found != all_.end() && same(*found->second, wanted);
  }

 private:
  std::unordered_map<std::string_view, const T*> all_;
};

}  // namespace

wire::CatalogOf Registry::wanted() const {
  wire::CatalogOf all;
  all.node = config_.node;
  all.node.has_agent = true;
  for (const model::CatalogService& service : config_.built_in)
    all.services.push_back(service);
  for (const auto& [id, service] : services()) {
    all.services.push_back(service);
    all.services.back().node = config_.node.name;
  }
  for (const auto& [id, check] : all_checks(&OwnCheck::told))
    all.checks.push_back(check);
  return all;
}

wire::ChangeCatalog Registry::difference(const wire::CatalogOf& wanted) const {
  wire::ChangeCatalog change;
  const std::string& node = config_.node.name;
  const ById<model::CatalogService> services(wanted.services), known_services(told_->services);
  const ById<model::CatalogCheck> checks(wanted.checks), known_checks(told_->checks);
  for (const model::CatalogCheck& check : told_->checks)
    if (check.id != model::alive_check && !checks.has(check.id))
      change.erase.push_back({node, "", check.id, {}});
  for (const model::CatalogService& service : told_->services)
    if (!services.has(service.id)) change.erase.push_back({node, service.id, "", {}});
  wire::CatalogPut put;
  put.node = wanted.node;
  put.keeps_node = same(told_->node, wanted.node);
  for (const model::CatalogService& service : wanted.services)
    if (!known_services.has_same(service)) put.services.push_back(service);
  for (const model::CatalogCheck& check : wanted.checks)
    if (!known_checks.has_same(check)) put.checks.push_back(check);
  if (!put.keeps_node || !put.services.empty() || !put.checks.empty())
    change.put.push_back(std::move(put));
  return change;
}

io::Task<base::Status> Registry::tell() {
  const std::uint64_t version = version_;
  if (!told_) {
    const std::string question = wire::encode(wire::CatalogBeat{config_.node.name, {}});
    CO_TRY(const std::string answer, co_await servers_.call("Catalog.Of", question, call_timeout));
    CO_TRY(told_, wire::decode<wire::CatalogOf>(answer));
  }
  wire::CatalogOf now = wanted();
  const wire::ChangeCatalog change = difference(now);
  if (!change.erase.empty() || !change.put.empty()) {
    const auto done = co_await servers_.call("Catalog.Change", wire::encode(change), call_timeout);
    if (!done) {
      told_.reset();  // it may have been done
      co_return std::unexpected(done.error());
    }
  }
  told_ = std::move(now);
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
