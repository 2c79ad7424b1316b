// SPDX-License-Identifier: Apache-2.0
// What this agent is told to do with itself: read its files again, go for good, take a token.
#include <array>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/consul/members.hpp"
#include "api/consul/own.hpp"
#include "api/consul/shapes.hpp"
#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::api::consul {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

/// Those that an agent of ours has no need of: it proves itself by its certificate.
constexpr std::array needless = {"agent", "agent_recovery", "agent_master", "replication",
                                 "config_file_service_registration"};

Task<base::Status> reload_there(std::function<base::Status()> reload) { co_return reload(); }
Task<base::Status> leave_there(std::function<Task<void>()> leave) {
  co_await leave();
  co_return base::Status();
}

class LifePage {
 public:
  explicit LifePage(OwnAgent own) : own_(std::move(own)) {}

  Task<Result> reload(Call& call) { return done(call, reload_there(own_.reload)); }
  Task<Result> leave(Call& call) { return done(call, leave_there(own_.leave)); }

  Task<Result> token(Call& call) {
    CO_TRY_VOID(call.caller.require(Capability::catalog_agent_write, own_.registry.node()));
    const std::string& kind = call.param("kind");
    CO_TRY(json::Object body, body_of(call));
    Members members(std::move(body));
    std::string secret;
    CO_TRY_VOID(members.text("Token", secret));
    const bool is_default = kind == "default";
    if (!is_default && std::ranges::find(needless, kind) == needless.end())
      co_return base::fail(base::Code::not_found,
                           fmt::format("Token \"{}\" is unknown", base::printable(kind, 40)));
    if (!secret.empty()) CO_TRY_VOID(own_.knows_token(secret));
    if (is_default) CO_TRY_VOID(co_await own_.set_default_token(std::move(secret)));
    co_return empty_answer();
  }

 private:
  Task<Result> done(Call& call, Task<base::Status> work) {
    CO_TRY_VOID(call.caller.require(Capability::catalog_agent_write, own_.registry.node()));
    CO_TRY_VOID(co_await io::on(own_.world.executor.lane(io::Lane::main), std::move(work)));
    co_return empty_answer();
  }

  OwnAgent own_;
};

}  // namespace

std::vector<Route> agent_life_routes(OwnAgent own) {
  const auto handle = handlers_of(std::make_shared<LifePage>(std::move(own)));
  const Need writes{Capability::anyone, Scope::handler, "agent: write, of this one"};
  return {{"PUT", "/v1/agent/reload", writes, handle(&LifePage::reload), true},
          {"PUT", "/v1/agent/leave", writes, handle(&LifePage::leave), true},
          {"PUT", "/v1/agent/token/:kind", writes, handle(&LifePage::token), true}};
}

}  // namespace caravan::api::consul
