// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "json/writer.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

json::Object shown(const model::AutopilotConfig& config) {
  return {{"CleanupDeadServers", config.cleanup_dead_servers},
          {"LastContactThreshold", base::format_duration(config.last_contact_max)},
          {"MaxTrailingLogs", static_cast<std::int64_t>(config.trailing_max)},
          {"MinQuorum", static_cast<std::int64_t>(config.min_quorum)},
          {"ServerStabilizationTime", base::format_duration(config.stabilization)},
          {"EnableRedundancyZones", false},
          {"DisableUpgradeMigration", false},
          {"EnableCustomUpgrades", false},
          {"CreateIndex", static_cast<std::int64_t>(config.create_index)},
          {"ModifyIndex", static_cast<std::int64_t>(config.modify_index)}};
}

class AutopilotConfigPage {
 public:
  AutopilotConfigPage(const Readers& readers, server::Operator& operators)
      : readers_(readers), operator_(operators) {}

  Task<Result> get(Call& call) {
    const Look look = [](const Tables& tables) -> base::Result<View> {
      const model::AutopilotConfig config = tables.autopilot_config();
      return View{json::to_string(shown(config)), std::max<std::uint64_t>(config.modify_index, 1),
                  ""};
    };
    co_return co_await read(readers_, call, {state::key::table(Table::autopilot_config)}, look);
  }

  Task<Result> put(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    for (const char* key :
         {"EnableRedundancyZones", "DisableUpgradeMigration", "EnableCustomUpgrades"})
      if (const bool* on = body.at(key).as_bool(); on && *on)
        co_return base::invalid(
            fmt::format("{}: there are no such servers here; leave it false", key));
    CO_TRY(model::AutopilotConfig config,
           wire::from_json<model::AutopilotConfig>(body, "AutopilotConfiguration"));
    for (const auto& [name, value] : {std::pair("LastContactThreshold", config.last_contact_max),
                                      std::pair("ServerStabilizationTime", config.stabilization)})
      if (value.count() < 0) co_return base::invalid(fmt::format("{}: must not be negative", name));
    CO_TRY(const std::optional<std::uint64_t> expected, expected_index(call));
    CO_TRY(const server::Operator::Written written,
           co_await operator_.set_autopilot(std::move(config), expected));
    Answer answer;
    answer.index = written.index;
    answer.body = written.updated ? "true" : "false";
    co_return answer;
  }

 private:
  Readers readers_;
  server::Operator& operator_;
};

}  // namespace

std::vector<Route> autopilot_config_routes(const Readers& readers, server::Operator& operators) {
  const auto page = std::make_shared<AutopilotConfigPage>(readers, operators);
  const auto to = handlers_of(page);
  constexpr const char* path = "/v1/operator/autopilot/configuration";
  return {{"GET", path, Capability::operator_read, to(&AutopilotConfigPage::get)},
          {"PUT POST", path, Capability::operator_write, to(&AutopilotConfigPage::put)}};
}

}  // namespace caravan::api::nomad
