// SPDX-License-Identifier: Apache-2.0
#include "agent/gitops_part.hpp"

#include "api/heard.hpp"
#include "base/text.hpp"

namespace caravan::agent {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration leadership_look_interval = 500ms;

const model::VariableKey settings_key{"default", gitops::settings_variable};

io::Task<void> stop_there(io::TaskGroup& tasks) { co_await tasks.stop(); }

std::string time_text(base::Instant time) {
  return time.is_zero() ? "" : base::format_rfc3339(time);
}

}  // namespace

/// The API without a connection: what comes in is answered by the router, checks of access and
/// audit included.
class GitopsPart::RouterApi : public gitops::Api {
 public:
  explicit RouterApi(const api::Router& router) : router_(router) {}
  void show_token(std::string token) { token_ = std::move(token); }

  io::Task<base::Result<gitops::Reply>> ask(std::string method, std::string target,
                                            std::string body) override {
    http::Request request;
    request.method = std::move(method);
    CO_TRY_VOID(request.set_target(std::move(target)));
    request.body = std::move(body);
    request.headers.add("Content-Type", "application/json");
    if (!token_.empty()) request.headers.add("X-Nomad-Token", token_);
    request.peer.host = "gitops";
    api::Heard heard;
    co_await router_.serve(request, heard);
    http::Response response = heard.take();
    co_return gitops::Reply{response.status, std::move(response.body)};
  }

 private:
  const api::Router& router_;
  std::string token_;
};

GitopsPart::GitopsPart(io::World& world, ServerPart& server, const api::Router& router,
                       gitops::Settings configured, std::string data_dir, io::Logger log)
    : world_(world),
      server_(server),
      configured_(std::move(configured)),
      data_dir_(std::move(data_dir)),
      log_(std::move(log)),
      api_(std::make_unique<RouterApi>(router)),
      shown_(std::make_shared<const Shown>()),
      tasks_(world.executor.lane(io::Lane::front)) {}

GitopsPart::~GitopsPart() = default;

void GitopsPart::start() { tasks_.spawn(run()); }

io::Task<void> GitopsPart::stop() {
  co_await io::on(world_.executor.lane(io::Lane::front), stop_there(tasks_));
}

void GitopsPart::show(Shown shown) {
  shown_.store(std::make_shared<const Shown>(std::move(shown)), std::memory_order_release);
}

base::Result<gitops::Settings> GitopsPart::wanted() const {
  if (configured_.is_set()) return configured_;
  const state::Snapshot tables = server_.server().store().snapshot();
  const state::Ref<model::Variable> variable = tables->variable(settings_key);
  if (!variable) return gitops::Settings();
  TRY(const model::VariableItems items, server_.server().variables().open(*tables, *variable));
  TRY(gitops::Settings settings, gitops::settings_from({items.begin(), items.end()}));
  // Whoever may write the variable may not have this machine's files read.
  const bool is_local = !settings.folder.empty() || settings.url.starts_with('/') ||
                        settings.url.starts_with("file:");
  if (is_local || settings.ssh_key.starts_with('/') || settings.known_hosts.starts_with('/'))
    return base::invalid("files of this machine are read only where its configuration says so");
  return settings;
}

io::Task<void> GitopsPart::run() {
  while (true) {
    const state::Ref<model::Variable> variable =
        server_.server().store().snapshot()->variable(settings_key);
    const std::uint64_t index = variable ? variable->modify_index : 0;
    const bool leads = server_.whereabouts()->leads;
    if (!leads || index != settings_index_) operator_.reset();
    settings_index_ = index;
    if (leads) co_await cycle();
    const base::Duration next = world_.clock.uptime() +
                                (operator_ ? operator_->settings().interval : base::Duration(0));
    // The wait ends early when there is something else to follow.
    do {
      co_await world_.clock.sleep(leadership_look_interval);
      const state::Ref<model::Variable> now =
          server_.server().store().snapshot()->variable(settings_key);
      if ((now ? now->modify_index : 0) != settings_index_) break;
    } while (world_.clock.uptime() < next && server_.whereabouts()->leads);
  }
}

io::Task<void> GitopsPart::cycle() {
  Shown shown = *shown_.load(std::memory_order_acquire);
  shown.error.clear();
  if (!operator_) {
    base::Result<gitops::Settings> settings = wanted();
    shown = {};
    if (!settings) {
      shown.error = std::string(gitops::settings_variable) + ": " + settings.error().message;
      co_return show(std::move(shown));
    }
    if (!settings->is_set()) co_return show(std::move(shown));
    api_->show_token(settings->token);
    auto source = settings->url.empty()
                      ? gitops::make_folder_source(world_.disk, *settings)
                      : gitops::make_git_source(world_.disk, world_.processes, *settings,
                                                data_dir_ + "/gitops");
    const auto say = [this](const std::string& line) { log_.info(line); };
    operator_ = std::make_unique<gitops::Operator>(*settings, std::move(source), *api_,
                                                   world_.clock, say);
  }
  shown.source = gitops::shown_source(operator_->settings());
  shown.branch = operator_->settings().url.empty() ? "" : operator_->settings().branch;
  shown.report = co_await operator_->run_once();
  if (shown.report->problems.empty()) {
    shown.good_revision = shown.report->revision;
    shown.good_time = shown.report->time;
  }
  show(std::move(shown));
}

json::Value GitopsPart::status() const {
  const std::shared_ptr<const Shown> shown = shown_.load(std::memory_order_acquire);
  json::Object out{{"Source", shown->source},
                   {"Branch", shown->branch},
                   {"Error", shown->error},
                   {"GoodRevision", shown->good_revision},
                   {"GoodTime", time_text(shown->good_time)}};
  if (!shown->report) return out;
  const gitops::Report& report = *shown->report;
  json::Array problems;
  for (const gitops::Problem& problem : report.problems)
    problems.push_back(json::Object{{"File", problem.file}, {"Message", problem.message}});
  out["Revision"] = report.revision;
  out["Time"] = time_text(report.time);
  out["Jobs"] = std::uint64_t{report.jobs};
  out["Variables"] = std::uint64_t{report.variables};
  out["Applied"] = std::uint64_t{report.applied};
  out["Deleted"] = std::uint64_t{report.deleted};
  out["Problems"] = std::move(problems);
  return out;
}

}  // namespace caravan::agent
