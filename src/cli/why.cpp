// SPDX-License-Identifier: Apache-2.0
// eval why, alloc why.
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"
#include "cli/why_view.hpp"

namespace caravan::cli {
namespace {

int show(Context& context, const std::string& path,
         std::string (*page)(const json::Value& why, bool verbose)) {
  const base::Result<Reply> reply = context.api().get(path);
  if (!reply) return context.fail("Error querying why", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  context.out(page(reply->body, context.verbose()));
  return 0;
}

int run_eval(Context& context) {
  const std::optional<json::Value> found = find_eval(context, context.words[0]);
  if (!found) return 1;
  return show(context, "/v1/evaluation/" + text(*found, "ID") + "/why", eval_why_page);
}

int run_alloc(Context& context) {
  const std::optional<json::Value> found = find_alloc(context, context.words[0]);
  if (!found) return 1;
  return show(context, "/v1/allocation/" + text(*found, "ID") + "/why", alloc_why_page);
}

const std::vector<FlagSpec> flags = {{"json", "", "The answer as JSON."},
                                     {"t", "template", "The answer through a Go template."},
                                     {"verbose", "", "Whole ids."}};

}  // namespace

Command eval_why_command() {
  return {.name = "eval why",
          .synopsis = "Explain what an evaluation decided",
          .usage = "[options] <evaluation>",
          .help =
              "Says what the scheduler saw, what it placed and how that scored, which nodes\n"
              "one more copy of each group could have now, what keeps it from the others,\n"
              "and the smallest change that would let it fit.",
          .flags = flags,
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <evaluation>",
          .run = run_eval};
}

Command alloc_why_command() {
  return {.name = "alloc why",
          .synopsis = "Explain why an allocation is where it is",
          .usage = "[options] <allocation>",
          .help =
              "Says how the nodes scored when it was placed, and how they would score if it\n"
              "were placed now.",
          .flags = flags,
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <allocation>",
          .run = run_alloc};
}

}  // namespace caravan::cli
