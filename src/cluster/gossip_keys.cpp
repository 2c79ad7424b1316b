// SPDX-License-Identifier: Apache-2.0
#include "cluster/gossip_keys.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::cluster {
namespace {

using KeyKind = gossip::KeyChange::Kind;
using KeyList = std::vector<std::string>;  // the first one seals

constexpr base::Duration keys_timeout{3'000'000'000};

/// One member's keys after a change of them.
io::Task<base::Result<KeyList>> change_on(Cluster& cluster, Member member,
                                          gossip::KeyChange change) {
  gossip::Keys& keys = cluster.gossip_keys();
  if (member.info.id == cluster.identity().id) co_return co_await keys.change(std::move(change));
  rpc::Connections& connections = cluster.connections();
  CO_TRY(const std::string challenge,
         co_await connections.call(member.whom(), "Gossip.Challenge", "", keys_timeout));
  const std::string request = keys.seal_request(change, challenge);
  CO_TRY(const std::string answer,
         co_await connections.call(member.whom(), "Gossip.Keys", request, keys_timeout));
  co_return keys.open_answer(answer, challenge);
}

using Answers = std::map<std::string, base::Result<KeyList>>;  // by member

io::Task<Answers> change_on_all(Cluster& cluster, gossip::KeyChange change) {
  Answers answers;
  for (const Member& member : cluster.members().list()) {
    if (member.status != MemberStatus::alive) continue;
    auto keys = co_await change_on(cluster, member, change);
    answers.emplace(member.full_name(), std::move(keys));
  }
  co_return answers;
}

/// Whether all that live can follow.
base::Status may_change(const Answers& now, const gossip::KeyChange& change) {
  KeyList silent, lacking, using_it;
  for (const auto& [name, keys] : now) {
    if (!keys) {
      silent.push_back(fmt::format("{} ({})", name, keys.error().message));
      continue;
    }
    if (std::ranges::find(*keys, change.key) == keys->end()) lacking.push_back(name);
    if (!keys->empty() && keys->front() == change.key) using_it.push_back(name);
  }
  if (!silent.empty())
    return base::fail(
        base::Code::unavailable,
        "these members cannot be asked for their gossip keys, and could be cut off: " +
            base::join(silent, ", "));
  if (change.kind == KeyKind::use && !lacking.empty())
    return base::fail(
        base::Code::conflict,
        "install the gossip key first; these members lack it: " + base::join(lacking, ", "));
  if (change.kind == KeyKind::remove && !using_it.empty())
    return base::fail(
        base::Code::conflict,
        "the gossip key is in use on " + base::join(using_it, ", ") + "; use another one first");
  return {};
}

}  // namespace

io::Task<base::Result<KeyReport>> change_gossip_keys(Cluster& cluster, gossip::KeyChange change) {
  if (cluster.gossip_keys().ring().empty())
    co_return base::invalid("gossip is not encrypted: set server.encrypt on all servers");
  if (change.kind != KeyKind::list) {
    CO_TRY(const std::string key, gossip::parse_key(change.key));
    change.key = base::base64_encode(key);  // as members write it
  }
  if (change.kind == KeyKind::use || change.kind == KeyKind::remove) {
    const Answers now = co_await change_on_all(cluster, {});
    CO_TRY_VOID(may_change(now, change));
  }
  const Answers done = co_await change_on_all(cluster, change);
  KeyReport report;
  for (const auto& [name, keys] : done) {
    ++report.members;
    if (!keys) report.messages[name] = keys.error().message;
    if (!keys) continue;
    for (const std::string& key : *keys)
      ++report.keys[key];
  }
  co_return report;
}

}  // namespace caravan::cluster
