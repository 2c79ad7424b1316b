// SPDX-License-Identifier: Apache-2.0
// The keys that the servers' gossip is sealed with. One ring serves all servers, near and far.
#include <boost/asio/awaitable.hpp>

#include "api/consul/members.hpp"
#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;
using Kind = gossip::KeyChange::Kind;

class KeyringPage {
 public:
  KeyringPage(cluster::Operations& operations, std::string datacenter)
      : operations_(operations), datacenter_(std::move(datacenter)) {}

  Task<Result> list(Call&) {
    CO_TRY(const cluster::KeyReport report, co_await operations_.change_gossip_keys({}));
    json::Object keys;
    for (const auto& [key, members] : report.keys)
      keys[key] = members;
    json::Array pools;
    for (const bool wide : {true, false})
      pools.emplace_back(json::Object{{"WAN", wide},
                                      {"Datacenter", datacenter_},
                                      {"Segment", ""},
                                      {"Keys", keys},
                                      {"NumNodes", report.members}});
    co_return json_answer(std::move(pools));
  }

  Task<Result> install(Call& call) { return change(call, Kind::install); }
  Task<Result> use(Call& call) { return change(call, Kind::use); }
  Task<Result> remove(Call& call) { return change(call, Kind::remove); }

 private:
  /// Errors: internal, with what the members say that did not do it.
  Task<Result> change(Call& call, Kind kind) {
    CO_TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    gossip::KeyChange wanted{kind, ""};
    CO_TRY_VOID(members.text("Key", wanted.key));
    if (wanted.key.empty()) co_return base::invalid("Key: missing");
    CO_TRY(const cluster::KeyReport report,
           co_await operations_.change_gossip_keys(std::move(wanted)));
    std::string trouble;
    for (const auto& [member, message] : report.messages)
      trouble += (trouble.empty() ? "" : "; ") + member + ": " + message;
    if (!trouble.empty()) co_return base::fail(base::Code::internal, trouble);
    Answer answer;
    answer.content_type = "text/plain; charset=utf-8";
    co_return answer;
  }

  cluster::Operations& operations_;
  const std::string datacenter_;
};

}  // namespace

std::vector<Route> keyring_routes(cluster::Operations& operations, std::string datacenter) {
  const auto handle =
      handlers_of(std::make_shared<KeyringPage>(operations, std::move(datacenter)));
  using P = KeyringPage;
  const char* path = "/v1/operator/keyring";
  return {{"GET", path, Capability::management, handle(&P::list)},
          {"POST", path, Capability::management, handle(&P::install)},
          {"PUT", path, Capability::management, handle(&P::use)},
          {"DELETE", path, Capability::management, handle(&P::remove)}};
}

}  // namespace caravan::api::consul
