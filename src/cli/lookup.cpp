// SPDX-License-Identifier: Apache-2.0
#include "cli/lookup.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/alloc_view.hpp"
#include "cli/deployment_view.hpp"
#include "cli/eval_view.hpp"
#include "cli/format.hpp"
#include "cli/job_view.hpp"
#include "cli/node_view.hpp"

namespace caravan::cli {
namespace {

struct Kind {
  const char* path;
  const char* singular;  // "allocation(s) with prefix or id"
  const char* plural;
  std::string (*show)(const json::Value& list, bool verbose);
};

/// Ids are bytes in hexadecimal, so servers want an even number of digits.
std::string even_prefix(std::string prefix) {
  const auto digits = std::ranges::count_if(prefix, [](char c) { return c != '-'; });
  if (prefix.size() < 36 && digits % 2 == 1 && prefix.back() != '-') prefix.pop_back();
  return prefix;
}

std::optional<json::Value> find_by_id(Context& context, const Kind& kind,
                                      const std::string& prefix) {
  if (prefix.size() < 2) {
    context.err("Identifier must contain at least two characters.");
    return std::nullopt;
  }
  const base::Result<Reply> reply =
      context.api().get(kind.path, {{"prefix", even_prefix(base::to_lower(prefix))}});
  if (!reply) {
    context.err(fmt::format("Error querying {}: {}", kind.plural, reply.error().message));
    return std::nullopt;
  }
  json::Array matches;
  for (const json::Value& each : list(reply->body))
    if (text(each, "ID").starts_with(base::to_lower(prefix))) matches.push_back(each);
  if (matches.size() == 1) return matches[0];
  if (matches.empty())
    context.err(fmt::format("No {} \"{}\" found", kind.singular, base::printable(prefix, 64)));
  else
    context.err(fmt::format("Prefix matched multiple {}\n\n{}", kind.plural,
                            kind.show(matches, context.verbose())));
  return std::nullopt;
}

std::string show_allocs(const json::Value& allocs, bool verbose) {
  return alloc_table(allocs, verbose, true, now_ns());
}
std::string show_nodes(const json::Value& nodes, bool verbose) {
  return node_table(nodes, verbose, nullptr);
}

}  // namespace

std::optional<json::Value> find_alloc(Context& context, const std::string& prefix) {
  return find_by_id(
      context, {"/v1/allocations", "allocation(s) with prefix or id", "allocations", show_allocs},
      prefix);
}
std::optional<json::Value> find_node(Context& context, const std::string& prefix) {
  return find_by_id(context, {"/v1/nodes", "node(s) with prefix", "nodes", show_nodes}, prefix);
}
std::optional<json::Value> find_eval(Context& context, const std::string& prefix) {
  return find_by_id(
      context, {"/v1/evaluations", "evaluation(s) with prefix or id", "evaluations", eval_table},
      prefix);
}
std::optional<json::Value> find_deployment(Context& context, const std::string& prefix) {
  return find_by_id(
      context,
      {"/v1/deployments", "deployment(s) with prefix or id", "deployments", deployment_table},
      prefix);
}

std::optional<json::Value> find_job(Context& context, const std::string& prefix) {
  const base::Result<Reply> reply = context.api().get("/v1/jobs", {{"prefix", prefix}});
  if (!reply) {
    context.err(fmt::format("Error querying job prefix \"{}\": {}", prefix, reply.error().message));
    return std::nullopt;
  }
  const json::Array& jobs = list(reply->body);
  for (const json::Value& job : jobs)
    if (text(job, "ID") == prefix) return job;
  if (jobs.size() == 1) return jobs[0];
  if (jobs.empty())
    context.err(
        fmt::format("No job(s) with prefix or id \"{}\" found", base::printable(prefix, 128)));
  else
    context.err(fmt::format("Prefix matched multiple jobs\n\n{}",
                            job_table(reply->body, context.api().settings().ns == "*")));
  return std::nullopt;
}

std::string job_path(const json::Value& job, std::string_view rest) {
  return fmt::format("/v1/job/{}{}", base::percent_encode(text(job, "ID")), rest);
}

Params in_namespace_of(const json::Value& object) {
  const std::string ns = text(object, "Namespace");
  return ns.empty() ? Params() : Params{{"namespace", ns}};
}

base::Result<std::string> own_node_id(Context& context) {
  TRY(const Reply self, context.api().get("/v1/agent/self"));
  return text(self.body.at("stats").at("client"), "node_id");
}

std::string target_node(Context& context) {
  if (!context.flags.on("self")) {
    const std::optional<json::Value> found = find_node(context, context.words[0]);
    return found ? text(*found, "ID") : "";
  }
  const base::Result<std::string> id = own_node_id(context);
  if (!id)
    context.err("Error querying the agent: " + id.error().message);
  else if (id->empty())
    context.err("Agent is not running in client mode");
  return id.value_or("");
}

}  // namespace caravan::cli
