// SPDX-License-Identifier: Apache-2.0
// var lock: runs a program for as long as a lock is held.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/variable_spec.hpp"
#include "cli/variable_view.hpp"
#include "cli/verbs.hpp"

extern char** environ;

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration look_interval = 100ms;
constexpr base::Duration retry_interval = 1s;
/// How long the program has to end after SIGTERM, when the lock is lost.
constexpr base::Duration end_patience = 5s;
constexpr int lost_code = 1;

/// The lock on one variable, as this program holds it.
class Holding {
 public:
  Holding(Context& context, VariableSpec spec) : context_(context), spec_(std::move(spec)) {}

  base::Status acquire() {
    TRY(const Reply reply, send("lock-acquire"));
    (*spec_.body["Lock"].as_object())["ID"] = text(reply.body.at("Lock"), "ID");
    const auto ttl = base::parse_duration(text(reply.body.at("Lock"), "TTL"));
    if (!ttl) return std::unexpected(ttl.error());
    interval_ = *ttl / 2;
    return {};
  }
  base::Status renew() {
    TRY_VOID(send("lock-renew"));
    return {};
  }
  void release() { (void)send("lock-release"); }
  base::Duration interval() const { return interval_; }

 private:
  base::Result<Reply> send(const char* step) {
    return context_.api().send("PUT", variable_path(spec_.path), spec_.body, {{step, ""}});
  }

  Context& context_;
  VariableSpec spec_;
  base::Duration interval_{0};
};

base::Result<pid_t> start(std::vector<std::string> words, bool in_shell) {
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

/// Renews until the program ends. A lock that could not be renewed for a whole time to live is
/// lost: somebody else may have it.
int stand_by(Context& context, Holding& lock, pid_t child) {
  auto renewed = uptime();
  auto next = renewed + lock.interval();
  while (true) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return code_of(status);
    const auto now = uptime();
    if (now >= next) {
      const base::Status kept = lock.renew();
      next = now + (kept ? lock.interval() : retry_interval);
      if (kept) renewed = now;
      const bool is_lost = !kept && (kept.error().code == base::Code::conflict ||
                                     now - renewed > 2 * lock.interval());
      if (is_lost) {
        context.err(fmt::format("Lock lost: {}", kept.error().message));
        end(child);
        return lost_code;
      }
    }
    pause(look_interval);
  }
}

base::Status acquire(Context& context, Holding& lock, long long attempts) {
  bool told = false;
  for (long long attempt = 1;; ++attempt) {
    const base::Status got = lock.acquire();
    if (got || got.error().code != base::Code::conflict || attempt == attempts) return got;
    if (!std::exchange(told, true)) context.err("Somebody else holds the lock; waiting.");
    pause(retry_interval);
  }
}

int run_lock(Context& context) {
  base::Result<VariableSpec> spec = read_variable_spec(context.words);
  if (!spec) return context.fail("Failed to parse variable", spec.error());
  const std::vector<std::string> program(
      context.words.begin() + static_cast<std::ptrdiff_t>(spec->words), context.words.end());
  if (program.empty()) return context.wrong_use("This command takes a program to run");
  const base::Result<long long> attempts = context.flags.number("max-retry", -1);
  if (!attempts) return context.fail("-max-retry", attempts.error());
  spec->body["Lock"] = json::Object{{"TTL", context.flags.text("ttl", "15s")},
                                    {"LockDelay", context.flags.text("delay", "15s")}};
  if (spec->body["Items"].as_object()->size() == 0) spec->body["Items"] = json::Value();
  Holding lock(context, *std::move(spec));
  if (const base::Status got = acquire(context, lock, *attempts); !got)
    return context.fail("Error acquiring the lock", got.error());
  const base::Result<pid_t> child = start(program, context.flags.on("shell", true));
  if (!child) {
    lock.release();
    return context.fail("Error starting the program", child.error());
  }
  const int code = stand_by(context, lock, *child);
  lock.release();
  return code;
}

}  // namespace

Command var_lock_command() {
  return {.name = "var lock",
          .synopsis = "Run a program while a lock is held",
          .usage = "[options] <path or @file or -> [@file or -] <program> [arguments]…",
          .help =
              "Waits for the lock on a variable, runs the program, and gives the lock back when\n"
              "it has ended. The exit code is the program's. When the lock is lost meanwhile,\n"
              "the program gets SIGTERM, and SIGKILL five seconds later.",
          .flags = {{"ttl", "duration", "Of the lock, from 10s to 24h. Default = 15s"},
                    {"delay", "duration",
                     "How long nobody gets the lock after it was lost. Default = 15s"},
                    {"max-retry", "number", "Attempts to get it; -1 is no limit. Default = -1"},
                    {"shell", "", "Run the program by $SHELL, or /bin/sh. Default = true"}},
          .words_min = 2,
          .words_max = 4096,
          .takes = "at least two arguments: <path> and a program",
          .run = run_lock};
}

}  // namespace caravan::cli
