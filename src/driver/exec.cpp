// SPDX-License-Identifier: Apache-2.0
#include "driver/exec.hpp"

#include <csignal>
#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/config.hpp"
#include "driver/device_node.hpp"
#include "driver/exec_session.hpp"
#include "driver/raw_exec.hpp"
#include "io/task.hpp"
#include "json/writer.hpp"

namespace caravan::driver {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration delete_timeout = 20s;
constexpr base::Duration trial_timeout = 20s;
constexpr std::int64_t megabyte = 1024 * 1024;
constexpr std::int64_t shares_per_core = 1024;
constexpr const char* default_user = "nobody";
constexpr const char* default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a task sees of the host unless the agent's chroot_env says otherwise. Of /etc only what
/// programs need to find libraries, names, hosts, certificates and the time.
constexpr const char* host_paths[] = {"/bin",
                                      "/lib",
                                      "/lib32",
                                      "/lib64",
                                      "/sbin",
                                      "/usr",
                                      "/run/resolvconf",
                                      "/run/systemd/resolve",
                                      "/etc/alternatives",
                                      "/etc/ca-certificates",
                                      "/etc/group",
                                      "/etc/gai.conf",
                                      "/etc/hostname",
                                      "/etc/hosts",
                                      "/etc/ld.so.cache",
                                      "/etc/ld.so.conf",
                                      "/etc/ld.so.conf.d",
                                      "/etc/localtime",
                                      "/etc/nsswitch.conf",
                                      "/etc/os-release",
                                      "/etc/passwd",
                                      "/etc/pki",
                                      "/etc/profile",
                                      "/etc/protocols",
                                      "/etc/resolv.conf",
                                      "/etc/services",
                                      "/etc/ssl",
                                      "/etc/terminfo",
                                      "/etc/timezone"};

struct ExecConfig {
  std::string command, work_dir, pid_mode, ipc_mode;
  std::vector<std::string> args, cap_add, cap_drop;
};

base::Result<ExecConfig> read(const json::Object& config, const ExecOptions& options) {
  ConfigReader reader(config);
  ExecConfig exec;
  exec.command = reader.required_text("command");
  exec.args = reader.list("args");
  exec.work_dir = reader.text("work_dir");
  exec.pid_mode = reader.text("pid_mode");
  exec.ipc_mode = reader.text("ipc_mode");
  exec.cap_add = reader.list("cap_add");
  exec.cap_drop = reader.list("cap_drop");
  TRY_VOID(reader.finish());
  if (exec.pid_mode.empty()) exec.pid_mode = options.default_pid_mode;
  if (exec.ipc_mode.empty()) exec.ipc_mode = options.default_ipc_mode;
  for (const auto& [key, mode] :
       {std::pair("pid_mode", exec.pid_mode), std::pair("ipc_mode", exec.ipc_mode)})
    if (mode != "private" && mode != "host")
      return base::invalid(fmt::format("config.{}: \"{}\" is neither private nor host", key,
                                       base::printable(mode, 64)));
  if (!exec.work_dir.empty() && !exec.work_dir.starts_with('/'))
    return base::invalid("config.work_dir: not an absolute path");
  return exec;
}

/// A container under a supervisor. The supervisor's child is the runtime, which passes signals on.
class ExecTask : public TaskHandle {
 public:
  ExecTask(std::unique_ptr<TaskHandle> supervised, const Runtime& runtime, std::string id)
      : supervised_(std::move(supervised)), runtime_(runtime), id_(std::move(id)) {}

  io::Task<TaskExit> wait() override { return supervised_->wait(); }
  io::Task<base::Status> signal(int signal) override { return supervised_->signal(signal); }
  io::Task<base::Status> stop(int signal, base::Duration timeout) override {
    return supervised_->stop(signal, timeout);
  }
  base::Result<TaskUsage> usage() override { return runtime_.usage(id_); }
  io::Task<void> destroy() override {
    std::vector<std::string> words = {"delete", "--force", id_};
    (void)co_await runtime_.call(std::move(words), delete_timeout);  // usually it is gone already
    co_await supervised_->destroy();
  }

 private:
  std::unique_ptr<TaskHandle> supervised_;
  const Runtime& runtime_;
  std::string id_;
};

const char* option(TaskSpec::Mount::Propagation propagation) {
  switch (propagation) {
    case TaskSpec::Mount::Propagation::host_to_task:
      return "rslave";
    case TaskSpec::Mount::Propagation::bidirectional:
      return "rshared";
    case TaskSpec::Mount::Propagation::isolated:
      return "rprivate";
  }
  return "rprivate";
}

/// The container's name. Runs are named by hashes, so nobody else's are met.
std::string container(const std::string& run) { return "caravan-" + run; }

}  // namespace

Exec::Exec(io::World& world, Supervisors& supervisors, ExecOptions options)
    : world_(world),
      supervisors_(supervisors),
      options_(std::move(options)),
      runtime_(world, options_.path) {}

int Exec::default_signal() const { return SIGINT; }

base::Status Exec::validate(const json::Object& config) const {
  TRY(const ExecConfig exec, read(config, options_));
  TRY_VOID(capabilities(exec.cap_add, exec.cap_drop, options_.allow_caps));
  return {};
}

std::vector<Bundle::Mount> Exec::host_mounts() const {
  std::vector<Bundle::Mount> mounts;
  for (const auto& [source, target] : options_.chroot_env)
    if (world_.disk.exists(source)) mounts.push_back({source, target, true});
  if (!options_.chroot_env.empty()) return mounts;
  for (const char* path : host_paths)
    if (world_.disk.exists(path)) mounts.push_back({path, path, true});
  return mounts;
}

base::Result<Bundle> Exec::make_bundle(const TaskSpec& spec, const std::string& run) const {
  TRY(const ExecConfig exec, read(spec.config, options_));
  Bundle bundle;
  bundle.root = spec.task_dir;
  bundle.argv = {exec.command};
  for (const char* folder :
       {"/local/", "/"})  // a fetched program is named as it lies in the task's folder
    if (!exec.command.starts_with('/') &&
        world_.disk.exists(spec.task_dir + folder + exec.command)) {
      bundle.argv = {folder + exec.command};
      break;
    }
  bundle.argv.insert(bundle.argv.end(), exec.args.begin(), exec.args.end());
  std::map<std::string, std::string> env = spec.env;
  env.try_emplace("PATH", default_path);
  for (const auto& [key, value] : env)
    bundle.env.push_back(key + "=" + value);
  if (!exec.work_dir.empty()) bundle.cwd = exec.work_dir;
  TRY(const auto ids, user_ids(world_.disk, spec.user.empty() ? default_user : spec.user));
  bundle.uid = ids.first;
  bundle.gid = ids.second;
  TRY(bundle.capabilities, capabilities(exec.cap_add, exec.cap_drop, options_.allow_caps));
  bundle.mounts = host_mounts();
  bundle.mounts.push_back({spec.alloc_dir, "/alloc", false});
  for (const TaskSpec::Mount& file : spec.name_files) {
    std::erase_if(bundle.mounts,
                  [&](const Bundle::Mount& m) { return m.target == file.task_path; });
    bundle.mounts.push_back({file.host_path, file.task_path, file.read_only});
  }
  for (const TaskSpec::Mount& mount : spec.mounts) {
    const char* propagation = option(mount.propagation);
    bundle.mounts.push_back({mount.host_path, mount.task_path, mount.read_only, propagation});
  }
  for (const TaskSpec::Device& device : spec.devices) {
    TRY(Bundle::Device node, device_node(device));
    bundle.devices.push_back(std::move(node));
  }
  bundle.private_pid = exec.pid_mode == "private";
  bundle.private_ipc = exec.ipc_mode == "private";
  bundle.network_namespace = spec.network_namespace;
  bundle.hostname = spec.hostname;
  bundle.cgroup = runtime_.cgroup(container(run));
  const model::Resources& r = spec.resources;
  bundle.cpu_shares = r.cores > 0 ? r.cores * shares_per_core : r.cpu;
  if (r.memory_mb_max >= 0) bundle.memory_bytes = std::max(r.memory_mb, r.memory_mb_max) * megabyte;
  if (r.memory_mb_max != 0) bundle.memory_reservation_bytes = r.memory_mb * megabyte;
  bundle.limits_swap = runtime_.can_limit_swap();
  return bundle;
}

io::Task<base::Status> Exec::write_bundle(const std::string& folder, const Bundle& bundle) const {
  CO_TRY_VOID(world_.disk.make_dirs(folder, 0700));
  const std::string text = json::to_string(to_config(bundle));
  co_return world_.disk.write_file(folder + "/config.json", text, 0600, -1, -1);
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Exec::start(const TaskSpec& spec,
                                                                const std::string& run) {
  CO_TRY(const Bundle bundle, make_bundle(spec, run));
  const std::string folder = supervisors_.run_folder(run), id = container(run);
  CO_TRY_VOID(co_await write_bundle(folder, bundle));
  Command command;
  command.argv = runtime_.command({"run", "--bundle", folder, id});
  command.env = {fmt::format("PATH={}", default_path)};
  command.dir = "/";
  CO_TRY(std::unique_ptr<TaskHandle> supervised,
         co_await supervisors_.start(spec, run, std::move(command)));
  co_return std::make_unique<ExecTask>(std::move(supervised), runtime_, id);
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Exec::recover(const TaskSpec&,
                                                                  const std::string& run) {
  CO_TRY(std::unique_ptr<TaskHandle> supervised, co_await supervisors_.recover(run));
  if (!supervised) co_return nullptr;
  co_return std::make_unique<ExecTask>(std::move(supervised), runtime_, container(run));
}

/// In the container, as its first process is.
io::Task<base::Result<int>> Exec::exec(const TaskSpec& spec, const std::string& run,
                                       const ExecSpec& what, ExecPipe& pipe) {
  CO_TRY(Bundle bundle, make_bundle(spec, run));
  if (what.tty && !spec.env.contains("TERM")) bundle.env.push_back("TERM=xterm");
  const std::string file =
      fmt::format("{}/process.{}", supervisors_.run_folder(run), world_.random.uuid().to_string());
  const std::string process = json::to_string(to_process(bundle, what.command, what.tty));
  CO_TRY_VOID(world_.disk.write_file(file, process, 0600, -1, -1));
  std::vector<std::string> words = {"exec", "--process", file};
  if (what.tty) words.push_back("--tty");
  words.push_back(container(run));
  io::Program program;
  program.argv = runtime_.command(std::move(words));
  program.env = {fmt::format("PATH={}", default_path)};
  base::Result<int> code = co_await run_session(world_, std::move(program), what.tty, pipe);
  (void)world_.disk.remove(file);
  co_return code;
}

/// The truth about a runtime is whether it runs something.
io::Task<base::Status> Exec::try_container() const {
  const std::string& folder = options_.trial_dir;
  CO_TRY_VOID(world_.disk.make_dirs(folder + "/root", 0755));
  const std::string id = container(fmt::format("trial-{}", world_.random.uuid().to_string()));
  Bundle bundle;
  bundle.root = folder + "/root";
  bundle.argv = {"/bin/sh", "-c", "exit 0"};
  bundle.env = {fmt::format("PATH={}", default_path)};
  bundle.capabilities = default_capabilities();
  bundle.mounts = host_mounts();
  bundle.cgroup = runtime_.cgroup(id);
  bundle.cpu_shares = shares_per_core;
  bundle.memory_bytes = 64 * megabyte;
  bundle.limits_swap = runtime_.can_limit_swap();
  CO_TRY_VOID(co_await write_bundle(folder, bundle));
  std::vector<std::string> run = {"run", "--bundle", folder, id},
                           forget = {"delete", "--force", id};
  const base::Result<std::string> ran = co_await runtime_.call(std::move(run), trial_timeout);
  if (!ran) (void)co_await runtime_.call(std::move(forget), delete_timeout);
  (void)world_.disk.remove(folder);
  if (!ran) co_return std::unexpected(ran.error());
  co_return base::Status();
}

io::Task<Fingerprint> Exec::fingerprint() {
  Fingerprint print;
  if (::geteuid() != 0)
    print.description = "the agent does not run as root";
  else if (!runtime_.exists())
    print.description = "neither crun nor runc is in PATH";
  else if (runtime_.cgroups() == Cgroups::none)
    print.description = "no cgroups are mounted at /sys/fs/cgroup";
  else
    print.detected = true;
  if (!print.detected) co_return print;
  if (!works_) {
    const base::Status tried = co_await try_container();
    works_ = tried.has_value();
    if (!tried) print.description = tried.error().message;
  }
  print.healthy = works_;
  if (!works_) co_return print;
  print.description = "Healthy";
  print.attributes = {{"driver.exec", "1"}, {"driver.exec.runtime", runtime_.program()}};
  co_return print;
}

}  // namespace caravan::driver
