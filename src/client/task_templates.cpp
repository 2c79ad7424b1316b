// SPDX-License-Identifier: Apache-2.0
// What happens to a running task when its templates change.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <csignal>
#include <fmt/core.h>

#include "base/text.hpp"
#include "client/signals.hpp"
#include "client/task_runner.hpp"
#include "driver/captured.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

/// A file that a template reads is looked at this often.
constexpr base::Duration template_look = 3s;
/// What a script said is kept for its event up to this length.
constexpr std::size_t script_words_max = 1024;

}  // namespace

io::Task<void> TaskRunner::forever() {
  io::Event never(host_.world.executor.lane(io::Lane::client));
  while (true)
    co_await never.wait();
}

io::Task<void> TaskRunner::watch_templates(driver::TaskHandle& handle) {
  if (std::exchange(first_render_, false))
    for (const model::Template& t : std::vector<model::Template>(task().templates))
      if (t.change_mode == "script" && t.change_script->run_on_first_render)
        co_await run_script(*t.change_script);
  if (!templates_.watches_files() && !templates_.asks()) co_await forever();
  while (true) {
    co_await template_news(template_look);
    const base::Status rendered = templates_.render(make_env());
    if (rendered && !templates_.changed().empty()) co_await after_render(handle);
  }
}

/// Several templates that change together act once; a restart makes the rest needless.
io::Task<void> TaskRunner::after_render(driver::TaskHandle& handle) {
  bool restarts = false;
  std::vector<int> signals;
  std::vector<model::ChangeScript> scripts;
  base::Duration splay{0};
  for (const model::Template* t : templates_.changed()) {
    splay = std::max(splay, t->splay);
    if (t->change_mode == "restart" || t->env)
      restarts = true;
    else if (t->change_mode == "signal")
      signals.push_back(signal_number(t->change_signal).value_or(SIGHUP));
    else if (t->change_mode == "script")
      scripts.push_back(*t->change_script);
  }
  if (splay > 0s)
    co_await host_.world.clock.sleep(
        base::Duration(host_.world.random.below(static_cast<std::uint64_t>(splay.count()))));
  if (restarts) {
    restart("Template with change_mode restart re-rendered");
    co_await forever();
  }
  for (const int number : signals) {
    co_await note(event::signaling(number, "Template re-rendered"));
    (void)co_await handle.signal(number);
  }
  for (const model::ChangeScript& script : scripts)
    co_await run_script(script);
}

io::Task<void> TaskRunner::run_script(model::ChangeScript script) {
  const TaskEnv env = make_env();
  driver::ExecSpec what;
  what.command.push_back(env.interpolate(script.command));
  for (const std::string& argument : script.args)
    what.command.push_back(env.interpolate(argument));
  const std::string shown = base::join(what.command, " ");
  driver::Captured said(host_.world.clock, script.timeout, script_words_max);
  const base::Result<int> code = co_await exec(what, said);
  std::string trouble;
  if (!code && said.timed_out())
    trouble = fmt::format("it did not end within {}", base::format_duration(script.timeout));
  else if (!code)
    trouble = code.error().message;
  else if (*code != 0)
    trouble = fmt::format("it ended with code {}: {}", *code,
                          base::printable(base::trim(said.output()), 256));
  if (trouble.empty()) {
    co_await note(event::script_ran(shown));
    co_return;
  }
  co_await note(event::script_failed(shown, trouble));
  if (!script.fail_on_error) co_return;
  record_.state.failed = true;
  kill(event::template_failed(fmt::format("the script {} failed: {}", shown, trouble)));
  co_await forever();
}

}  // namespace caravan::client
