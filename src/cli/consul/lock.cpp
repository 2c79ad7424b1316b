// SPDX-License-Identifier: Apache-2.0
// lock: runs a program for as long as a lock in the key-value store is held.
#include <cstdlib>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/consul/holding.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/held_program.hpp"

namespace caravan::cli::consul {
namespace {

using namespace std::chrono_literals;

/// A waiting contender's session has to be renewed, too.
constexpr base::Duration wait_max = LockSession::time_to_live / 3;
constexpr int lost_code = 1, failed_code = 2;

/// What the command line says. Errors: invalid, with the flag.
struct Wish {
  int holders = 1;
  std::optional<base::Duration> patience;
  std::optional<int> retries;
};

base::Result<Wish> wish_of(const Flags& flags) {
  Wish wish;
  TRY(const long long holders, flags.number("n", 1));
  if (holders < 1 || holders > holders_max)
    return base::invalid(fmt::format("Invalid -n: {} is outside 1..{}", holders, holders_max));
  wish.holders = static_cast<int>(holders);
  for (const char* flag : {"timeout", "try"}) {
    if (!flags.given(flag)) continue;
    const base::Result<base::Duration> given = base::parse_duration(flags.text(flag));
    if (!given || *given < 0s)
      return base::invalid(fmt::format("Invalid -{}: a time such as 5s is needed", flag));
    if (*given > 0s) wish.patience = *given;
  }
  if (flags.given("monitor-retry")) {
    TRY(const long long retries, flags.number("monitor-retry", 0));
    if (retries < 0 || retries > 1'000'000)
      return base::invalid("Invalid -monitor-retry: a number from 0 to 1000000 is needed");
    wish.retries = static_cast<int>(retries);
  }
  return wish;
}

/// Errors: conflict, when `patience` is over.
base::Status acquire(Context& context, Holding& lock, std::optional<base::Duration> patience) {
  const base::Duration begun = uptime();
  bool told = false;
  while (true) {
    const base::Status got = lock.acquire();
    if (got || got.error().code != base::Code::conflict) return got;
    const base::Duration left = patience ? *patience - (uptime() - begun) : wait_max;
    if (left <= 0s) return got;
    if (context.verbose() && !std::exchange(told, true)) context.err(got.error().message);
    lock.wait(std::min(left, wait_max));
    TRY_VOID(lock.renew());
  }
}

int run(Context& context) {
  const base::Result<Wish> wish = wish_of(context.flags);
  if (!wish) return context.wrong_use(wish.error().message);
  const std::string& prefix = context.words[0];
  const std::vector<std::string> program(context.words.begin() + 1, context.words.end());
  const std::unique_ptr<Holding> lock = wish->holders == 1
                                            ? make_mutex(context, prefix)
                                            : make_semaphore(context, prefix, wish->holders);
  const std::string name = context.flags.text(
      "name", fmt::format("Consul lock for '{}' at '{}'", base::join(program, " "), prefix));
  if (const base::Status opened = lock->open(name); !opened) {
    lock->release();
    return context.fail("Lock setup failed", opened.error());
  }
  if (const base::Status got = acquire(context, *lock, wish->patience); !got) {
    lock->release();
    return context.fail("Lock acquisition failed", got.error());
  }
  ::setenv("CONSUL_LOCK_HELD", "true", 1);
  const Input input = context.flags.on("pass-stdin") ? Input::ours : Input::none;
  const base::Result<pid_t> child =
      start_program(program, context.flags.on("shell", true), input);
  if (!child) {
    lock->release();
    return context.fail("Error executing handler", child.error());
  }
  const Keeping keeping{.interval = LockSession::time_to_live / 2,
                        .renew = [&] { return lock->renew(); },
                        .retries = wish->retries};
  const std::optional<int> code = stand_by(context, keeping, *child);
  lock->release();
  if (!code) return lost_code;
  return *code != 0 && context.flags.on("child-exit-code") ? failed_code : 0;
}

}  // namespace

Command lock_command() {
  return {.name = "lock",
          .synopsis = "Run a program while a lock is held",
          .usage = "[options] <prefix> <program> [arguments]…",
          .help =
              "Waits for the lock at the prefix, runs the program, and gives the lock back when\n"
              "it has ended. When the lock is lost meanwhile, or this command is told to end, the\n"
              "program gets SIGTERM, and SIGKILL five seconds later. The lock is a key under the\n"
              "prefix, held by a session that is renewed; with -n it is a semaphore, and all who\n"
              "use a prefix have to say the same. The program sees CONSUL_LOCK_HELD=true.",
          .flags = {{"child-exit-code", "", "Exit with 2 when the program fails; else with 0."},
                    {"monitor-retry", "number",
                     "How often an agent that does not answer is asked again, a second apart,\n"
                     "before the lock is lost. Default: for the session's time to live, 15s"},
                    {"n", "number", "How many may hold it at a time. Default = 1"},
                    {"name", "text", "The name of the session."},
                    {"pass-stdin", "", "The program reads this command's standard input."},
                    {"timeout", "duration", "Give up when no place was free for so long."},
                    {"try", "duration", "The same."},
                    {"shell", "", "Run the program by $SHELL, or /bin/sh. Default = true"},
                    {"verbose", "", "Say that others hold the lock."}},
          .words_min = 2,
          .words_max = 4096,
          .takes = "at least two arguments: <prefix> and a program",
          .run = run};
}

}  // namespace caravan::cli::consul
