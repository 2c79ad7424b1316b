// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/docker.hpp"

#include <csignal>

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/docker/container.hpp"
#include "driver/docker/image.hpp"
#include "driver/docker/network_holder.hpp"
#include "driver/docker/session.hpp"
#include "driver/docker/spec.hpp"
#include "io/task.hpp"
#include "json/writer.hpp"

namespace caravan::driver::docker {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration start_timeout = 120s;
constexpr base::Duration fingerprint_timeout = 5s;
/// How long recover() waits for an engine that does not answer. After that the run is taken to be
/// there, and wait() finds out.
constexpr base::Duration recover_timeout = 10s;
constexpr base::Duration recover_retry = 500ms;

/// The host's address on the bridge. An engine that just made it knows its pool only: the first
/// address of it, then.
std::string bridge_ip(const json::Value& pool) {
  const std::string gateway = pool.text_at("Gateway"), subnet = pool.text_at("Subnet");
  if (!gateway.empty() || !subnet.ends_with(".0/16")) return gateway;
  return subnet.substr(0, subnet.size() - 4) + "1";
}

/// What the engine says about a start that failed: the image's or the user's mistake, or ours.
base::Error start_error(const base::Error& error) {
  const bool mistake = error.code == base::Code::invalid || error.code == base::Code::not_found;
  return {mistake ? base::Code::invalid : base::Code::io,
          fmt::format("cannot start the container: {}", error.message)};
}

/// Links in the task's folders may lead anywhere; the task itself may have made them.
base::Status follow_links(io::Disk& disk, const TaskSpec& spec, std::vector<Bind>& binds) {
  const std::string folder = spec.alloc_dir.substr(0, spec.alloc_dir.rfind('/'));
  TRY(const std::string root, disk.follow_links(folder));
  for (Bind& bind : binds) {
    if (!bind.must_stay_inside) continue;
    TRY(const std::string real, disk.follow_links(bind.source));
    if (real != root && !real.starts_with(root + "/"))
      return base::invalid(fmt::format(
          "\"{}\" leads out of the allocation's folder, and volumes are not enabled in plugin "
          "\"docker\" on this node",
          bind.source));
    bind.source = real;
  }
  return {};
}

}  // namespace

Docker::Docker(io::World& world, Options options, std::string folder, io::Logger log)
    : world_(world),
      options_(std::move(options)),
      folder_(std::move(folder)),
      log_(std::move(log)),
      api_(world, io::Address::unix_socket(options_.socket)) {}

int Docker::default_signal() const { return SIGTERM; }

base::Status Docker::validate(const json::Object& config) const {
  TRY(const Config read, read_config(config));
  return check_allowed(read, options_);
}

io::Task<base::Status> Docker::prepare(const TaskSpec& spec, const Tell& tell) {
  CO_TRY(const Config config, read_config(spec.config));
  co_return co_await provide_image(api_, spec, config, options_, tell);
}

std::string Docker::reserve(const TaskSpec& spec, std::uint64_t run) {
  return fmt::format("docker-{}.{}", container_name(spec), run);
}

io::Task<std::unique_ptr<TaskHandle>> Docker::handle(const TaskSpec& spec, const std::string& run) {
  const auto lane = co_await boost::asio::this_coro::executor;
  co_return std::make_unique<Container>(api_, options_, spec, run, run_folder(run), leftovers_,
                                        log_, lane);
}

/// What has the name is an earlier run that was not removed in time.
io::Task<base::Status> Docker::free_name(const TaskSpec& spec) {
  const std::string name = container_name(spec);
  const base::Result<json::Value> there =
      co_await api_.call("GET", "/containers/" + name + "/json");
  if (!there) {
    if (there.error().code == base::Code::not_found) co_return base::Status();
    co_return std::unexpected(there.error());
  }
  const std::string owner = there->at("Config").at("Labels").text_at(alloc_label);
  if (owner != spec.alloc_id.to_string())
    co_return base::fail(base::Code::io,
                         fmt::format("the name {} is taken by a container that is not ours", name));
  co_return co_await remove(api_, name);
}

io::Task<base::Status> Docker::create(const TaskSpec& spec, json::Value body) {
  const std::string path = "/containers/create?name=" + container_name(spec);
  base::Error last;
  for (int attempt = 0; attempt < options_.name_attempts; ++attempt) {
    const base::Result<json::Value> made = co_await api_.call("POST", path, body);
    if (made) co_return base::Status();
    last = made.error();
    if (last.code != base::Code::conflict) break;
    CO_TRY_VOID(co_await free_name(spec));
  }
  // An image that went away between its check and now comes back with the next try.
  const base::Code code = last.code == base::Code::invalid ? last.code : base::Code::io;
  co_return base::fail(code, fmt::format("cannot create the container: {}", last.message));
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Docker::start(const TaskSpec& spec,
                                                                  const std::string& run) {
  CO_TRY(const Config config, read_config(spec.config));
  CO_TRY_VOID(check_allowed(config, options_));
  CO_TRY(std::vector<Bind> folders, binds(spec, config, options_));
  CO_TRY_VOID(follow_links(world_.disk, spec, folders));
  CO_TRY(json::Value body, create_request(spec, config, options_, folders, run));
  const std::string folder = run_folder(run);
  CO_TRY_VOID(world_.disk.make_dirs(folder, 0700));
  base::Status launched;
  if (joins_group_network(spec, config))
    launched = co_await hold_network(api_, spec, config, options_, run, folder);
  if (launched) launched = co_await launch(spec, run, std::move(body));
  if (launched) co_return co_await handle(spec, run);
  co_await forget(spec, run);
  co_return std::unexpected(launched.error());
}

io::Task<base::Status> Docker::launch(const TaskSpec& spec, const std::string& run,
                                      json::Value body) {
  CO_TRY_VOID(co_await create(spec, std::move(body)));
  std::string path = "/containers/" + container_name(spec) + "/start";
  const base::Result<json::Value> started =
      co_await api_.call("POST", std::move(path), {}, start_timeout);
  if (started) co_return base::Status();
  // An answer that was lost is not a start that failed. Who cannot know lets wait() find out.
  const base::Result<bool> begun = co_await has_begun(spec, run);
  if (begun && !*begun) co_return std::unexpected(start_error(started.error()));
  co_return base::Status();
}

/// What is left of a run that never began.
io::Task<void> Docker::forget(const TaskSpec& spec, const std::string& run) {
  const std::string name = container_name(spec);
  const base::Result<Inspection> seen = co_await inspect(api_, name);
  if (seen && seen->run == run)
    (void)co_await remove(api_, name);  // its creation's answer was lost
  if (!spec.network_namespace.empty()) (void)co_await remove(api_, holder_name(spec));
  (void)world_.disk.remove(run_folder(run));
}

/// Whether the run's container was ever started; one that was only created is removed, so that it
/// never will be. The engine refuses to remove a running one without force, so whoever comes first,
/// a start still under way or this, wins.
io::Task<base::Result<bool>> Docker::has_begun(const TaskSpec& spec, const std::string& run) {
  const std::string name = container_name(spec);
  const base::Duration deadline = world_.clock.uptime() + recover_timeout;
  while (true) {
    const base::Result<Inspection> seen = co_await inspect(api_, name);
    if (seen && (seen->run != run)) co_return false;
    if (seen && seen->status != "created") co_return true;
    if (!seen && seen.error().code == base::Code::not_found) co_return false;
    base::Result<bool> gone = std::unexpected(seen ? base::Error() : seen.error());
    if (seen) gone = co_await remove_unstarted(api_, name);
    if (gone && *gone) co_return false;
    if (world_.clock.uptime() > deadline) {
      if (!gone) co_return std::unexpected(gone.error());
      co_return true;
    }
    co_await world_.clock.sleep(recover_retry);
  }
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Docker::recover(const TaskSpec& spec,
                                                                    const std::string& run) {
  const base::Result<bool> begun = co_await has_begun(spec, run);
  if (begun && !*begun) {
    co_await forget(spec, run);
    co_return nullptr;
  }
  co_return co_await handle(spec, run);
}

io::Task<base::Result<int>> Docker::exec(const TaskSpec& spec, const std::string&,
                                         const ExecSpec& what, ExecPipe& pipe) {
  co_return co_await run_in_container(api_, container_name(spec), what, pipe);
}

io::Task<void> Docker::remove_leftovers() {
  const std::set<std::string> runs = leftovers_;
  for (const std::string& run : runs) {
    const json::Object filter = {{"label", json::Array{std::string(run_label) + "=" + run}}};
    std::string path =
        "/containers/json?all=1&filters=" + base::percent_encode(json::to_string(filter));
    const base::Result<json::Value> found = co_await api_.call("GET", std::move(path));
    if (!found || !found->as_array()) co_return;
    bool all_gone = true;
    for (const json::Value& container : *found->as_array()) {
      const base::Status removed = co_await remove(api_, container.text_at("Id"));
      all_gone = all_gone && removed;
    }
    if (all_gone) leftovers_.erase(run);
  }
}

io::Task<base::Status> Docker::describe(Fingerprint& print) {
  CO_TRY_VOID(co_await api_.version());
  CO_TRY(const json::Value info, co_await api_.call("GET", "/info", {}, fingerprint_timeout));
  std::vector<std::string> runtimes;
  if (const json::Object* known = info.at("Runtimes").as_object())
    for (const json::Member& member : *known)
      runtimes.push_back(member.name);
  std::ranges::sort(runtimes);
  auto& a = print.attributes;
  a["driver.docker"] = "1";
  a["driver.docker.version"] = info.text_at("ServerVersion");
  a["driver.docker.os_type"] = info.text_at("OSType");
  a["driver.docker.runtimes"] = base::join(runtimes, ",");
  if (options_.allows_volumes) a["driver.docker.volumes.enabled"] = "true";
  if (options_.allows_privileged) a["driver.docker.privileged.enabled"] = "true";
  const base::Result<json::Value> bridge =
      co_await api_.call("GET", "/networks/bridge", {}, fingerprint_timeout);
  if (!bridge) co_return base::Status();  // an engine may be run without one
  const json::Array* pools = bridge->at("IPAM").at("Config").as_array();
  if (pools && !pools->empty()) {
    const std::string ip = bridge_ip(pools->front());
    if (!ip.empty()) a["driver.docker.bridge_ip"] = ip;
  }
  co_return base::Status();
}

io::Task<Fingerprint> Docker::fingerprint() {
  Fingerprint print;
  if (!world_.disk.exists(options_.socket)) {
    print.description =
        fmt::format("{} does not exist; is Docker installed and running?", options_.socket);
    co_return print;
  }
  print.detected = true;
  const base::Status described = co_await describe(print);
  if (!described) {
    print.attributes.clear();
    print.description = described.error().message;
    co_return print;
  }
  print.healthy = true;
  print.description = "Healthy";
  co_await remove_leftovers();
  co_return print;
}

}  // namespace caravan::driver::docker
