// SPDX-License-Identifier: Apache-2.0
#include "agent/container_checks.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "checks/probe.hpp"
#include "driver/captured.hpp"
#include "driver/docker/options.hpp"
#include "driver/docker/session.hpp"
#include "io/task.hpp"

namespace caravan::agent {
namespace {

using checks::ScriptOutcome;

constexpr std::string_view unix_scheme = "unix://";

io::Task<ScriptOutcome> refuse_host(std::string host) {
  co_return ScriptOutcome{model::Health::critical,
                          fmt::format("DOCKER_HOST \"{}\" is no unix:// socket; others are not "
                                      "built yet",
                                      base::printable(host, 80))};
}

io::Task<ScriptOutcome> run(std::shared_ptr<driver::docker::Api> api,
                            registry::ContainerCommand asked) {
  const base::Duration timeout = std::min(asked.timeout, checks::timeout_max);
  driver::Captured said(api->world().clock, timeout, asked.output_max);
  const driver::ExecSpec what{asked.command, false};
  const base::Result<int> code =
      co_await driver::docker::run_in_container(*api, asked.container, what, said);
  if (code) co_return ScriptOutcome{checks::health_of_exit(*code), said.output()};
  co_return ScriptOutcome{model::Health::critical,
                          said.timed_out() ? fmt::format("it did not end within {}",
                                                         base::format_duration(timeout))
                                           : code.error().message};
}

}  // namespace

registry::RunInContainer container_checks(io::World& world,
                                          const std::map<std::string, std::string>& environment) {
  std::string path = driver::docker::Options().socket;
  if (const auto named = environment.find("DOCKER_HOST");
      named != environment.end() && !named->second.empty()) {
    if (!named->second.starts_with(unix_scheme))
      return [host = named->second](registry::ContainerCommand) { return refuse_host(host); };
    path = named->second.substr(unix_scheme.size());
  }
  const auto api =
      std::make_shared<driver::docker::Api>(world, io::Address::unix_socket(std::move(path)));
  return [api](registry::ContainerCommand asked) { return run(api, std::move(asked)); };
}

}  // namespace caravan::agent
