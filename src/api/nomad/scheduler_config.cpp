// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class SchedulerConfigPage {
 public:
  SchedulerConfigPage(const Readers& readers, server::Operator& operators)
      : readers_(readers), operator_(operators) {}

  Task<Result> get(Call& call) {
    const Look look = [](const Tables& tables) -> base::Result<View> {
      const model::SchedulerConfig config = tables.scheduler_config();
      const std::uint64_t index = std::max<std::uint64_t>(config.modify_index, 1);
      return View{fmt::format("{{\"SchedulerConfig\":{},\"Index\":{},\"LastContact\":0,"
                              "\"KnownLeader\":true,\"NextToken\":\"\"}}",
                              wire::to_json(config), index),
                  index, ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::scheduler_config)}, look);
  }

  Task<Result> put(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(model::SchedulerConfig config,
           wire::from_json<model::SchedulerConfig>(body, "SchedulerConfig"));
    if (body.at("NodeLimitForFeasibilityChecks").number() > 0)
      co_return base::invalid(
          "NodeLimitForFeasibilityChecks: every feasible node is scored; leave it 0");
    CO_TRY(const std::optional<std::uint64_t> expected, expected_index(call));
    CO_TRY(const server::Operator::Written written,
           co_await operator_.set_scheduler(std::move(config), expected));
    Answer answer;
    answer.index = written.index;
    answer.body = fmt::format("{{\"Index\":{},\"Updated\":{}}}", written.index, written.updated);
    co_return answer;
  }

 private:
  Readers readers_;
  server::Operator& operator_;
};

}  // namespace

std::vector<Route> scheduler_config_routes(const Readers& readers, server::Operator& operators) {
  const auto page = std::make_shared<SchedulerConfigPage>(readers, operators);
  const auto to = handlers_of(page);
  constexpr const char* path = "/v1/operator/scheduler/configuration";
  return {{"GET", path, Capability::operator_read, to(&SchedulerConfigPage::get)},
          {"PUT POST", path, Capability::operator_write, to(&SchedulerConfigPage::put)}};
}

}  // namespace caravan::api::nomad
