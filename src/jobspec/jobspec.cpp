// SPDX-License-Identifier: Apache-2.0
#include "jobspec/jobspec.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/limits.hpp"
#include "hcl/parser.hpp"
#include "hcl/reader.hpp"
#include "jobspec/body_to_json.hpp"
#include "jobspec/sugar.hpp"
#include "jobspec/variables.hpp"
#include "json/reader.hpp"
#include "wire/job_in.hpp"

namespace caravan::jobspec {
namespace {

/// The JSON that the API takes, with or without the envelope {"Job": …}. Null when it is not that.
json::Value api_json(const std::string& source) {
  const std::string_view text = base::trim(source);
  if (!text.starts_with('{') || text.size() > hcl::source_bytes_max) return {};
  const auto parsed = json::parse(text);
  if (!parsed) return {};
  const json::Value& job = parsed->at("Job").as_object() ? parsed->at("Job") : *parsed;
  const bool is_job = job.at("TaskGroups").as_array() || job.at("ID").as_string();
  return is_job ? job : json::Value();
}

void report(hcl::Diagnostics& diagnostics, const std::string& file, std::string summary,
            std::string detail) {
  hcl::Diagnostic made;
  made.file = file;
  made.begin.line = 0;
  made.summary = std::move(summary);
  made.detail = std::move(detail);
  diagnostics.add(std::move(made));
}

const hcl::Range* nearest_place(const Places& places, std::string_view path) {
  while (true) {
    if (const auto found = places.find(path); found != places.end()) return &found->second;
    const std::size_t cut = path.find_last_of(".[");
    if (cut == std::string_view::npos) return nullptr;
    path = path.substr(0, cut);
  }
}

/// Decodes, and puts an error where the value was written.
void decode(Parsed& parsed, const Places& places, const std::string& file) {
  if (parsed.diagnostics.has_errors()) return;
  auto job = wire::job_from_json(parsed.json);
  if (job) {
    parsed.job = std::move(*job);
    return;
  }
  const std::string& message = job.error().message;
  const std::size_t colon = message.find(": ");
  const hcl::Range* place = nearest_place(places, message.substr(0, colon));
  if (place != nullptr)
    parsed.diagnostics.error(*place, "Invalid value", message);
  else
    report(parsed.diagnostics, file, "Invalid job", message);
}

std::optional<hcl::BlockView> job_block(hcl::BodyReader& top, hcl::Run& run) {
  std::vector<hcl::BlockView> jobs = top.blocks("job", 1);
  if (jobs.empty()) {
    if (!run.diagnostics().has_errors())
      run.error(top.view().body->end, "Missing job block",
                "A job block is required: job \"name\" { … }.");
    return std::nullopt;
  }
  if (jobs.size() > 1)
    run.error(jobs[1].header, "Duplicate job block", "Only one job block is allowed in a file.");
  return std::move(jobs.front());
}

void read_job(const hcl::BlockView& block, hcl::Run& run, Places& places, Parsed& parsed) {
  BodyToJson reader(run, places);
  places.insert_or_assign("Job", block.header);
  json::Object job = reader.read(job_schema, block.inside, "Job");
  finish_job(job);
  const std::string& label = block.labels[0].text;
  if (!job.contains("ID")) job["ID"] = label;
  json::Value id = job["ID"];  // a copy: adding a member moves the others
  if (!job.contains("Name")) job["Name"] = std::move(id);
  parsed.json = std::move(job);
}

}  // namespace

std::string Parsed::place_of(std::string_view path) const {
  while (true) {
    if (const auto found = places.find(path); found != places.end()) return found->second;
    const std::size_t cut = path.find_last_of(".[");
    if (cut == std::string_view::npos) return "";
    path = path.substr(0, cut);
  }
}

Parsed parse(const ParseInput& input) {
  Parsed parsed;
  if (base::trim(input.source).empty()) {
    report(parsed.diagnostics, input.file_name, "Job spec is empty", "");
    return parsed;
  }
  if (json::Value job = api_json(input.source); !job.is_null()) {
    parsed.json = std::move(job);
    decode(parsed, {}, input.file_name);
    return parsed;
  }
  std::vector<hcl::File> files = {
      hcl::parse(input.file_name, input.source, hcl::Dialect::strict, parsed.diagnostics)};
  // What follows would only repeat in other words that a brace is missing.
  if (parsed.diagnostics.has_errors()) return parsed;
  const std::shared_ptr<const hcl::Body> body = files[0].body;
  hcl::Run run(parsed.diagnostics, input.outside);
  hcl::Scope scope(hcl::Scope::UnknownRoot::keep);
  resolve_variables(*body, input, run, scope, files);
  resolve_locals(*body, run, scope);
  hcl::BodyReader top({body.get(), &scope}, run);
  for (const char* known : {"variable", "variables", "locals"}) top.allow(known);
  Places places;
  if (const auto block = job_block(top, run)) read_job(*block, run, places, parsed);
  top.finish();
  for (const auto& [path, range] : places)
    parsed.places[path] =
        fmt::format("{}:{}:{}", input.file_name, range.begin.line, range.begin.column);
  decode(parsed, places, input.file_name);
  return parsed;
}

}  // namespace caravan::jobspec
