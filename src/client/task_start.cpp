// SPDX-License-Identifier: Apache-2.0
// The road from a task's block to a process: identities, environment, artifacts, templates, a name
// for the run written down, the driver.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "client/task_runner.hpp"
#include "driver/raw_exec.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

/// Data that a template lacks is looked for this often.
constexpr base::Duration template_retry = 1s;

driver::TaskSpec::Mount::Propagation propagation(const std::string& mode) {
  using Propagation = driver::TaskSpec::Mount::Propagation;
  if (mode == "host-to-task") return Propagation::host_to_task;
  return mode == "bidirectional" ? Propagation::bidirectional : Propagation::isolated;
}

std::unexpected<base::Error> stopped() {
  return base::fail(base::Code::unavailable, "the task was stopped");
}

}  // namespace

TaskEnv TaskRunner::make_env() const {
  const driver::Driver& d = driver();
  const AllocDir& dir = owner_.dir();
  TaskPaths paths{"/alloc", "/local", "/secrets"};
  if (!d.has_own_root()) paths = {dir.shared(), dir.local(name_), dir.secrets(name_)};
  const std::map<std::string, std::string> none;
  const auto devices = reserve_devices(host_.devices, owner_.allocation(), name_);
  return TaskEnv({owner_.allocation(), task(), host_.node, host_.region, paths,
                  d.passes_host_env() ? host_.host_env : none, devices ? devices->env : none,
                  templates_.env(), identities_.env()});
}

driver::TaskSpec TaskRunner::spec() const {
  const model::Allocation& alloc = owner_.allocation();
  const TaskEnv env = make_env();
  driver::TaskSpec spec;
  spec.alloc_id = alloc.id;
  spec.task = name_;
  spec.job = alloc.job->id;
  spec.group = alloc.group;
  spec.job_name = alloc.job->name;
  spec.parent_job = alloc.job->parent_id;
  spec.job_namespace = alloc.job->ns;
  spec.node_name = host_.node.name;
  spec.node_id = host_.node.id.to_string();
  const json::Value filled = env.fill(json::Value(task().config));
  spec.config = *filled.as_object();
  spec.env = env.variables();
  spec.user = env.interpolate(task().user);
  spec.resources = task().resources;
  if (!alloc.memory_oversubscription) spec.resources.memory_mb_max = 0;
  spec.task_dir = owner_.dir().task(name_);
  spec.alloc_dir = owner_.dir().shared();
  if (!task().logs.disabled) spec.log_prefix = owner_.dir().logs() + "/" + name_;
  spec.log_files_max = task().logs.max_files;
  spec.log_file_mb_max = task().logs.max_file_size_mb;
  spec.ports = alloc.ports;
  if (auto devices = reserve_devices(host_.devices, alloc, name_))
    spec.devices = std::move(devices->nodes);
  const AllocNetwork& network = owner_.network();
  spec.network_namespace = network.namespace_path;
  spec.hostname = network.hostname;
  spec.name_files = network.name_files;
  for (const model::VolumeMount& mount : task().volume_mounts) {
    const model::VolumeRequest& request = alloc.task_group().volumes.at(mount.volume);
    const auto volume = host_.node.host_volumes.find(request.source);
    if (volume == host_.node.host_volumes.end()) continue;
    const bool read_only = mount.read_only || request.read_only || volume->second.read_only;
    spec.mounts.push_back({volume->second.path, env.interpolate(mount.destination), read_only,
                           propagation(mount.propagation_mode)});
  }
  return spec;
}

io::Task<base::Result<std::unique_ptr<driver::TaskHandle>>> TaskRunner::recover() {
  // What templates gave to the environment is made again, for a later restart.
  if (!templates_.empty()) (void)templates_.render(make_env());
  co_return co_await driver().recover(spec(), record_.run);
}

base::Status TaskRunner::write_payload() {
  const model::Job& job = *owner_.allocation().job;
  if (record_.runs > 0 || !task().dispatch_payload || job.payload.empty()) return {};
  TRY(const std::string payload, base::base64_decode(job.payload));
  const std::string local = owner_.dir().local(name_);
  TRY(const std::string path, inside(local, task().dispatch_payload->file));
  if (path == local) return base::invalid("dispatch_payload: the file has no name");
  TRY_VOID(host_.world.disk.make_dirs(path.substr(0, path.rfind('/')), 0777));
  return host_.world.disk.write_file(path, payload, 0644, -1, -1);
}

io::Task<base::Status> TaskRunner::fetch() {
  if (record_.artifacts_done || task().artifacts.empty()) co_return base::Status();
  co_await note(event::downloading());
  const TaskEnv env = make_env();
  const model::Task wanted = task();  // an update in place may replace it meanwhile
  Owner owner;
  const std::string user = env.interpolate(wanted.user);
  if (!user.empty() && std::ranges::any_of(wanted.artifacts, &model::Artifact::chown)) {
    CO_TRY(const auto ids, driver::user_ids(host_.world.disk, user));
    owner = {ids.first, ids.second};
  }
  auto raced =
      co_await (fetch_artifacts(host_.world, host_.fetch, wanted, env, owner_.dir(), owner) ||
                until_killed());
  if (raced.index() == 1) co_return stopped();
  CO_TRY_VOID(std::get<0>(std::move(raced)));
  record_.artifacts_done = true;
  co_await save();
  co_return base::Status();
}

io::Task<void> TaskRunner::until_killed() {
  while (!killing_)
    co_await command_.wait();
}

io::Task<base::Status> TaskRunner::render_templates() {
  std::string told;
  for (bool asked = false;; asked = true) {
    const base::Status rendered = templates_.render(make_env());
    if (rendered || rendered.error().code != base::Code::unavailable) co_return rendered;
    const std::string& why = rendered.error().message;
    if (asked && why != std::exchange(told, why)) co_await note(event::waiting_for_template(why));
    if (killing_) co_return stopped();
    co_await (command_.wait() || template_news(template_retry));
  }
}

/// Returns when rendering may give something else: at once when the cluster says something new,
/// after `look` when files are read too or nobody answers.
io::Task<void> TaskRunner::template_news(base::Duration look) {
  constexpr base::Duration patience = 60s;
  const base::Duration wait = templates_.watches_files() ? look : patience;
  if (templates_.asks() && co_await templates_.update(wait)) co_return;
  co_await host_.world.clock.sleep(look);
}

io::Task<void> TaskRunner::tell(std::string message) {
  co_await note(event::driver_message(std::move(message)));
}

/// What takes long ends early when the task is to end.
io::Task<base::Status> TaskRunner::prepare(const driver::TaskSpec& what) {
  const driver::Tell say = [this](std::string message) { return tell(std::move(message)); };
  auto raced = co_await (driver().prepare(what, say) || until_killed());
  if (raced.index() == 1) co_return stopped();
  co_return std::get<0>(raced);
}

io::Task<base::Result<std::unique_ptr<driver::TaskHandle>>> TaskRunner::start() {
  if (!host_.drivers.contains(task().driver)) {
    co_return base::invalid(fmt::format("driver \"{}\" is not on this node", task().driver));
  }
  if (record_.runs == 0) co_await note(event::setup("Building Task Directory"));
  step_ = Step::identity;
  CO_TRY_VOID(co_await obtain_identities());
  step_ = Step::payload;
  CO_TRY_VOID(write_payload());
  step_ = Step::artifacts;
  CO_TRY_VOID(co_await fetch());
  step_ = Step::templates;
  if (!templates_.empty()) CO_TRY_VOID(co_await render_templates());
  step_ = Step::driver;
  CO_TRY_VOID(reserve_devices(host_.devices, owner_.allocation(), name_));
  if (killing_) co_return stopped();
  const driver::TaskSpec what = spec();
  CO_TRY_VOID(driver().validate(what.config));
  CO_TRY_VOID(co_await prepare(what));
  first_render_ = record_.runs == 0;
  record_.run = driver().reserve(what, ++record_.runs);
  record_.run_ended = false;
  // From here on the run may come to life; whoever finds this record looks for it.
  co_await save();
  co_return co_await driver().start(what, record_.run);
}

model::TaskEvent TaskRunner::failure_event(const base::Error& error) const {
  switch (step_) {
    case Step::identity:
    case Step::payload:
      return event::setup_failure(error.message);
    case Step::artifacts:
      return event::download_failed(error.message);
    case Step::templates:
      return event::template_failed(error.message);
    case Step::driver:
      return event::driver_failure(error.message);
  }
  return event::driver_failure(error.message);
}

}  // namespace caravan::client
