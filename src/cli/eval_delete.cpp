// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>

#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

bool is_confirmed(Context& context, std::int64_t count) {
  if (context.flags.on("yes") || !::isatty(STDIN_FILENO)) return true;
  context.raw(fmt::format("Are you sure you want to delete {} evals? [y/N] ", count));
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y") return true;
  context.out("Cancelling eval deletion");
  return false;
}

int run(Context& context) {
  const std::string filter = context.flags.text("filter");
  if (filter.empty() == context.words.empty())
    return context.wrong_use("Either an evaluation or -filter must be given, and not both");
  json::Object body;
  std::int64_t count = 1;
  if (filter.empty()) {
    const std::optional<json::Value> found = find_eval(context, context.words[0]);
    if (!found) return 1;
    body["EvalIDs"] = json::Array{text(*found, "ID")};
  } else {
    const base::Result<Reply> matching =
        context.api().get("/v1/evaluations/count", {{"filter", filter}, {"namespace", "*"}});
    if (!matching) return context.fail("Error counting evaluations", matching.error());
    count = integer(matching->body, "Count");
    if (count == 0) return context.fail("failed to find any evals that matched filter criteria");
    body["Filter"] = filter;
  }
  if (!is_confirmed(context, count)) return 0;
  const base::Result<Reply> reply = context.api().send("DELETE", "/v1/evaluations", body);
  if (!reply) return context.fail("Error deleting evaluations", reply.error());
  const std::int64_t gone = integer(reply->body, "Count");
  context.out(fmt::format("Successfully deleted {} evaluation{}", gone, gone == 1 ? "" : "s"));
  return 0;
}

}  // namespace

Command eval_delete_command() {
  return {.name = "eval delete",
          .synopsis = "Delete evaluations",
          .usage = "[options] [<evaluation>]",
          .help =
              "Deletes one evaluation, or all that an expression matches. Only while the\n"
              "evaluation broker is paused: 'operator scheduler set-config\n"
              "-pause-eval-broker=true'. For clusters that drown in evaluations.",
          .flags = {{"filter", "expression", "Those that match, of all namespaces."},
                    {"yes", "", "Ask nothing."}},
          .words_max = 1,
          .takes = "at most one argument: <evaluation>",
          .run = run};
}

}  // namespace caravan::cli
