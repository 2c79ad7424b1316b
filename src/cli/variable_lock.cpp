// SPDX-License-Identifier: Apache-2.0
// var lock: runs a program for as long as a lock is held.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/held_program.hpp"
#include "cli/variable_spec.hpp"
#include "cli/variable_view.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration retry_interval = 1s;
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
  const base::Result<pid_t> child = start_program(program, context.flags.on("shell", true), Input::ours);
  if (!child) {
    lock.release();
    return context.fail("Error starting the program", child.error());
  }
  const Keeping keeping{lock.interval(), [&] { return lock.renew(); }};
  const std::optional<int> code = stand_by(context, keeping, *child);
  lock.release();
  return code.value_or(lost_code);
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
