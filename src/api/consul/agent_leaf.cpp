// SPDX-License-Identifier: Apache-2.0
// The certificate of one of this agent's services.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/kv_shapes.hpp"
#include "api/consul/own.hpp"
#include "api/waiting.hpp"
#include "io/task.hpp"
#include "registry/leaves.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using registry::Leaves;
using registry::LeafRef;
using Result = base::Result<Answer>;

/// Waiters that nobody listens to any more are gone after so long.
constexpr base::Duration slice_max{2'000'000'000};

Task<bool> wait_there(Leaves& leaves, std::string service, std::uint64_t index,
                      base::Duration patience) {
  co_await leaves.wait_for_other(std::move(service), index, patience);
  co_return true;
}

json::Object leaf_json(const registry::Leaf& leaf) {
  const wire::ConnectLeaf& part = leaf.signed_part;
  return {{"SerialNumber", part.serial},
          {"CertPEM", part.certificate},
          {"PrivateKeyPEM", leaf.private_key},
          {"Service", leaf.service},
          {"ServiceURI", part.uri},
          {"ValidAfter", base::format_rfc3339(part.not_before)},
          {"ValidBefore", base::format_rfc3339(part.not_after)},
          {"CreateIndex", leaf.create_index},
          {"ModifyIndex", leaf.modify_index}};
}

class LeafPage {
 public:
  LeafPage(OwnAgent own, Leaves& leaves) : own_(std::move(own)), leaves_(leaves) {}

  Task<Result> get(Call& call) {
    const std::string service = call.param("service");
    CO_TRY_VOID(call.caller.require(Capability::service_write, service));
    if (!model::is_mesh_name(service))
      co_return base::invalid("a service in the mesh has a name of letters, digits, dashes, dots "
                              "and underscores");
    CO_TRY(const std::uint64_t index, unsigned_param(call, "index"));
    CO_TRY(const base::Duration wait, wait_of(call));
    const base::Duration deadline = own_.world.clock.uptime() + wait;
    while (true) {
      CO_TRY(const LeafRef leaf, co_await io::on(lane(), leaves_.get(service)));
      const base::Duration left = deadline - own_.world.clock.uptime();
      const bool is_seen = index >= leaf->modify_index;
      if (!is_seen || left.count() <= 0) co_return shown(*leaf);
      const base::Duration slice = std::min(left, slice_max);
      co_await io::on(lane(), wait_there(leaves_, service, leaf->modify_index, slice));
    }
  }

 private:
  boost::asio::any_io_executor lane() const {
    return own_.world.executor.lane(io::Lane::main);
  }
  static Answer shown(const registry::Leaf& leaf) {
    Answer answer = json_answer(leaf_json(leaf));
    answer.index = leaf.modify_index;
    answer.headers.add("Cache-Control", "no-store");
    return answer;
  }

  OwnAgent own_;
  Leaves& leaves_;
};

}  // namespace

std::vector<Route> agent_leaf_routes(OwnAgent own, registry::Leaves& leaves) {
  const auto handle = handlers_of(std::make_shared<LeafPage>(std::move(own), leaves));
  const Need writes{Capability::anyone, Scope::handler, "service: write"};
  return {{"GET", "/v1/agent/connect/ca/leaf/:service", writes, handle(&LeafPage::get), true}};
}

}  // namespace caravan::api::consul
