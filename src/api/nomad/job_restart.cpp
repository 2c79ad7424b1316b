// SPDX-License-Identifier: Apache-2.0
// Restarts of jobs that the servers carry out: ours; the peers leave this to the command line.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/job_page.hpp"
#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using state::Tables;
using Result = base::Result<Answer>;

/// The body of a request, as clients send it.
struct Body {
  std::vector<std::string> groups, tasks;
  bool all_tasks = false, reschedule = false;
  std::int64_t batch_size = 1;
  bool batch_percent = false;
  json::Value batch_wait;  // a duration's text, or "ask"
  std::string on_error = "fail";
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Body& b) {
  v(1, "Groups", b.groups);
  v(2, "Tasks", b.tasks);
  v(3, "AllTasks", b.all_tasks);
  v(4, "Reschedule", b.reschedule);
  v(5, "BatchSize", b.batch_size);
  v(6, "BatchSizeIsPercent", b.batch_percent);
  v(7, "BatchWait", b.batch_wait);
  v(8, "OnError", b.on_error);
  v.unknown(b.unknown);
}

/// Errors: invalid.
base::Result<base::Duration> wait_of(const json::Value& given) {
  if (given.is_null()) return base::Duration(0);
  const std::string* text = given.as_string();
  if (!text) return base::invalid("BatchWait: neither a duration like \"30s\" nor \"ask\"");
  if (*text == "ask") return model::restart_wait_asks;
  const base::Result<base::Duration> wait = base::parse_duration(*text);
  if (!wait || *wait < base::Duration(0))
    return base::invalid("BatchWait: neither a duration like \"30s\" nor \"ask\"");
  return *wait;
}

class JobRestartPage {
 public:
  JobRestartPage(const Readers& readers, server::Restarts& restarts)
      : readers_(readers), restarts_(restarts) {}

  Task<Result> begin(Call& call) {
    Body given;
    if (!base::trim(call.request.body).empty()) {
      CO_TRY(const json::Value body, body_object(call));
      CO_TRY(given, wire::from_json<Body>(body, "JobRestartRequest"));
    }
    server::RestartRequest request;
    request.job = job_of(call);
    if (given.batch_size < 1 || given.batch_size > model::group_count_max)
      co_return base::invalid("BatchSize: not a number above 0");
    if (given.on_error != "fail" && given.on_error != "ask")
      co_return base::invalid("OnError: neither \"fail\" nor \"ask\"");
    CO_TRY(request.batch_wait, wait_of(given.batch_wait));
    request.groups = std::move(given.groups);
    request.tasks = std::move(given.tasks);
    request.all_tasks = given.all_tasks;
    request.reschedule = given.reschedule;
    request.asks_on_error = given.on_error == "ask";
    request.batch_size = static_cast<int>(given.batch_size);
    request.batch_is_percent = given.batch_percent;
    CO_TRY(const model::JobRestart restart, co_await restarts_.begin(std::move(request)));
    co_return shown(restart);
  }

  Task<Result> look(Call& call) {
    const base::JobId id = job_of(call);
    const Look look = [id](const Tables& tables) -> base::Result<View> {
      const state::Ref<model::JobRestart>* restart = tables.job_restarts.find(id);
      if (!tables.job(id)) return job_not_found();
      if (!restart) return base::fail(base::Code::not_found, "the job was not restarted");
      return View{wire::to_json(**restart), (*restart)->modify_index, ""};
    };
    co_return co_await read(
        readers_, call, {state::key::job(id), state::key::table(state::Table::job_restarts)}, look);
  }

  Task<Result> cancel(Call& call) {
    CO_TRY(const model::JobRestart restart, co_await restarts_.cancel(job_of(call)));
    co_return shown(restart);
  }
  Task<Result> pause(Call& call) {
    CO_TRY(const model::JobRestart restart, co_await restarts_.pause(job_of(call)));
    co_return shown(restart);
  }
  Task<Result> resume(Call& call) {
    CO_TRY(const model::JobRestart restart, co_await restarts_.resume(job_of(call)));
    co_return shown(restart);
  }

 private:
  static Answer shown(const model::JobRestart& restart) {
    Answer answer;
    answer.index = restart.modify_index;
    answer.body = wire::to_json(restart);
    return answer;
  }

  Readers readers_;
  server::Restarts& restarts_;
};

}  // namespace

std::vector<Route> job_restart_routes(const Readers& readers, server::Restarts& restarts) {
  const auto to = handlers_of(std::make_shared<JobRestartPage>(readers, restarts));
  const Capability acts = Capability::alloc_lifecycle;
  return {
      {"PUT POST", "/v1/job/:id/restart", acts, to(&JobRestartPage::begin)},
      {"GET", "/v1/job/:id/restart", Capability::read_job, to(&JobRestartPage::look)},
      {"PUT POST", "/v1/job/:id/restart/cancel", acts, to(&JobRestartPage::cancel)},
      {"PUT POST", "/v1/job/:id/restart/pause", acts, to(&JobRestartPage::pause)},
      {"PUT POST", "/v1/job/:id/restart/resume", acts, to(&JobRestartPage::resume)},
  };
}

}  // namespace caravan::api::nomad
