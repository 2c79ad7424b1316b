// SPDX-License-Identifier: Apache-2.0
// operator snapshot save, restore, inspect, redact.
#include <filesystem>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "consensus/archive.hpp"
#include "io/linux/disk.hpp"
#include "state/census.hpp"
#include "state/store.hpp"

namespace caravan::cli {
namespace {

/// The registry's command line has the same verbs, without the word before them and in its words.
bool is_native(const Context& context) { return context.command.name.starts_with("operator "); }
const char* path_of(const Context& context) {
  return is_native(context) ? "/v1/operator/snapshot" : "/v1/snapshot";
}
constexpr unsigned private_file = 0600;

/// In place of a file of that name, as a whole or not at all.
base::Status write(const std::string& name, std::string_view bytes) {
  io::linux_world::Disk disk;
  const base::Status written =
      wait_for(disk.replace_file(std::filesystem::absolute(name).string(), bytes, private_file));
  disk.join();
  return written;
}

/// Errors: io, those of an archive.
base::Result<consensus::Archive> read_archive(const std::string& name, std::string& bytes) {
  TRY(bytes, io::linux_world::Disk().read_file(name));
  base::Result<consensus::Archive> archive = consensus::decode_archive(bytes);
  if (!archive)
    return base::fail(archive.error().code, "Error verifying snapshot: " + archive.error().message);
  return archive;
}

int run_save(Context& context) {
  const std::string name =
      context.words.empty()
          ? fmt::format("backup-{}.snap", base::format_rfc3339({now_ns()}).substr(0, 19))
          : context.words[0];
  Params params;
  if (context.flags.on("stale")) params.emplace_back("stale", "");
  if (context.flags.on("redact")) params.emplace_back("redact", "");
  const base::Result<Reply> reply = context.api().get(path_of(context), std::move(params));
  if (!reply) return context.fail("Error taking snapshot", reply.error());
  const auto archive = consensus::decode_archive(reply->text);
  if (!archive) return context.fail("Error verifying snapshot", archive.error());
  if (const base::Status written = write(name, reply->text); !written)
    return context.fail("Error saving snapshot file", written.error());
  context.out(is_native(context)
                  ? "State file written to " + name
                  : fmt::format("Saved and verified snapshot to index {}", archive->index));
  return 0;
}

int run_restore(Context& context) {
  std::string bytes;
  if (const auto archive = read_archive(context.words[0], bytes); !archive)
    return context.fail(archive.error().message);
  const base::Result<Reply> reply =
      context.api().send_text("PUT", path_of(context), std::move(bytes), Params());
  if (!reply) return context.fail("Error restoring snapshot", reply.error());
  context.out(is_native(context) ? "Snapshot Restored" : "Restored snapshot");
  return 0;
}

json::Array to_json(const std::vector<state::TableCensus>& tables) {
  json::Array list;
  for (const state::TableCensus& one : tables)
    list.push_back(json::Object{{"Type", std::string(one.name)},
                                {"Count", static_cast<std::int64_t>(one.entries)},
                                {"Size", static_cast<std::int64_t>(one.bytes)}});
  return list;
}

int run_inspect(Context& context) {
  std::string bytes;
  const base::Result<consensus::Archive> archive = read_archive(context.words[0], bytes);
  if (!archive) return context.fail(archive.error().message);
  const auto tables = state::load(archive->state);
  if (!tables) return context.fail("Error verifying snapshot", tables.error());
  const std::vector<state::TableCensus> census = state::census(**tables);
  if (context.flags.on("json")) {
    context.out(pretty_json(json::Object{{"ID", consensus::archive_id(*archive)},
                                         {"Size", static_cast<std::int64_t>(archive->state.size())},
                                         {"Index", static_cast<std::int64_t>(archive->index)},
                                         {"Term", static_cast<std::int64_t>(archive->term)},
                                         {"Version", 1},
                                         {"Keys", !archive->key.empty()},
                                         {"Tables", to_json(census)}}));
    return 0;
  }
  context.out(key_values(
      {{"ID", consensus::archive_id(*archive)},
       {"Size", fmt::format("{}", archive->state.size())},
       {"Index", fmt::format("{}", archive->index)},
       {"Term", fmt::format("{}", archive->term)},
       {"Version", "1"},
       {"Taken", base::format_rfc3339({archive->time_ms * 1'000'000})},
       {"Secrets", archive->key.empty() ? "open only where their key is known" : "open"}}));
  Rows rows = {{"Type", "Count", "Size"}};
  for (const state::TableCensus& one : census)
    rows.push_back({std::string(one.name), fmt::format("{}", one.entries),
                    format_bytes(static_cast<double>(one.bytes))});
  context.out("\n" + table(rows));
  return 0;
}

int run_redact(Context& context) {
  std::string bytes;
  base::Result<consensus::Archive> archive = read_archive(context.words[0], bytes);
  if (!archive) return context.fail(archive.error().message);
  archive->key.clear();
  const base::Status written = write(context.words[0], consensus::encode_archive(*archive));
  if (!written) return context.fail("Error saving snapshot file", written.error());
  context.out("Redacted " + context.words[0]);
  return 0;
}

}  // namespace

Command operator_snapshot_save_command() {
  return {.name = "operator snapshot save",
          .synopsis = "Save the servers' state to a file",
          .usage = "[options] [<file>]",
          .help =
              "Takes the whole state of the servers, and checks what arrived. The file holds\n"
              "tokens, and the key that variables are sealed under: keep it as you keep a\n"
              "password, or take it with -redact.",
          .flags = {{"stale", "", "Any server may answer, also without a leader."},
                    {"redact", "",
                     "Leave the key out. The file can then be restored only where the file\n"
                     "keystore/key-encryption-key of the servers is known."}},
          .words_max = 1,
          .takes = "one optional argument: <file>",
          .run = run_save};
}

Command operator_snapshot_restore_command() {
  return {.name = "operator snapshot restore",
          .synopsis = "Bring the servers' state back from a file",
          .usage = "[options] <file>",
          .help =
              "The state in the file takes the place of everything: jobs, variables, tokens. What\n"
              "runs and is not in it is stopped; what is in it and does not run is started.",
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <file>",
          .run = run_restore};
}

Command operator_snapshot_inspect_command() {
  return {.name = "operator snapshot inspect",
          .synopsis = "Display what a snapshot holds",
          .usage = "[options] <file>",
          .help = "Checks the file and shows what is in it. Needs no agent.",
          .flags = {{"json", "", "The answer as JSON."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <file>",
          .uses_api = false,
          .run = run_inspect};
}

Command operator_snapshot_redact_command() {
  return {.name = "operator snapshot redact",
          .synopsis = "Take the key out of a snapshot",
          .usage = "<file>",
          .help =
              "Writes the file anew without the key that its secrets are sealed under. It can\n"
              "then be restored only where that key is known. Needs no agent.",
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <file>",
          .uses_api = false,
          .run = run_redact};
}

namespace consul {

Command snapshot_save_command() {
  Command command = operator_snapshot_save_command();
  command.name = "snapshot save";
  std::erase_if(command.flags,
                [](const FlagSpec& flag) { return flag.name == "stale"; });  // it is a general one
  return command;
}
Command snapshot_restore_command() {
  Command command = operator_snapshot_restore_command();
  command.name = "snapshot restore";
  return command;
}
Command snapshot_inspect_command() {
  Command command = operator_snapshot_inspect_command();
  command.name = "snapshot inspect";
  return command;
}

}  // namespace consul
}  // namespace caravan::cli
