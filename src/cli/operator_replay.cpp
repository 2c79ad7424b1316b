// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/replay.hpp"
#include "cli/verbs.hpp"
#include "io/linux/disk.hpp"

namespace caravan::cli {
namespace {

constexpr int same = 0, different = 1, trouble = 255;

json::Array to_json(const std::vector<std::string>& lines) {
  return json::Array(lines.begin(), lines.end());
}

void show(Context& context, const Replay& replay) {
  context.out(fmt::format("Evaluation {}\nDecided at index {}, from the state at index {}\n",
                          replay.eval.to_string(), replay.decided, replay.seen));
  for (const std::string& line : replay.is)
    context.out((std::ranges::binary_search(replay.was, line) ? "  " : "+ ") + line);
  for (const std::string& line : replay.was)
    if (!std::ranges::binary_search(replay.is, line)) context.out("- " + line);
  if (replay.is.empty() && replay.was.empty())
    context.out("  nothing to place and nothing to stop");
  context.out(replay.same() ? "\nThe replay gives the same plan."
                            : "\nThe replay gives another plan: what was decided and is not any "
                              "more has a -, what is new a +.");
}

int run(Context& context) {
  const std::string snapshot = context.flags.text("snapshot"), eval = context.flags.text("eval");
  const auto fail = [&](const std::string& why) {
    context.fail(why);
    return trouble;
  };
  if (snapshot.empty() || eval.empty()) return fail("Both -snapshot and -eval have to be given");
  io::linux_world::Disk disk;
  const base::Result<Recording> recording =
      Recording::read(disk, snapshot, context.flags.text("log"));
  if (!recording) return fail("Error reading the recording: " + recording.error().message);
  const base::Result<Replay> found = replay(*recording, eval);
  if (!found) return fail("Error replaying: " + found.error().message);
  if (context.flags.on("json"))
    context.out(pretty_json(json::Object{{"EvalID", found->eval.to_string()},
                                         {"SnapshotIndex", found->seen},
                                         {"DecidedIndex", found->decided},
                                         {"Same", found->same()},
                                         {"Decided", to_json(found->was)},
                                         {"Replayed", to_json(found->is)}}));
  else
    show(context, *found);
  return found->same() ? same : different;
}

}  // namespace

Command operator_replay_command() {
  return {.name = "operator replay",
          .synopsis = "Decide an evaluation again, offline",
          .usage = "-snapshot <file> -eval <id> [options]",
          .help =
              "Makes the state again that a scheduler saw, from a server's snapshot file\n"
              "(<data_dir>/server/snapshots) and the log beside it, asks the scheduler\n"
              "again, and compares the plan with the one that was committed. Reads only, and\n"
              "needs no agent; copy the folder first when one is running.\n\n"
              "Exit codes: 0 when the plan is the same, 1 when it is another, 255 for any\n"
              "trouble.",
          .flags = {{"snapshot", "file", "The state to begin with: not newer than the decision."},
                    {"log", "folder", "The log behind it. Default = the one beside the snapshots"},
                    {"eval", "id", "The evaluation, or how its id begins."},
                    {"json", "", "The answer as JSON."}},
          .takes = "no arguments",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli
