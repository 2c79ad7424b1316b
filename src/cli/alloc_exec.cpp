// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <fmt/core.h>

#include "cli/alloc_target.hpp"
#include "cli/exec_session.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

base::Result<ExecOptions> options_of(const Flags& flags) {
  ExecOptions options;
  options.interactive = flags.on("i", true);
  options.tty =
      flags.on("t", options.interactive && ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO));
  options.escape = flags.text("e", "~");
  if (options.escape == "none") options.escape.clear();
  if (options.escape.size() > 1) return base::invalid("-e takes one character, or 'none'");
  if (options.tty && !options.interactive)
    return base::invalid("-t needs -i: a terminal without input is of no use");
  return options;
}

int run(Context& context) {
  const base::Result<ExecOptions> options = options_of(context.flags);
  if (!options) return context.wrong_use(options.error().message);
  const std::optional<json::Value> alloc = target_alloc(context, context.words[0]);
  if (!alloc) return 1;
  const std::optional<std::string> task = target_task(context, *alloc, context.flags.text("task"));
  if (!task) return 1;
  json::Array command;
  for (std::size_t i = 1; i < context.words.size(); ++i)
    command.push_back(context.words[i]);
  Params params = in_namespace_of(*alloc);
  params.emplace_back("task", *task);
  params.emplace_back("tty", yes_no(options->tty));
  params.emplace_back("command", json::to_string(command));
  const base::Result<int> code =
      run_exec(context.api(), fmt::format("/v1/client/allocation/{}/exec", text(*alloc, "ID")),
               params, *options);
  return code ? *code : context.fail("failed to exec into task", code.error());
}

}  // namespace

Command alloc_exec_command() {
  return {
      .name = "alloc exec",
      .alias = "exec",
      .synopsis = "Run a command in a task",
      .usage = "[options] <allocation> <command> [<args>...]",
      .help =
          "Runs a command where the task runs, with its environment. Ends with the exit\ncode of "
          "the command. In a terminal, ~. at the start of a line ends the session.",
      .flags = {{"task", "task", "The task; it may be left out when there is one only."},
                {"job", "", "The first word is a job: take one of its allocations."},
                {"group", "group", "Of that job, take an allocation of this group."},
                {"i", "", "Send the standard input. Default = true"},
                {"t", "", "Ask for a terminal. Default: when this is one"},
                {"e", "character", "The character that begins an escape, or 'none'. Default = ~"},
                {"verbose", "", "Whole ids in messages."}},
      .words_min = 2,
      .words_max = 4096,
      .takes = "at least two arguments: <allocation> <command>",
      .run = run};
}

}  // namespace caravan::cli
