// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <fmt/core.h>

#include "cli/alloc_target.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/tail.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

struct Wanted {
  bool out = false, err = false;
};

/// Without a word of the user standard output, and both when following. Source: the flags' help
/// of 1.9.
Wanted wanted_streams(const Flags& flags) {
  Wanted wanted{flags.on("stdout"), flags.on("stderr")};
  if (!wanted.out && !wanted.err) wanted = {true, flags.on("f")};
  return wanted;
}

int run(Context& context) {
  const base::Result<Tail> tail = tail_of(context.flags);
  if (!tail) return context.wrong_use(tail.error().message);
  const std::optional<json::Value> alloc = target_alloc(context, context.words[0]);
  if (!alloc) return 1;
  const std::optional<std::string> task = target_task(context, *alloc, task_word(context, 1));
  if (!task) return 1;
  const Wanted wanted = wanted_streams(context.flags);
  const bool both = wanted.out && wanted.err;
  base::Status failed;
  const auto copy = [&](const char* type) {
    Params params = in_namespace_of(*alloc);
    params.emplace_back("task", *task);
    params.emplace_back("type", type);
    // One stream alone goes to standard output, whichever it is.
    return copy_tail(context, "/v1/client/fs/logs/" + text(*alloc, "ID"), std::move(params), *tail,
                     both && type == std::string_view("stderr"));
  };
  if (both) {
    base::Status other;
    std::thread errors([&] { other = copy("stderr"); });
    failed = copy("stdout");
    errors.join();
    if (failed) failed = other;
  } else {
    failed = copy(wanted.err ? "stderr" : "stdout");
  }
  return failed ? 0 : context.fail("Error reading logs", failed.error());
}

}  // namespace

Command alloc_logs_command() {
  return {.name = "alloc logs",
          .alias = "logs",
          .synopsis = "Print what a task writes",
          .usage = "[options] <allocation> [<task>]",
          .help =
              "Prints the standard output of a task, or its standard error. The task may be\nleft "
              "out when the allocation has one only.",
          .flags = tail_flags({{"stdout", "", "The standard output. Default, and both under -f"},
                               {"stderr", "", "The standard error."},
                               {"job", "", "The first word is a job: take one of its allocations."},
                               {"group", "group", "Of that job, take an allocation of this group."},
                               {"task", "task", "The task."},
                               {"verbose", "", "Whole ids in messages."}}),
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <allocation> [<task>]",
          .run = run};
}

}  // namespace caravan::cli
