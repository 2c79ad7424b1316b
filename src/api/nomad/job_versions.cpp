// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/job_page.hpp"
#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "base/text.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Table;
using state::Tables;
using Result = base::Result<Answer>;

class JobVersionPage {
 public:
  JobVersionPage(const Readers& readers, server::Jobs& jobs) : readers_(readers), jobs_(jobs) {}

  Task<Result> versions(Call& call) {
    const base::JobId id = job_of(call);
    CO_TRY(const bool with_diffs, flag(call, "diffs", false));
    const std::string against_tag = call.request.query.get("diff_tag"),
                      against_version = call.request.query.get("diff_version");
    if (!against_tag.empty() && !against_version.empty())
      co_return base::invalid("diff_tag and diff_version exclude each other");
    const base::Result<long long> number =
        base::parse_int(against_version.empty() ? "0" : against_version);
    if (!number || *number < 0) co_return base::invalid("diff_version: not a version");
    const bool against_one = !against_tag.empty() || !against_version.empty();
    const Look look = [&, id, with_diffs](const Tables& tables) -> base::Result<View> {
      state::Ref<model::Job> fixed;
      if (!against_tag.empty()) fixed = tables.tagged_version(id, against_tag);
      if (!against_version.empty())
        fixed = tables.job_version(id, static_cast<std::uint64_t>(*number));
      if (against_one && !fixed)
        return base::fail(base::Code::not_found, "the version to compare with was not found");
      std::vector<std::string> versions, diffs;
      state::Ref<model::Job> older;
      tables.job_versions.from(
          {id, 0}, [&](const state::JobVersionKey& key, const state::Ref<model::Job>& job) {
            if (key.first != id) return false;
            versions.push_back(job_json(*job));
            const state::Ref<model::Job>& from = against_one ? fixed : older;
            if (with_diffs && from) diffs.push_back(wire::to_json(model::diff(from.get(), *job)));
            older = job;
            return true;
          });
      if (versions.empty()) return base::fail(base::Code::not_found, "job versions not found");
      std::ranges::reverse(versions);  // newest first
      std::ranges::reverse(diffs);
      const std::uint64_t index = tables.job(id) ? tables.job(id)->modify_index : tables.index;
      const std::string shown_diffs = diffs.empty() ? "null" : "[" + base::join(diffs, ",") + "]";
      return View{fmt::format("{{\"Versions\":[{}],\"Diffs\":{},\"Index\":{},\"LastContact\":0,"
                              "\"KnownLeader\":true}}",
                              base::join(versions, ","), shown_diffs, index),
                  index, ""};
    };
    co_return co_await read(readers_, call, {state::key::job(id)}, look);
  }

  Task<Result> tag(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(model::JobVersionTag tag, wire::from_json<model::JobVersionTag>(body, "TagRequest"));
    tag.name = call.param("tag");
    const base::JobId id = job_of(call);
    const state::Ref<model::Job> newest = readers_.store.snapshot()->job(id);
    if (!newest) co_return job_not_found();
    const auto version = body.at("Version").as_int();
    const bool* latest = body.at("Latest").as_bool();
    if (!body.at("Version").is_null() && (!version || *version < 0))
      co_return base::invalid("Version: not a version");
    const bool newest_wanted = !version || (latest && *latest);
    if (version && *version > 0 && newest_wanted)
      co_return base::invalid("Version and Latest exclude each other");
    const std::uint64_t wanted =
        newest_wanted ? newest->version : static_cast<std::uint64_t>(*version);
    CO_TRY(const server::JobReply reply, co_await jobs_.tag(id, wanted, tag));
    const state::Ref<model::Job> tagged = readers_.store.snapshot()->tagged_version(id, tag.name);
    Answer answer;
    answer.index = reply.index;
    answer.body = tagged ? wire::to_json(*tagged->version_tag) : "null";
    co_return answer;
  }

  Task<Result> untag(Call& call) {
    const base::JobId id = job_of(call);
    std::string name = call.param("tag");
    CO_TRY(const server::JobReply reply, co_await jobs_.untag(id, std::move(name)));
    Answer answer;
    answer.index = reply.index;
    answer.body = json::to_string(json::Object{{"Index", reply.index}});
    co_return answer;
  }

  Task<Result> submission(Call& call) {
    const base::JobId id = job_of(call);
    CO_TRY(const long long version, base::parse_int(call.request.query.get("version")));
    const Look look = [id, version](const Tables& tables) -> base::Result<View> {
      const auto* source = tables.job_sources.find({id, static_cast<std::uint64_t>(version)});
      if (!source) return base::fail(base::Code::not_found, "job source not found");
      const json::Object shown = {{"Source", (*source)->text}, {"Format", (*source)->format},
                                  {"VariableFlags", nullptr},  {"Variables", ""},
                                  {"Namespace", id.ns},        {"JobID", id.id},
                                  {"Version", version}};
      return View{json::to_string(shown), tables.index, ""};
    };
    co_return co_await read(readers_, call, {state::key::job(id)}, look);
  }

  Task<Result> revert(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY_VOID(check_job_id(call, body));
    const auto version_of = [&](const char* key) -> std::optional<std::uint64_t> {
      const auto number = body.at(key).as_int();
      if (!number || *number < 0) return {};
      return static_cast<std::uint64_t>(*number);
    };
    const std::optional<std::uint64_t> version = version_of("JobVersion");
    if (!version) co_return base::invalid("JobVersion: missing, or not a version");
    CO_TRY(const server::JobReply reply,
           co_await jobs_.revert(job_of(call), *version, version_of("EnforcePriorVersion")));
    co_return written(reply);
  }

  Task<Result> set_stable(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY_VOID(check_job_id(call, body));
    const auto version = body.at("JobVersion").as_int();
    if (!version || *version < 0) co_return base::invalid("JobVersion: missing, or not a version");
    const bool* stable = body.at("Stable").as_bool();
    CO_TRY(const server::JobReply reply,
           co_await jobs_.set_stable(job_of(call), static_cast<std::uint64_t>(*version),
                                     stable && *stable));
    Answer answer;
    answer.index = reply.index;
    answer.body = json::to_string(json::Object{{"Index", reply.index}});
    co_return answer;
  }

 private:
  Readers readers_;
  server::Jobs& jobs_;
};

}  // namespace

std::vector<Route> job_version_routes(const Readers& readers, server::Jobs& jobs) {
  const auto page = std::make_shared<JobVersionPage>(readers, jobs);
  const auto to = handlers_of(page);
  return {
      {"PUT POST", "/v1/job/:id/revert", Capability::revert_job, to(&JobVersionPage::revert)},
      {"PUT POST", "/v1/job/:id/stable", Capability::stable_job, to(&JobVersionPage::set_stable)},
      {"GET", "/v1/job/:id/versions", Capability::read_job, to(&JobVersionPage::versions)},
      {"PUT POST", "/v1/job/:id/versions/:tag/tag", Capability::tag_job_version,
       to(&JobVersionPage::tag)},
      {"DELETE", "/v1/job/:id/versions/:tag/tag", Capability::tag_job_version,
       to(&JobVersionPage::untag)},
      {"GET", "/v1/job/:id/submission", Capability::read_job, to(&JobVersionPage::submission)},
  };
}

}  // namespace caravan::api::nomad
