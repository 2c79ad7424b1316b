// SPDX-License-Identifier: Apache-2.0
#include "checks/script.hpp"

#include "checks/probe.hpp"
#include "io/task.hpp"

namespace caravan::checks {
namespace {

constexpr int exit_passing = 0, exit_warning = 1;
constexpr const char* finder = "/usr/bin/env";  // looks along the path
constexpr const char* path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

}  // namespace

model::Health health_of_exit(int code) {
  if (code == exit_passing) return model::Health::passing;
  return code == exit_warning ? model::Health::warning : model::Health::critical;
}

io::Task<ScriptOutcome> run(io::Processes& processes, Script script) {
  io::Program program;
  program.argv = {finder};
  program.argv.insert(program.argv.end(), script.args.begin(), script.args.end());
  program.env = {path};
  const base::Result<io::Finished> finished =
      co_await processes.run(program, "", std::min(script.timeout, timeout_max), script.output_max);
  if (!finished) co_return ScriptOutcome{model::Health::critical, finished.error().message};
  ScriptOutcome outcome;
  outcome.health = health_of_exit(finished->exit_code);
  outcome.output = finished->out + finished->err;
  if (outcome.output.size() > script.output_max) outcome.output.resize(script.output_max);
  co_return outcome;
}

}  // namespace caravan::checks
