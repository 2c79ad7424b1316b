// SPDX-License-Identifier: Apache-2.0
// Somebody says of an agent that is silent that it does not come back: a server goes from gossip,
// any other agent from the catalog.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/pages.hpp"
#include "api/consul/shapes.hpp"
#include "api/consul/shared.hpp"
#include "base/text.hpp"
#include "cluster/operations.hpp"
#include "server/registrations.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

class ForceLeavePage {
 public:
  ForceLeavePage(const Readers& readers, cluster::Operations& operations,
                 server::Registrations& registrations)
      : readers_(readers), operations_(operations), registrations_(registrations) {}

  Task<Result> dismiss(Call& call) {
    CO_TRY_VOID(call.caller.require(Capability::operator_write, ""));
    const std::string& name = call.param("node");
    const base::Status of_server = co_await operations_.force_leave(name);
    if (of_server) co_return empty_answer();
    if (of_server.error().code != base::Code::not_found)
      co_return std::unexpected(of_server.error());
    CO_TRY_VOID(is_silent(name));
    wire::ChangeCatalog change;
    change.erase.push_back({.node = name});
    CO_TRY_VOID(co_await registrations_.change(std::move(change)));
    co_return empty_answer();
  }

 private:
  /// Errors: not_found (no agent has this name), invalid (it lives).
  base::Status is_silent(const std::string& name) const {
    const state::Snapshot tables = readers_.store.snapshot();
    const std::string on = base::to_lower(name);
    const auto* node = tables->catalog_nodes.find(on);
    if (!node || !(*node)->has_agent)
      return base::fail(base::Code::not_found,
                        fmt::format("No node found with name '{}'", base::printable(name, 80)));
    const auto* alive = tables->catalog_checks.find({on, model::alive_check});
    if (!alive || (*alive)->status != model::Health::passing) return {};
    return base::invalid(fmt::format("{} is alive; stop it first", (*node)->name));
  }

  const Readers readers_;
  cluster::Operations& operations_;
  server::Registrations& registrations_;
};

}  // namespace

std::vector<Route> force_leave_routes(const Readers& readers, cluster::Operations& operations,
                                      server::Registrations& registrations) {
  const auto handle =
      handlers_of(std::make_shared<ForceLeavePage>(readers, operations, registrations));
  const Need writes{Capability::anyone, Scope::handler, "operator: write"};
  return {{"PUT", "/v1/agent/force-leave/:node", writes, handle(&ForceLeavePage::dismiss)}};
}

}  // namespace caravan::api::consul
