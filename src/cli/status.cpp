// SPDX-License-Identifier: Apache-2.0
// `status <prefix>`: finds out what kind of thing begins so, and shows it.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

struct Kind {
  const char* path;
  const char* name;
};
constexpr Kind kinds[] = {{"/v1/jobs", "jobs"},
                          {"/v1/allocations", "allocations"},
                          {"/v1/nodes", "nodes"},
                          {"/v1/evaluations", "evaluations"},
                          {"/v1/deployments", "deployments"}};

struct Match {
  std::string kind;
  json::Value entry;
};

/// What begins with `prefix`, over all kinds; a job of exactly that id stands alone.
base::Result<std::vector<Match>> find_matches(Context& context, const std::string& prefix) {
  std::vector<Match> matches;
  for (const Kind& kind : kinds) {
    const bool is_job = kind.name == std::string_view("jobs");
    if (!is_job && prefix.find_first_not_of("0123456789abcdefABCDEF-") != std::string::npos)
      continue;
    const base::Result<Reply> reply =
        context.api().get(kind.path, is_job ? Params{{"prefix", prefix}} : Params());
    if (!reply) return std::unexpected(reply.error());
    for (const json::Value& entry : list(reply->body)) {
      if (is_job && text(entry, "ID") == prefix) return std::vector<Match>{{kind.name, entry}};
      if (text(entry, "ID").starts_with(is_job ? prefix : base::to_lower(prefix)))
        matches.push_back({kind.name, entry});
    }
  }
  return matches;
}

int show(Context& context, const Match& match) {
  const std::string id = text(match.entry, "ID");
  if (match.kind == "jobs") return show_job(context, match.entry);
  if (match.kind == "allocations") return show_alloc(context, id);
  if (match.kind == "nodes") return show_node(context, id);
  if (match.kind == "evaluations") return show_eval(context, id);
  return show_deployment(context, match.entry);
}

int run(Context& context) {
  if (context.words.empty()) return list_jobs(context);
  const std::string& prefix = context.words[0];
  const base::Result<std::vector<Match>> matches = find_matches(context, prefix);
  if (!matches) return context.fail("Error querying search with id", matches.error());
  if (matches->empty())
    return context.fail(
        fmt::format("No matches found for id \"{}\"", base::printable(prefix, 128)));
  if (matches->size() == 1) return show(context, matches->front());
  std::string out = "Multiple matches found for id \"" + prefix + "\"";
  std::string kind;
  for (const Match& match : *matches) {
    if (match.kind != kind)
      out +=
          fmt::format("\n\n{}{}:", base::to_upper(match.kind.substr(0, 1)), match.kind.substr(1));
    out += "\n" + text(match.entry, "ID");
    kind = match.kind;
  }
  return context.fail(out);
}

}  // namespace

Command status_command() {
  return {
      .name = "status",
      .synopsis = "Display whatever begins with an id",
      .usage = "[options] [<id>]",
      .help =
          "Without an id, lists the jobs. With one, shows the job, allocation, node,\nevaluation "
          "or deployment that it begins the id of.",
      .flags = {{"short", "", "Only the most important."},
                {"evals", "", "Of a job, the evaluations too."},
                {"all-allocs", "", "Of a job, allocations of an earlier one with the same id too."},
                {"json", "", "The answer as JSON."},
                {"t", "template", "The answer through a Go template."},
                {"verbose", "", "Whole ids and times."}},
      .words_max = 1,
      .takes = "either no arguments or one: <id>",
      .run = run};
}

}  // namespace caravan::cli
