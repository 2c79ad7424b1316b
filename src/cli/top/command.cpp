// SPDX-License-Identifier: Apache-2.0
// top: the cluster in a terminal, as `top` shows a machine.
#include <unistd.h>

#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/top/asking.hpp"
#include "cli/top/lines.hpp"
#include "cli/top/live.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;
constexpr base::Duration interval_default = 2s, interval_min = 100ms, interval_max = 1h;
constexpr std::size_t uses_once = 1000;  // of allocations, as far as the time for it reaches

io::Task<base::Result<top::Picture>> picture_once(Client& client) {
  top::Asking asking(client);
  CO_TRY(const top::Answers answers, co_await asking.lists());
  top::UseBook book;
  co_await asking.uses(answers.allocs, book, uses_once);
  co_return top::picture_of(answers, book.known(), client.settings().region, client.settings().ns);
}

/// With what was tried and what to do; the live view has no room for it.
base::Error explained(const Client& client, const base::Error& error) {
  const bool answered = error.message.starts_with("Unexpected response");
  return answered ? error : client.unreachable("GET", "/v1/allocations", error);
}

int show_once(Context& context) {
  const base::Result<top::Picture> picture = wait_for(picture_once(context.api()));
  if (!picture)
    return context.fail("Error asking the cluster", explained(context.api(), picture.error()));
  int code = 0;
  if (context.flags.on("json") && context.shows_data(top::to_json(*picture), code)) return code;
  context.raw(top::plain_text(*picture, now_ns()));
  return 0;
}

bool is_screen() {
  const std::string terminal = env_or("TERM", "dumb");
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && terminal != "dumb";
}

bool is_coloured(const Context& context) {
  const std::string terminal = env_or("TERM", "");
  return !context.flags.on("no-color") && env_or("NO_COLOR", "").empty() &&
         env_or("NOMAD_CLI_NO_COLOR", "").empty() && !terminal.starts_with("vt");
}

int run_top(Context& context) {
  const base::Result<base::Duration> interval =
      base::parse_duration(context.flags.text("interval", base::format_duration(interval_default)));
  if (!interval) return context.wrong_use("-interval: " + interval.error().message);
  if (*interval < interval_min || *interval > interval_max)
    return context.wrong_use("-interval: " + base::format_duration(*interval) +
                             " is outside 100ms..1h");
  if (context.flags.on("once") || context.flags.on("json") || !is_screen())
    return show_once(context);
  return top::run_live(context.api(), {*interval, is_coloured(context)});
}

}  // namespace

Command top_command() {
  return {.name = "top",
          .synopsis = "Watch nodes, jobs and allocations live",
          .usage = "[options]",
          .help = "Shows the cluster as it is now, what is not well first: servers, nodes with\n"
                  "what is allocated and used of them, jobs or allocations. A key chooses what is\n"
                  "shown: j jobs, a allocations, n nodes, s another order, / only what holds a\n"
                  "text, p pauses, ? tells them all, q quits. Where no terminal is, and with\n"
                  "-once, one picture is printed.\n\n"
                  "What is used is what the tasks of allocations use, asked of a few of them\n"
                  "at a time; \"-\" stands where it was not measured.",
          .flags = {{"once", "", "Print one picture and end."},
                    {"json", "", "The same as JSON."},
                    {"interval", "duration", "Between two pictures. Default = 2s"}},
          .takes = "no arguments",
          .run = run_top};
}

}  // namespace caravan::cli
