// SPDX-License-Identifier: Apache-2.0
// The versions of a job: going back to one, trusting one, giving one a name.
#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"
#include "server/jobs.hpp"

namespace caravan::server {
namespace {

constexpr std::size_t tag_name_max = 128;

std::unexpected<base::Error> no_version(const base::JobId& id, std::uint64_t version) {
  return base::fail(
      base::Code::not_found,
      fmt::format("job \"{}\" in namespace \"{}\" at version {} not found", id.id, id.ns, version));
}

std::size_t tags_of(const state::Tables& tables, const base::JobId& id) {
  std::size_t count = 0;
  tables.job_versions.from({id, 0},
                           [&](const state::JobVersionKey& key, const state::Ref<model::Job>& job) {
                             if (key.first != id) return false;
                             if (job->version_tag) ++count;
                             return true;
                           });
  return count;
}

}  // namespace

io::Task<base::Result<JobReply>> Jobs::revert(base::JobId id, std::uint64_t version,
                                              std::optional<std::uint64_t> prior_version) {
  const state::Snapshot snapshot = store_.snapshot();
  const state::Ref<model::Job> current = snapshot->job(id);
  if (!current) co_return base::fail(base::Code::not_found, "job not found");
  if (prior_version && *prior_version != current->version)
    co_return base::fail(base::Code::conflict,
                         fmt::format("Current job has version {}; enforcing version {}",
                                     current->version, *prior_version));
  if (version == current->version) co_return base::invalid("can't revert to current version");
  const auto* earlier = snapshot->job_versions.find({id, version});
  if (!earlier) co_return no_version(id, version);
  JobRequest request;
  request.job = **earlier;
  request.job.stop = false;
  request.enforce_index = current->job_modify_index;
  if (const auto* source = snapshot->job_sources.find({id, version})) {
    request.source = (*source)->text;
    request.source_format = (*source)->format;
  }
  co_return co_await submit(std::move(request));
}

io::Task<base::Result<JobReply>> Jobs::set_stable(base::JobId id, std::uint64_t version,
                                                  bool stable) {
  if (!store_.snapshot()->job_version(id, version)) co_return no_version(id, version);
  wire::SetJobStability command;
  command.ns = id.ns;
  command.job_id = id.id;
  command.version = version;
  command.stable = stable;
  JobReply reply;
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  reply.job_modify_index = reply.index;
  co_return reply;
}

io::Task<base::Result<JobReply>> Jobs::tag(base::JobId id, std::uint64_t version,
                                           model::JobVersionTag tag) {
  const state::Snapshot snapshot = store_.snapshot();
  if (tag.name.empty()) co_return base::invalid("Name: a tag needs a name");
  if (tag.name.size() > tag_name_max)
    co_return base::invalid(
        fmt::format("Name: {} characters, at most {}", tag.name.size(), tag_name_max));
  if (tag.description.size() > model::tag_description_max)
    co_return base::invalid(fmt::format("Description: {} characters, at most {}",
                                        tag.description.size(), model::tag_description_max));
  const auto* job = snapshot->job_versions.find({id, version});
  if (!job) co_return no_version(id, version);
  const state::Ref<model::Job> bearer = snapshot->tagged_version(id, tag.name);
  if (bearer && bearer->version != version)
    co_return base::invalid(
        fmt::format("tag \"{}\" already exists on a different version of job \"{}\"",
                    base::printable(tag.name, 128), id.id));
  if (!(*job)->version_tag && tags_of(*snapshot, id) >= state::job_tags_max)
    co_return base::invalid(
        fmt::format("job \"{}\" has {} tags already; unset one first", id.id, state::job_tags_max));
  wire::TagJobVersion command{.ns = id.ns, .job_id = id.id, .name = tag.name, .version = version};
  command.tag = std::move(tag);
  JobReply reply;
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  reply.job_modify_index = reply.index;
  co_return reply;
}

io::Task<base::Result<JobReply>> Jobs::untag(base::JobId id, std::string name) {
  if (!store_.snapshot()->tagged_version(id, name))
    co_return base::fail(base::Code::not_found, fmt::format("tag \"{}\" not found on job \"{}\"",
                                                            base::printable(name, 128), id.id));
  wire::TagJobVersion command{.ns = id.ns, .job_id = id.id, .name = std::move(name)};
  JobReply reply;
  CO_TRY(reply.index, co_await proposals_.propose(std::move(command)));
  reply.job_modify_index = reply.index;
  co_return reply;
}

}  // namespace caravan::server
