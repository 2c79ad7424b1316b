// SPDX-License-Identifier: Apache-2.0
#include "cli/held_program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/command.hpp"

extern char** environ;

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration look_interval = 100ms;
constexpr base::Duration retry_interval = 1s;
/// How long the program has to end after SIGTERM, when the lock is lost.
constexpr base::Duration end_patience = 5s;

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

void end(pid_t child) {
  ::kill(child, SIGTERM);
  for (const auto until = uptime() + end_patience; uptime() < until; pause(look_interval)) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

base::Result<pid_t> spawn(std::vector<std::string> words, bool in_shell,
                          const posix_spawn_file_actions_t* actions) {
  if (in_shell) words = {env_or("SHELL", "/bin/sh"), "-c", base::join(words, " ")};
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, arguments[0], actions, nullptr, arguments.data(), environ);
  if (error != 0)
    return base::fail(base::Code::io, fmt::format("{}: {}", words[0], std::strerror(error)));
  return pid;
}

/// Signals that tell us to end wait while it lives, until somebody asks for them.
class HeldSignals {
 public:
  HeldSignals() {
    ::sigemptyset(&signals_);
    for (const int one : {SIGINT, SIGTERM, SIGHUP})
      ::sigaddset(&signals_, one);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~HeldSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;

  bool came_within(base::Duration most) const {
    const timespec time{0, std::chrono::duration_cast<std::chrono::nanoseconds>(most).count()};
    return ::sigtimedwait(&signals_, nullptr, &time) > 0;
  }

 private:
  sigset_t signals_, before_;
};

}  // namespace

base::Result<pid_t> start_program(std::vector<std::string> words, bool in_shell, Input input) {
  if (input == Input::ours) return spawn(std::move(words), in_shell, nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  base::Result<pid_t> child = spawn(std::move(words), in_shell, &actions);
  ::posix_spawn_file_actions_destroy(&actions);
  return child;
}

base::Result<int> run_with_input(std::vector<std::string> words, bool in_shell,
                                 const std::string& input) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return base::fail(base::Code::io, fmt::format("pipe: {}", std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  const base::Result<pid_t> child = spawn(std::move(words), in_shell, &actions);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[0]);
  ::signal(SIGPIPE, SIG_IGN);  // it need not read all of it
  std::string_view left = input;
  while (child && !left.empty()) {
    const ssize_t n = ::write(ends[1], left.data(), left.size());
    if (n <= 0) break;
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  ::close(ends[1]);
  if (!child) return std::unexpected(child.error());
  int status = 0;
  ::waitpid(*child, &status, 0);
  return code_of(status);
}

std::optional<int> stand_by(Context& context, const Keeping& keeping, pid_t child) {
  const HeldSignals signals;
  auto renewed = uptime();
  auto next = renewed + keeping.interval;
  int failures = 0;
  while (true) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return code_of(status);
    const auto now = uptime();
    if (now >= next) {
      const base::Status kept = keeping.renew();
      next = now + (kept ? keeping.interval : retry_interval);
      failures = kept ? 0 : failures + 1;
      if (kept) renewed = now;
      const bool was_patient = keeping.retries ? failures > *keeping.retries
                                               : now - renewed > 2 * keeping.interval;
      if (!kept && (kept.error().code == base::Code::conflict || was_patient)) {
        context.err(fmt::format("Lock lost: {}", kept.error().message));
        end(child);
        return {};
      }
    }
    if (signals.came_within(look_interval)) {
      end(child);
      return {};
    }
  }
}

}  // namespace caravan::cli
