// SPDX-License-Identifier: Apache-2.0
// The keys that the servers' gossip is sealed with. Every page answers for all servers that live.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "json/writer.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;
using Kind = gossip::KeyChange::Kind;

struct Body {
  std::string key;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Body& b) {
  v(1, "Key", b.key);
  v.unknown(b.unknown);
}

Answer shown(const cluster::KeyReport& report) {
  json::Object messages, keys;
  for (const auto& [member, message] : report.messages)
    messages[member] = message;
  for (const auto& [key, members] : report.keys)
    keys[key] = members;
  return json_answer(json::Object{
      {"Messages", std::move(messages)}, {"Keys", std::move(keys)}, {"NumNodes", report.members}});
}

class GossipKeysPage {
 public:
  explicit GossipKeysPage(cluster::Operations& operations) : operations_(operations) {}

  Task<Result> list(Call&) { return change({}); }
  Task<Result> install(Call& call) { return change_named(call, Kind::install); }
  Task<Result> use(Call& call) { return change_named(call, Kind::use); }
  Task<Result> remove(Call& call) { return change_named(call, Kind::remove); }

 private:
  Task<Result> change_named(Call& call, Kind kind) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(const Body given, wire::from_json<Body>(body, "KeyringRequest"));
    if (given.key.empty()) co_return base::invalid("Key: missing");
    gossip::KeyChange wanted{kind, given.key};
    co_return co_await change(std::move(wanted));
  }

  Task<Result> change(gossip::KeyChange wanted) {
    CO_TRY(const cluster::KeyReport report,
           co_await operations_.change_gossip_keys(std::move(wanted)));
    co_return shown(report);
  }

  cluster::Operations& operations_;
};

}  // namespace

std::vector<Route> gossip_key_routes(cluster::Operations& operations) {
  const auto page = std::make_shared<GossipKeysPage>(operations);
  const auto to = handlers_of(page);
  return {
      {"GET", "/v1/agent/keyring/list", Capability::agent_write, to(&GossipKeysPage::list), true},
      {"PUT POST", "/v1/agent/keyring/install", Capability::agent_write,
       to(&GossipKeysPage::install), true},
      {"PUT POST", "/v1/agent/keyring/use", Capability::agent_write, to(&GossipKeysPage::use),
       true},
      {"PUT POST DELETE", "/v1/agent/keyring/remove", Capability::agent_write,
       to(&GossipKeysPage::remove), true},
  };
}

}  // namespace caravan::api::nomad
