// SPDX-License-Identifier: Apache-2.0
#include "cli/held_program.hpp"

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

}  // namespace

base::Result<pid_t> start_program(std::vector<std::string> words, bool in_shell) {
  if (in_shell) words = {env_or("SHELL", "/bin/sh"), "-c", base::join(words, " ")};
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ);
  if (error != 0)
    return base::fail(base::Code::io, fmt::format("{}: {}", words[0], std::strerror(error)));
  return pid;
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
