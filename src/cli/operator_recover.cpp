// SPDX-License-Identifier: Apache-2.0
// operator recover: when a quorum is gone for good.
#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "cluster/identity.hpp"
#include "consensus/quorum_recovery.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/folder_lock.hpp"
#include "io/random.hpp"
#include "state/store.hpp"

namespace caravan::cli {
namespace {

/// The state that the log is about, and when it was last written to.
class State : public consensus::StateMachine {
 public:
  base::Status apply(consensus::Index index, std::string_view command) override {
    TRY_VOID(wire::understands(wire::log_version, command));
    const state::Snapshot tables = store_.snapshot();
    if (const auto decoded = wire::decode_command(command, tables.get()))
      last_ns_ = decoded->time_ns;
    (void)store_.apply(index, command);
    return {};
  }
  std::function<std::string()> capture() override {
    return [tables = store_.snapshot()] { return state::dump(*tables); };
  }
  base::Status restore(std::string_view bytes) override { return store_.restore(bytes); }
  std::uint64_t hash() const override { return store_.snapshot()->hash(); }

  std::int64_t last_ns() const { return last_ns_; }  // 0: nothing since the snapshot
  state::Snapshot tables() const { return store_.snapshot(); }

 private:
  state::Store store_;
  std::int64_t last_ns_ = 0;
};

void show(Context& context, const cluster::Identity& identity, const consensus::LastKnown& known,
          const State& state) {
  const state::Snapshot tables = state.tables();
  context.out(
      key_values({{"Server", fmt::format("{}", identity.id)},
                  {"Cluster", identity.cluster.to_string()},
                  {"Voters", fmt::format("{}", fmt::join(known.members.voters, ", "))},
                  {"Last entry", fmt::format("{} (term {})", known.end.index, known.end.term)},
                  {"Last write", state.last_ns() ? base::format_rfc3339({state.last_ns()})
                                                 : "before the newest snapshot"},
                  {"Known to a quorum", fmt::format("up to entry {}", known.agreed)},
                  {"Jobs", fmt::format("{}", tables->jobs.size())},
                  {"Nodes", fmt::format("{}", tables->nodes.size())},
                  {"Allocations", fmt::format("{}", tables->allocs.size())},
                  {"Variables", fmt::format("{}", tables->variables.size())}}));
  const std::uint64_t unsure = known.end.index - known.agreed;
  context.out(fmt::format(
      "\nWhat may be lost: everything that was written after entry {}{} and did not reach this\n"
      "server. Run this on the server that has the highest last entry.\n"
      "What may be new: the last {} {} of this server's log, of which it cannot say whether a\n"
      "quorum ever had them. They are kept.\n\n"
      "The other servers of this cluster are not part of it afterwards: they are refused until\n"
      "their data directory is emptied, and then join as new ones. Make sure that none of them\n"
      "still runs: as long as they are a quorum, theirs is the cluster.",
      known.end.index, state.last_ns() ? " (" + base::format_rfc3339({state.last_ns()}) + ")" : "",
      unsure, unsure == 1 ? "entry" : "entries"));
}

base::Status begin_anew(io::Disk& disk, const std::string& folder, cluster::Identity identity,
                        const consensus::LastKnown& known, State& state) {
  TRY_VOID(wait_for(consensus::begin_alone(disk, folder, identity.id, known, state)));
  // Another cluster from now on: what the others of the old one still say is not believed.
  io::linux_world::Random random;
  identity.cluster = random.uuid();
  identity.proposed = base::Uuid();
  identity.voters = {identity.id};
  const std::string text = cluster::to_text(identity);
  return wait_for(disk.replace_file(cluster::identity_path(folder), text, 0600));
}

int run(Context& context) {
  const std::string data_dir = context.flags.text("data-dir");
  if (data_dir.empty()) return context.wrong_use("-data-dir has to be given");
  const std::string folder = data_dir + "/server";
  io::linux_world::Disk disk;
  if (!disk.exists(folder))
    return context.fail(fmt::format("no server's state is here: there is no {}", folder));
  const auto lock = io::linux_world::FolderLock::take(data_dir);
  if (!lock) return context.fail("Error recovering", lock.error());
  const base::Result<std::string> text = disk.read_file(cluster::identity_path(folder));
  if (!text) return context.fail("Error reading the server's identity", text.error());
  const base::Result<cluster::Identity> identity = cluster::parse_identity(*text);
  if (!identity) return context.fail("Error reading the server's identity", identity.error());
  State state;
  const auto known = consensus::read_last_known(disk, folder, state);
  if (!known) return context.fail("Error reading the server's state", known.error());
  show(context, *identity, *known, state);
  if (!context.flags.on("yes")) {
    context.out("\nNothing was changed. The same with -yes does it.");
    return 0;
  }
  const base::Status done = begin_anew(disk, folder, *identity, *known, state);
  disk.join();
  if (!done) return context.fail("Error recovering", done.error());
  context.out(
      "\nDone. Start the agent here: it leads at once. Then start the others with empty data\n"
      "directories, and 'retry_join' set to this one.");
  return 0;
}

}  // namespace

Command operator_recover_command() {
  return {.name = "operator recover",
          .synopsis = "Begin again from one server when a quorum is gone for good",
          .usage = "-data-dir <path> [-yes]",
          .help =
              "Two of three servers burned down: writes are refused, and nobody will come back.\n"
              "Run this on the one that is left, with its agent stopped. It shows what that\n"
              "server knows and what may be lost; with -yes it makes the server a cluster by\n"
              "itself, with all of that. Clients find it by themselves if they know its address.",
          .flags = {{"data-dir", "path", "The data_dir of the agent."}, {"yes", "", "Do it."}},
          .takes = "no arguments",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli
