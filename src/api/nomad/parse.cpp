// SPDX-License-Identifier: Apache-2.0
// /v1/jobs/parse and /v1/validate/job: what a job file means, without running it.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "jobspec/jobspec.hpp"
#include "wire/shape.hpp"
#include "wire/job_in.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using Result = base::Result<Answer>;

Result parse_file(const json::Value& body) {
  const std::string* source = body.at("JobHCL").as_string();
  if (!source || source->empty()) return base::invalid("Job spec is empty");
  jobspec::ParseInput input;
  input.source = *source;
  input.strict = false;
  if (const std::string* variables = body.at("Variables").as_string();
      variables && !variables->empty())
    input.variable_files.emplace_back("variables.hcl", *variables);
  const jobspec::Parsed parsed = jobspec::parse(input);
  if (parsed.diagnostics.has_errors()) return base::invalid(parsed.diagnostics.render());
  Answer answer;
  const bool* canonical = body.at("Canonicalize").as_bool();
  if (canonical && *canonical && parsed.job) {
    answer.body = job_json(*parsed.job);
    return answer;
  }
  json::Value shown = parsed.json;
  if (json::Object* job = shown.as_object()) wire::fill_nulls<model::Job>(*job);
  answer.body = json::to_string(shown);
  return answer;
}

Result validate(const json::Value& body) {
  const json::Value& given = body.at("Job");
  if (given.is_null()) return base::invalid("Job must be specified");
  const base::Result<model::Job> job = wire::job_from_json(given);
  std::string error = job ? server::Jobs::complaints(*job) : job.error().message;
  json::Array list;
  if (job)
    for (const std::string& line : model::validate(*job))
      list.push_back(line);
  std::string warnings;
  if (job)
    for (const std::string& line : model::warnings(*job))
      warnings += line + "\n";
  Answer answer;
  answer.body = json::to_string(
      json::Object{{"DriverConfigValidated", false},  // drivers live on nodes; they look at a start
                   {"ValidationErrors", list.empty() ? json::Value() : json::Value(list)},
                   {"Error", error},
                   {"Warnings", warnings}});
  return answer;
}

io::Task<Result> handle_parse(Call& call) {
  CO_TRY(const json::Value body, body_object(call));
  co_return parse_file(body);
}

io::Task<Result> handle_validate(Call& call) {
  CO_TRY(const json::Value body, body_object(call));
  co_return validate(body);
}

}  // namespace

std::vector<Route> parse_routes() {
  return {{"PUT POST", "/v1/jobs/parse", Capability::parse_job, handle_parse},
          {"PUT POST", "/v1/validate/job", Capability::read_job, handle_validate}};
}

}  // namespace caravan::api::nomad
