// SPDX-License-Identifier: Apache-2.0
// lock: runs a program for as long as a lock in the key-value store is held.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "cli/held_program.hpp"

namespace caravan::cli::consul {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration time_to_live = 15s;
constexpr base::Duration retry_interval = 1s;
/// Marks such entries, so that nobody takes another one for a lock.
constexpr std::uint64_t lock_flags = 0x2ddccbc058a50c18;
constexpr int lost_code = 1, failed_code = 2;

/// What says who holds it lies beside what others put under the prefix.
std::string lock_key(std::string prefix) {
  while (prefix.ends_with('/'))
    prefix.pop_back();
  return prefix + "/.lock";
}

class Holding {
 public:
  Holding(Context& context, const std::string& prefix)
      : context_(context), key_(lock_key(prefix)) {}

  base::Status open(const std::string& name) {
    const json::Object session{{"Name", name}, {"TTL", base::format_duration(time_to_live)}};
    TRY(const Reply made, context_.api().send("PUT", "/v1/session/create", session));
    session_ = text(made.body, "ID");
    return {};
  }
  /// Errors: conflict, somebody else holds it.
  base::Status acquire() { return put("acquire", "Somebody else holds the lock"); }
  base::Status renew() {
    const base::Result<Reply> renewed =
        context_.api().send("PUT", "/v1/session/renew/" + session_, json::Value());
    if (renewed) return {};
    const bool is_gone = renewed.error().code == base::Code::not_found;
    return base::fail(is_gone ? base::Code::conflict : renewed.error().code,
                      renewed.error().message);
  }
  /// Also what is left of it goes, when nobody else has taken it meanwhile.
  void release() {
    (void)put("release", "");
    (void)context_.api().send("PUT", "/v1/session/destroy/" + session_, json::Value());
    const base::Result<Reply> left = context_.api().get(kv_path(key_));
    if (!left || list(left->body).empty() || !text(list(left->body)[0], "Session").empty()) return;
    (void)context_.api().send(
        "DELETE", kv_path(key_), json::Value(),
        {{"cas", fmt::format("{}", integer(list(left->body)[0], "ModifyIndex"))}});
  }

 private:
  base::Status put(const char* step, const char* refused) {
    TRY(const Reply reply,
        context_.api().send_text("PUT", kv_path(key_), "",
                                 {{step, session_}, {"flags", fmt::format("{}", lock_flags)}}));
    const bool* done = reply.body.as_bool();
    if (done && *done) return {};
    return base::fail(base::Code::conflict, refused);
  }

  Context& context_;
  std::string key_, session_;
};

/// Errors: conflict, when `patience` is over.
base::Status acquire(Context& context, Holding& lock, std::optional<base::Duration> patience) {
  const base::Duration begun = uptime();
  bool told = false;
  while (true) {
    const base::Status got = lock.acquire();
    if (got || got.error().code != base::Code::conflict) return got;
    if (patience && uptime() - begun >= *patience) return got;
    if (context.verbose() && !std::exchange(told, true)) context.err(got.error().message);
    pause(retry_interval);
    TRY_VOID(lock.renew());
  }
}

int run(Context& context) {
  const base::Result<long long> holders = context.flags.number("n", 1);
  if (!holders || *holders != 1)
    return context.fail("-n: only one holder at a time is built; semaphores are not yet");
  std::optional<base::Duration> patience;
  if (context.flags.given("try")) {
    const base::Result<base::Duration> given = base::parse_duration(context.flags.text("try"));
    if (!given || *given <= 0s)
      return context.wrong_use("Invalid -try: a time such as 5s is needed");
    patience = *given;
  }
  const std::string& prefix = context.words[0];
  const std::vector<std::string> program(context.words.begin() + 1, context.words.end());
  Holding lock(context, prefix);
  const std::string name = context.flags.text(
      "name", fmt::format("Consul lock for '{}' at '{}'", base::join(program, " "), prefix));
  if (const base::Status opened = lock.open(name); !opened)
    return context.fail("Lock setup failed", opened.error());
  if (const base::Status got = acquire(context, lock, patience); !got) {
    lock.release();
    return context.fail("Lock acquisition failed", got.error());
  }
  const base::Result<pid_t> child = start_program(program, context.flags.on("shell", true));
  if (!child) {
    lock.release();
    return context.fail("Error executing handler", child.error());
  }
  const Keeping keeping{time_to_live / 2, [&] { return lock.renew(); }};
  const std::optional<int> code = stand_by(context, keeping, *child);
  lock.release();
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
              "it has ended. When the lock is lost meanwhile, the program gets SIGTERM, and\n"
              "SIGKILL five seconds later. The lock is a key under the prefix, held by a session\n"
              "that is renewed.",
          .flags = {{"child-exit-code", "", "Exit with 2 when the program fails; else with 0."},
                    {"n", "number", "How many may hold it at a time. Only 1 is built."},
                    {"name", "text", "The name of the session."},
                    {"try", "duration", "Give up when the lock was not free for so long."},
                    {"shell", "", "Run the program by $SHELL, or /bin/sh. Default = true"},
                    {"verbose", "", "Say that somebody else holds the lock."}},
          .words_min = 2,
          .words_max = 4096,
          .takes = "at least two arguments: <prefix> and a program",
          .run = run};
}

}  // namespace caravan::cli::consul
