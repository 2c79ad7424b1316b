// SPDX-License-Identifier: Apache-2.0
#include "gitops/operator.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::gitops {
namespace {

constexpr std::size_t problems_max = 200;
constexpr std::size_t said_max = 500;

std::string text_of(const json::Value& value) {
  return value.as_string() ? *value.as_string() : "";
}

std::string in_namespace(const std::string& ns) { return "namespace=" + base::percent_encode(ns); }

bool is_json(const std::string& text) { return base::trim(text).starts_with('{'); }

/// The job of a JSON file, with or without the object around it.
base::Result<json::Value> job_of_json(const std::string& text) {
  TRY(json::Value value, json::parse(text));
  if (const json::Value& job = value.at("Job"); job.as_object()) return json::Value(job);
  return value;
}

void mark(json::Value& job) {
  json::Value& meta = (*job.as_object())["Meta"];
  if (!meta.as_object()) meta = json::Object();
  (*meta.as_object())[meta_key] = "true";
  (*meta.as_object())[uid_key] = uid;
}

}  // namespace

void Operator::complain(std::string file, std::string message) {
  say_(file.empty() ? message : fmt::format("[{}] {}", file, message));
  if (report_.problems.size() < problems_max)
    report_.problems.push_back({std::move(file), std::move(message)});
}

/// An answer that is no success is an error with the agent's words.
io::Task<base::Result<json::Value>> Operator::json(std::string method, std::string target,
                                                   std::string body) {
  CO_TRY(const Reply reply,
         co_await api_.ask(std::move(method), std::move(target), std::move(body)));
  const std::string words(base::trim(reply.body.substr(0, said_max)));
  if (reply.status == 404) co_return base::fail(base::Code::not_found, words);
  if (reply.status == 403) co_return base::fail(base::Code::denied, words);
  if (reply.status == 409) co_return base::fail(base::Code::conflict, words);
  if (reply.status < 200 || reply.status >= 300)
    co_return base::fail(base::Code::internal,
                         words.empty() ? std::to_string(reply.status) : words);
  if (base::trim(reply.body).empty()) co_return json::Value();
  co_return json::parse(reply.body);
}

io::Task<Report> Operator::run_once() {
  report_ = {};
  base::Result<Sources> sources = co_await source_->read();
  if (!sources) {
    complain("", sources.error().message);
    report_.time = clock_.now();
    co_return report_;
  }
  report_.revision = sources->revision;
  report_.jobs = sources->jobs.size();
  report_.variables = sources->variables.size();
  for (Problem& problem : sources->problems)
    complain(std::move(problem.file), std::move(problem.message));
  co_await apply_variables(*sources);  // jobs may wait for them
  if (const base::Status seen = co_await look_at_jobs(); !seen) {
    complain("", "the list of jobs: " + seen.error().message);
  } else {
    wanted_.clear();
    for (const SourceFile& file : sources->jobs)
      co_await apply_job(file);
    if (settings_.prune) co_await prune_jobs(*sources);
  }
  report_.time = clock_.now();
  co_return report_;
}

io::Task<base::Status> Operator::look_at_jobs() {
  const std::string all_jobs = "/v1/jobs?meta=true&namespace=%2A";
  CO_TRY(const json::Value list, co_await json("GET", all_jobs));
  known_.clear();
  if (!list.as_array()) co_return base::Status();
  for (const json::Value& stub : *list.as_array()) {
    const json::Value& meta = stub.at("Meta");
    Known& known = known_[{text_of(stub.at("Namespace")), text_of(stub.at("ID"))}];
    known.modify_index = stub.at("JobModifyIndex").as_unsigned().value_or(0);
    known.stopped = stub.at("Stop").as_bool() && *stub.at("Stop").as_bool();
    const bool is_child = !text_of(stub.at("ParentID")).empty();
    known.is_ours =
        !is_child && text_of(meta.at(meta_key)) == "true" && text_of(meta.at(uid_key)) == uid;
  }
  co_return base::Status();
}

io::Task<base::Result<json::Value>> Operator::parse(const SourceFile& file) {
  if (is_json(file.text)) co_return job_of_json(file.text);
  const json::Object request{{"JobHCL", file.text}, {"Canonicalize", true}};
  std::string body = json::to_string(request);
  co_return co_await json("POST", "/v1/jobs/parse", std::move(body));
}

io::Task<void> Operator::apply_job(const SourceFile& file) {
  // Nothing was changed since it was written: neither the file nor the job.
  if (const auto before = applied_.find(file.path);
      before != applied_.end() && before->second.text == file.text) {
    const auto known = known_.find(before->second.key);
    const bool stands = known != known_.end() && !known->second.stopped &&
                        known->second.modify_index == before->second.modify_index;
    if (stands && wanted_.insert(before->second.key).second) co_return;
  }
  base::Result<json::Value> job = co_await parse(file);
  if (job && !job->as_object()) job = base::invalid("no job stands in it");
  if (!job) co_return complain(file.path, fmt::format("Failed to parse file: {}", job.error().message));
  mark(*job);
  const std::string ns = text_of(job->at("Namespace"));
  const JobKey key{ns.empty() ? "default" : ns, text_of(job->at("ID"))};
  if (!wanted_.insert(key).second)
    co_return complain(file.path, fmt::format("Skipping duplicate job [{}]", key.id));
  const std::string where = "?" + in_namespace(key.ns);
  const std::string plan = "/v1/job/" + base::percent_encode(key.id) + "/plan" + where;
  std::string asked = json::to_string(json::Object{{"Job", *job}, {"Diff", true}});
  const base::Result<json::Value> planned = co_await json("PUT", plan, std::move(asked));
  if (!planned) co_return complain(file.path, "planning: " + planned.error().message);
  const auto known = known_.find(key);
  const bool same = known != known_.end() && !known->second.stopped &&
                    text_of(planned->at("Diff").at("Type")) == "None";
  std::uint64_t index = same ? known->second.modify_index : 0;
  if (!same) {
    say_(fmt::format("Applying job [{}][{}]", key.id, file.path));
    json::Object request{{"Job", *job}};
    request["Submission"] =
        json::Object{{"Source", file.text}, {"Format", is_json(file.text) ? "json" : "hcl2"}};
    std::string body = json::to_string(request);
    const base::Result<json::Value> done = co_await json("POST", "/v1/jobs" + where, std::move(body));
    if (!done) co_return complain(file.path, "registering: " + done.error().message);
    index = done->at("JobModifyIndex").as_unsigned().value_or(0);
    ++report_.applied;
  }
  applied_[file.path] = {file.text, key, index};
}

/// A job goes when its file is gone, and not because its file cannot be read at the moment.
io::Task<void> Operator::prune_jobs(const Sources& sources) {
  std::set<std::string> files;
  for (const SourceFile& file : sources.jobs)
    files.insert(file.path);
  std::set<JobKey> kept;  // of files that are still there, whatever is wrong with them
  const bool some_unread = std::ranges::any_of(
      report_.problems, [](const Problem& problem) { return !problem.file.empty(); });
  std::set<JobKey> had_file;
  for (const auto& [path, applied] : applied_) {
    had_file.insert(applied.key);
    if (files.contains(path) || std::ranges::any_of(report_.problems, [&](const Problem& problem) {
          return problem.file == path;
        }))
      kept.insert(applied.key);
  }
  const bool nothing_left = sources.jobs.empty();
  for (const auto& [key, known] : known_) {
    if (!known.is_ours || wanted_.contains(key) || kept.contains(key)) continue;
    if (nothing_left) {
      complain("", fmt::format("job \"{}\" stays: not one file fits \"{}\"", key.id, settings_.path));
      continue;
    }
    if (some_unread && !had_file.contains(key)) {
      complain("", fmt::format("job \"{}\" stays while some files cannot be read: it may be of one",
                               key.id));
      continue;
    }
    say_(fmt::format("Deleting job [{}]", key.id));
    const std::string target = "/v1/job/" + base::percent_encode(key.id) +
                               "?purge=true&" + in_namespace(key.ns);
    const base::Result<json::Value> done = co_await json("DELETE", target);
    if (!done)
      complain("", fmt::format("deleting job \"{}\": {}", key.id, done.error().message));
    else
      ++report_.deleted;
  }
  std::erase_if(applied_, [&](const auto& entry) {
    return !files.contains(entry.first) && !wanted_.contains(entry.second.key);
  });
}

}  // namespace caravan::gitops
