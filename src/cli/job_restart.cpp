// SPDX-License-Identifier: Apache-2.0
// The servers restart the job; this verb asks them to and shows how far they are. When it ends
// early, or its terminal goes, they go on.
#include <cstdio>
#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration look_every = 500ms;

json::Array texts(const std::vector<std::string>& words) {
  return json::Array(words.begin(), words.end());
}

/// "3" or "25%". Errors: invalid.
base::Status add_batch_size(json::Object& body, std::string typed) {
  const bool percent = typed.ends_with("%");
  if (percent) typed.pop_back();
  const base::Result<long long> size = base::parse_int(typed);
  if (!size || *size < 1 || (percent && *size > 100))
    return base::invalid("-batch-size: not a number above 0, nor a percentage up to 100%");
  body["BatchSize"] = std::int64_t{*size};
  body["BatchSizeIsPercent"] = percent;
  return {};
}

bool is_over(const std::string& status) { return status != "running" && status != "paused"; }

/// What became of allocations since `before`.
void tell_progress(Context& context, const json::Value& restart,
                   std::map<std::string, std::string>& before) {
  for (const json::Value& alloc : list(restart, "Allocations")) {
    const std::string id = text(alloc, "ID"), progress = text(alloc, "Progress");
    if (std::exchange(before[id], progress) == progress || progress == "waiting") continue;
    const char* words = progress == "restarting" ? "is being restarted"
                        : progress == "done"     ? "is well again"
                        : progress == "gone"     ? "was gone before its turn"
                                                 : "is not well";
    context.out(fmt::format("    Allocation \"{}\" {}", short_id(id, context.verbose()), words));
  }
}

/// A person says whether it goes on; without one it stays paused.
bool wants_more(const std::string& why) {
  fmt::print("==> Paused: {}\n    Go on? [y/N] ", why);
  std::fflush(stdout);
  char answer[16] = "";
  return std::fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

int follow(Context& context, const json::Value& job) {
  std::map<std::string, std::string> seen;
  while (true) {
    const base::Result<Reply> reply =
        context.api().get(job_path(job, "/restart"), in_namespace_of(job));
    if (!reply) return context.fail("Error reading the restart", reply.error());
    tell_progress(context, reply->body, seen);
    const std::string status = text(reply->body, "Status"),
                      why = text(reply->body, "StatusDescription");
    if (status == "complete") {
      context.out("==> Finished job restart");
      return 0;
    }
    if (is_over(status)) return context.fail(fmt::format("The restart is {}: {}", status, why));
    if (status == "paused") {
      if (!::isatty(STDIN_FILENO))
        return context.fail(
            fmt::format("The restart is paused: {}. 'job restart -resume' lets it "
                        "go on, 'job restart -cancel' ends it.",
                        why));
      const bool more = wants_more(why);
      const base::Result<Reply> told =
          context.api().send("PUT", job_path(job, more ? "/restart/resume" : "/restart/cancel"),
                             nullptr, in_namespace_of(job));
      if (!told) return context.fail("Error telling the servers", told.error());
    }
    pause(look_every);
  }
}

int turn(Context& context, const json::Value& job, const char* verb) {
  const base::Result<Reply> reply = context.api().send(
      "PUT", job_path(job, fmt::format("/restart/{}", verb)), nullptr, in_namespace_of(job));
  if (!reply) return context.fail(fmt::format("Error: cannot {} the restart", verb), reply.error());
  context.out("Restart is " + text(reply->body, "Status"));
  return 0;
}

/// Restarting all at once is not what people expect of a service; they are asked.
bool is_sure(Context& context, const json::Value& job) {
  if (context.flags.on("yes") || !::isatty(STDIN_FILENO)) return true;
  if (context.flags.given("group") || !context.flags.on("reschedule")) return true;
  fmt::print("Are you sure you want to reschedule the allocations of job \"{}\"? [y/N] ",
             text(job, "ID"));
  std::fflush(stdout);
  char answer[16] = "";
  return std::fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

int run(Context& context) {
  const std::optional<json::Value> job = find_job(context, context.words[0]);
  if (!job) return 1;
  for (const char* verb : {"cancel", "pause", "resume"})
    if (context.flags.on(verb)) return turn(context, *job, verb);
  if (context.flags.on("status")) return follow(context, *job);
  json::Object body = {{"Groups", texts(context.flags.all("group"))},
                       {"Tasks", texts(context.flags.all("task"))},
                       {"AllTasks", context.flags.on("all-tasks")},
                       {"Reschedule", context.flags.on("reschedule")},
                       {"OnError", context.flags.text("on-error", "ask")}};
  // Nobody can be asked: what would ask fails.
  if (!::isatty(STDIN_FILENO) && !context.flags.given("on-error")) body["OnError"] = "fail";
  if (context.flags.given("batch-wait")) body["BatchWait"] = context.flags.text("batch-wait");
  if (const base::Status size = add_batch_size(body, context.flags.text("batch-size", "1")); !size)
    return context.wrong_use(size.error().message);
  if (!is_sure(context, *job)) return 0;
  const base::Result<Reply> reply =
      context.api().send("PUT", job_path(*job, "/restart"), std::move(body), in_namespace_of(*job));
  if (!reply) return context.fail("Error restarting job", reply.error());
  context.out(fmt::format("==> Restarting {} allocations, {} at a time",
                          list(reply->body, "Allocations").size(),
                          integer(reply->body, "BatchSize")));
  if (context.flags.on("detach")) return 0;
  return follow(context, *job);
}

}  // namespace

Command job_restart_command() {
  return {.name = "job restart",
          .synopsis = "Restart or reschedule allocations of a job, batch after batch",
          .usage = "[options] <job>",
          .help =
              "Asks the servers to restart the running allocations of a job, a batch at\n"
              "a time, and shows how far they are. A batch begins when all of the one\n"
              "before run again and have for min_healthy_time. The servers go on when\n"
              "this command ends.",
          .flags = {{"all-tasks", "", "Tasks that have ended too."},
                    {"batch-size", "n|n%", "Allocations at a time. Default = 1"},
                    {"batch-wait", "time|ask", "Wait between batches. Default = 0s"},
                    {"group", "group", "Only this group. May be given several times."},
                    {"task", "task", "Only this task. May be given several times."},
                    {"on-error", "ask|fail",
                     "What to do when one is not well. Default = ask, or fail without a terminal"},
                    {"reschedule", "", "Stop the allocations, so that they are placed anew."},
                    {"yes", "", "Do not ask."},
                    {"detach", "", "End as soon as the servers have begun. Ours."},
                    {"status", "", "Follow the restart that is under way. Ours."},
                    {"cancel", "", "End the restart that is under way. Ours."},
                    {"pause", "", "Let no further batch begin. Ours."},
                    {"resume", "", "Go on with one that is paused. Ours."},
                    {"verbose", "", "Whole ids."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <job>",
          .run = run};
}

}  // namespace caravan::cli
