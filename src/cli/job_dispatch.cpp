// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/job_file.hpp"
#include "cli/lookup.hpp"
#include "cli/monitor.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

base::Result<json::Object> request_of(const Context& context) {
  json::Object meta;
  for (const std::string& pair : context.flags.all("meta")) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return base::invalid(
          fmt::format("-meta: \"{}\" is not key=value", base::printable(pair, 128)));
    meta[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  TRY(const long long priority, context.flags.number("priority", 0));
  return json::Object{{"Meta", meta},
                      {"IdPrefixTemplate", context.flags.text("id-prefix-template")},
                      {"Priority", std::int64_t{priority}}};
}

int run(Context& context) {
  base::Result<json::Object> body = request_of(context);
  if (!body) return context.wrong_use(body.error().message);
  if (context.words.size() > 1) {
    const base::Result<std::string> payload = read_text(context.words[1]);
    if (!payload) return context.fail("Error reading input data", payload.error());
    (*body)["Payload"] = base::base64_encode(*payload);
  }
  const json::Object job = {{"ID", context.words[0]}};
  Params params;
  if (const std::string token = context.flags.text("idempotency-token"); !token.empty())
    params.emplace_back("idempotency_token", token);
  const base::Result<Reply> reply =
      context.api().send("PUT", job_path(job, "/dispatch"), *body, params);
  if (!reply) return context.fail("Failed to dispatch job", reply.error());
  const std::string eval = text(reply->body, "EvalID");
  Pairs pairs = {{"Dispatched Job ID", text(reply->body, "DispatchedJobID")}};
  if (!eval.empty()) pairs.emplace_back("Evaluation ID", short_id(eval, context.verbose()));
  context.out(key_values(pairs));
  if (eval.empty() || context.flags.on("detach")) return 0;
  context.out("");
  return monitor(context, eval);
}

}  // namespace

Command job_dispatch_command() {
  return {.name = "job dispatch",
          .synopsis = "Dispatch an instance of a parameterized job",
          .usage = "[options] <parameterized job> [input source]",
          .help =
              "Makes a job from the parameterized one and follows its evaluation. What the\n"
              "file holds, or standard input for \"-\", is its payload, up to 16 KiB.",
          .flags = {{"meta", "key=value", "One of the job's metadata; may be repeated."},
                    {"detach", "", "Print the ids and end, instead of following the evaluation."},
                    {"idempotency-token", "token",
                     "Of several dispatches with the same token, only the first makes a job."},
                    {"id-prefix-template", "prefix",
                     "Stands before the time in the dispatched job's id."},
                    {"priority", "priority",
                     "The dispatched job's priority, when it shall not be its parent's."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <parameterized job> [input source]",
          .run = run};
}

}  // namespace caravan::cli
