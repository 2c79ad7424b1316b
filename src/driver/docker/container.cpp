// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/container.hpp"

#include <csignal>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/docker/spec.hpp"
#include "driver/docker/usage.hpp"

namespace caravan::driver::docker {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

/// A wait that says nothing is checked this often: the engine may have hung.
constexpr base::Duration look_interval = 30s;
constexpr base::Duration unreachable_retry = 1s;
constexpr base::Duration kill_retry = 1s;
constexpr base::Duration log_retry = 200ms, log_retry_max = 10s;
/// After the container's end its streams end too; when they do not, they are read without waiting.
constexpr base::Duration drain = 500ms;
/// 128 + SIGKILL.
constexpr int killed_code = 137;
constexpr base::Duration oom_look = 100ms;
constexpr int oom_looks = 10;
constexpr base::Duration rest_timeout = 20s;
constexpr base::Duration quick_timeout = 10s;
constexpr int remove_attempts = 5;
constexpr base::Duration remove_retry = 500ms;

bool flag_at(const json::Value& value, std::string_view key) {
  const bool* flag = value.at(key).as_bool();
  return flag && *flag;
}

}  // namespace

Inspection parse_inspection(const json::Value& said) {
  const json::Value& state = said.at("State");
  Inspection seen;
  seen.id = said.text_at("Id");
  seen.run = said.at("Config").at("Labels").text_at(run_label);
  seen.tty = flag_at(said.at("Config"), "Tty");
  seen.status = state.text_at("Status");
  seen.pid = static_cast<int>(state.at("Pid").number());
  seen.exit.code = static_cast<int>(state.at("ExitCode").number());
  seen.exit.oom = flag_at(state, "OOMKilled");
  seen.exit.error = state.text_at("Error");
  return seen;
}

io::Task<base::Result<Inspection>> inspect(Api& api, std::string container) {
  std::string path = "/containers/" + container + "/json";
  CO_TRY(const json::Value said, co_await api.call("GET", std::move(path), {}, quick_timeout));
  co_return parse_inspection(said);
}

io::Task<base::Status> remove(Api& api, std::string container) {
  base::Error last;
  for (int attempt = 0; attempt < remove_attempts; ++attempt) {
    if (attempt > 0) co_await api.world().clock.sleep(remove_retry);
    std::string path = "/containers/" + container + "?force=1&v=1";
    const base::Result<json::Value> removed = co_await api.call("DELETE", std::move(path));
    if (removed || removed.error().code == base::Code::not_found) co_return base::Status();
    last = removed.error();  // "removal is already in progress" among others
  }
  co_return std::unexpected(last);
}

io::Task<base::Result<bool>> remove_unstarted(Api& api, std::string container) {
  std::string path = "/containers/" + container + "?v=1";
  const base::Result<json::Value> removed = co_await api.call("DELETE", std::move(path));
  if (removed || removed.error().code == base::Code::not_found) co_return true;
  if (removed.error().code == base::Code::conflict) co_return false;
  co_return std::unexpected(removed.error());
}

Container::Container(Api& api, const Options& options, const TaskSpec& spec, std::string run,
                     std::string folder, std::set<std::string>& leftovers, io::Logger log,
                     boost::asio::any_io_executor lane)
    : api_(api),
      options_(options),
      name_(container_name(spec)),
      holder_(spec.network_namespace.empty() ? "" : holder_name(spec)),
      run_(std::move(run)),
      folder_(std::move(folder)),
      leftovers_(leftovers),
      log_(std::move(log)),
      changed_(lane) {
  if (spec.log_prefix.empty() || !options.collects_logs) return;
  for (const char* kind : {"stdout", "stderr"}) {
    const std::uint64_t bytes_max = static_cast<std::uint64_t>(spec.log_file_mb_max) * 1024 * 1024;
    LogFile file(api.world().disk, spec.log_prefix + "." + kind, spec.log_files_max, bytes_max);
    followers_.push_back(std::make_unique<LogFollower>(api, name_, kind, std::move(file),
                                                       folder_ + "/" + kind, log_));
    (void)followers_.back()->open();  // there before the task says anything; tried again by copy()
  }
}

io::Task<TaskExit> Container::wait() {
  if (followers_.empty()) {
    co_await until_ended();
  } else {
    LogFollower &out = *followers_[0], &err = *followers_[1];
    co_await (until_ended() && copy_logs(out) && copy_logs(err));
  }
  co_return *exit_;
}

/// A kill for want of memory is told by an event of its own, which may come after the end.
io::Task<void> Container::look_for_oom() {
  for (int i = 0; i < oom_looks && !exit_->oom; ++i) {
    co_await api_.world().clock.sleep(oom_look);
    const base::Result<Inspection> seen = co_await inspect(api_, name_);
    if (seen && seen->has_ended()) exit_->oom = seen->exit.oom;
  }
}

io::Task<void> Container::until_ended() {
  while (!exit_) {
    co_await look();
    if (exit_) break;
    if (kill_at_ && *kill_at_ <= api_.world().clock.uptime()) {
      (void)co_await kill(SIGKILL);  // as often as it takes: the engine may be away
      kill_at_ = api_.world().clock.uptime() + kill_retry;
    }
    base::Duration nap = look_interval;
    if (kill_at_) nap = std::clamp(*kill_at_ - api_.world().clock.uptime(), 0ns, nap);
    co_await (ask_for_end() || changed_.wait() || api_.world().clock.sleep(nap));
  }
  changed_.notify();
}

/// Sets `exit_` when the engine says that it is over. An engine that does not answer says nothing.
io::Task<void> Container::look() {
  const base::Result<Inspection> seen = co_await inspect(api_, name_);
  if (!seen) {
    if (seen.error().code == base::Code::not_found)
      exit_ = TaskExit{.error = "the container is gone; it was removed from outside"};
    else if (!std::exchange(told_unreachable_, true))
      log_.warn("the task goes on unwatched until the engine answers",
                {{"container", name_}, {"error", seen.error().message}});
    co_return;
  }
  told_unreachable_ = false;
  if (seen->run != run_) {
    exit_ = TaskExit{.error = "the container is gone; another run has its name"};
    co_return;
  }
  pid_ = seen->pid;
  tty_ = seen->tty;
  if (!std::exchange(seen_, true)) changed_.notify();
  if (seen->has_ended()) exit_ = seen->exit;
  if (exit_ && exit_->code == killed_code && !kill_at_) co_await look_for_oom();
  if (seen->status != "created") co_return;
  // Who asked for its start is gone, and no other will.
  const base::Result<bool> gone = co_await remove_unstarted(api_, name_);
  if (gone && *gone) exit_ = TaskExit{.error = "the container was never started"};
}

/// Returns when the container may have ended.
io::Task<void> Container::ask_for_end() {
  http::Request ask = request("POST", "/containers/" + name_ + "/wait?condition=not-running");
  const base::Result<std::unique_ptr<http::Incoming>> answer =
      co_await api_.open(std::move(ask), look_interval);
  if (answer) {
    const base::Result<std::string> said = co_await (*answer)->read();
    if (said && !said->empty()) co_return;
  }
  co_await api_.world().clock.sleep(unreachable_retry);
}

io::Task<void> Container::copy_logs(LogFollower& follower) {
  if (drained_.contains(&follower)) co_return;
  while (!exit_ && !seen_)
    co_await changed_.wait();
  if (!exit_) co_await copy_until_ended(follower);
  co_await (copy_rest(follower) || api_.world().clock.sleep(rest_timeout));
  drained_.insert(&follower);
}

io::Task<void> Container::copy_until_ended(LogFollower& follower) {
  const auto end = [this]() -> io::Task<void> {
    while (!exit_)
      co_await changed_.wait();
    co_await api_.world().clock.sleep(drain);
  };
  const auto follow = [this, &follower]() -> io::Task<void> {
    base::Duration nap = log_retry;
    while (!exit_) {
      const base::Status copied = co_await follower.copy(true, tty_);
      if (exit_) co_return;
      // It is asked again, from where it came; less often when the engine refuses.
      nap = copied ? log_retry : std::min<base::Duration>(nap * 2, log_retry_max);
      co_await (changed_.wait() || api_.world().clock.sleep(nap));
    }
  };
  co_await (follow() || end());
}

/// All that the engine has, so that nothing of the last words is missing.
io::Task<void> Container::copy_rest(LogFollower& follower) {
  while (true) {
    const base::Status copied = co_await follower.copy(false, tty_);
    if (copied || copied.error().code == base::Code::not_found) co_return;
    co_await api_.world().clock.sleep(log_retry);
  }
}

io::Task<base::Status> Container::kill(int signal) {
  std::string path = fmt::format("/containers/{}/kill?signal={}", name_, signal);
  const base::Result<json::Value> sent =
      co_await api_.call("POST", std::move(path), {}, quick_timeout);
  if (sent) co_return base::Status();
  const base::Code code = sent.error().code;
  // Conflict: it does not run any more.
  if (code == base::Code::not_found || code == base::Code::conflict) co_return base::Status();
  co_return std::unexpected(sent.error());
}

io::Task<base::Status> Container::signal(int signal) { co_return co_await kill(signal); }

io::Task<base::Status> Container::stop(int signal, base::Duration timeout) {
  const base::Duration deadline = api_.world().clock.uptime() + timeout;
  if (!kill_at_ || deadline < *kill_at_) kill_at_ = deadline;
  changed_.notify();
  co_return co_await kill(signal);
}

base::Result<TaskUsage> Container::usage() {
  if (pid_ <= 0 || exit_) return base::fail(base::Code::not_found, "the task is not running");
  return read_usage(api_.world().disk, pid_);
}

io::Task<void> Container::destroy() {
  if (options_.removes_containers) {
    const base::Result<Inspection> seen = co_await inspect(api_, name_);
    base::Status removed;
    if (!seen || seen->run == run_) removed = co_await remove(api_, name_);
    if (removed && !holder_.empty()) removed = co_await remove(api_, holder_);
    if (!removed) {
      leftovers_.insert(run_);
      log_.warn("cannot remove a container yet",
                {{"container", name_}, {"error", removed.error().message}});
    }
  }
  if (const base::Status forgot = api_.world().disk.remove(folder_); !forgot)
    log_.warn("cannot remove a run's folder", {{"error", forgot.error().message}});
}

}  // namespace caravan::driver::docker
