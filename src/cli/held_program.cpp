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

}  // namespace

base::Result<pid_t> start_program(std::vector<std::string> words, bool in_shell) {
  return spawn(std::move(words), in_shell, nullptr);
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
  auto renewed = uptime();
  auto next = renewed + keeping.interval;
  while (true) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return code_of(status);
    const auto now = uptime();
    if (now >= next) {
      const base::Status kept = keeping.renew();
      next = now + (kept ? keeping.interval : retry_interval);
      if (kept) renewed = now;
      const bool is_lost = !kept && (kept.error().code == base::Code::conflict ||
                                     now - renewed > 2 * keeping.interval);
      if (is_lost) {
        context.err(fmt::format("Lock lost: {}", kept.error().message));
        end(child);
        return {};
      }
    }
    pause(look_interval);
  }
}

}  // namespace caravan::cli
