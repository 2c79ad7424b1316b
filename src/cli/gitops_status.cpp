// SPDX-License-Identifier: Apache-2.0
// gitops status.
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string number(const json::Value& value) {
  return value.is_number() ? fmt::format("{}", static_cast<long long>(value.number())) : "0";
}

int run(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/gitops/status");
  if (!reply) return context.fail("Error querying gitops", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  const json::Value& body = reply->body;
  if (const std::string error = text(body, "Error"); !error.empty()) {
    context.out("Error: " + error);
    return 1;
  }
  if (text(body, "Source").empty()) {
    context.out("No repository is followed.");
    return 0;
  }
  context.out(key_values({{"Source", text(body, "Source")},
                          {"Branch", text(body, "Branch")},
                          {"Revision", text(body, "Revision")},
                          {"Last cycle", text(body, "Time")},
                          {"Last without a complaint", text(body, "GoodTime")},
                          {"Jobs", number(body.at("Jobs"))},
                          {"Variables", number(body.at("Variables"))}}));
  const json::Array* problems = body.at("Problems").as_array();
  if (!problems || problems->empty()) return 0;
  context.out("\nProblems");
  for (const json::Value& problem : *problems) {
    const std::string file = text(problem, "File");
    context.out((file.empty() ? "" : file + ": ") + text(problem, "Message"));
  }
  return 1;
}

}  // namespace

Command gitops_status_command() {
  return {.name = "gitops status",
          .synopsis = "Show what repository the cluster follows, and what came of it",
          .usage = "[options]",
          .help = "Shows the repository that the leader follows, the commit it has come to, and\n"
                  "what it complains about. Exit code 1 when there is something.",
          .flags = {{"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli
