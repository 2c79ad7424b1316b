// SPDX-License-Identifier: Apache-2.0
// operator gossip keyring generate, list, install, use, remove; keygen and keyring, their old
// names.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "io/linux/clock.hpp"

namespace caravan::cli {
namespace {

constexpr std::size_t key_bytes = 32;

int run_generate(Context& context) {
  io::linux_world::Random random;
  std::array<std::uint8_t, key_bytes> key;
  random.fill(key);
  context.out(base::base64_encode({reinterpret_cast<const char*>(key.data()), key.size()}));
  return 0;
}

/// Says which members did not do it. 1 when there is one.
int complain(Context& context, const json::Value& report) {
  const auto messages = sorted_members(report.at("Messages"));
  for (const json::Member* message : messages)
    if (const std::string* why = message->value.as_string())
      context.err(fmt::format("{}: {}", message->name, *why));
  if (messages.empty()) return 0;
  context.err(
      fmt::format("{}/{} members reported failure", messages.size(), integer(report, "NumNodes")));
  return 1;
}

int list_keys(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/agent/keyring/list");
  if (!reply) return context.fail("error", reply.error());
  context.out("==> Gathering installed encryption keys...\n");
  Rows rows = {{"Key"}};
  for (const json::Member* key : sorted_members(reply->body.at("Keys")))
    rows.push_back({key->name});
  context.out(table(rows));
  return complain(context, reply->body);
}

int change_key(Context& context, const std::string& verb, const std::string& key,
               const std::string& says) {
  context.out("==> " + says);
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/agent/keyring/" + verb, json::Object{{"Key", key}});
  if (!reply) return context.fail("error", reply.error());
  return complain(context, reply->body);
}

int install_key(Context& context, const std::string& key) {
  return change_key(context, "install", key, "Installing new gossip encryption key...");
}
int use_key(Context& context, const std::string& key) {
  return change_key(context, "use", key, "Changing primary gossip encryption key...");
}
int remove_key(Context& context, const std::string& key) {
  return change_key(context, "remove", key, "Removing gossip encryption key...");
}

int run_install(Context& context) { return install_key(context, context.words[0]); }
int run_use(Context& context) { return use_key(context, context.words[0]); }
int run_remove(Context& context) { return remove_key(context, context.words[0]); }

int run_keyring(Context& context) {
  const int wanted = context.flags.on("list") + context.flags.given("install") +
                     context.flags.given("use") + context.flags.given("remove");
  if (wanted != 1) return context.wrong_use("Only one of -list, -install, -use, -remove is done");
  if (context.flags.given("install")) return install_key(context, context.flags.text("install"));
  if (context.flags.given("use")) return use_key(context, context.flags.text("use"));
  if (context.flags.given("remove")) return remove_key(context, context.flags.text("remove"));
  return list_keys(context);
}

Command generate(std::string name, std::string alias) {
  return {.name = std::move(name),
          .alias = std::move(alias),
          .synopsis = "Generate a gossip encryption key",
          .usage = "",
          .help = "Prints a new key for server.encrypt, 32 bytes in base64. No agent is asked.",
          .takes = "no arguments",
          .uses_api = false,
          .run = run_generate};
}

Command change(std::string verb, std::string synopsis, std::string help, int (*run)(Context&)) {
  return {.name = "operator gossip keyring " + verb,
          .synopsis = std::move(synopsis),
          .usage = "[options] <key>",
          .help = std::move(help),
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <key>",
          .run = run};
}

}  // namespace

Command operator_gossip_keyring_generate_command() {
  return generate("operator gossip keyring generate", "keygen");
}
Command operator_gossip_key_generate_command() {
  return generate("operator gossip key generate", "operator keygen");
}

Command operator_gossip_keyring_list_command() {
  return {.name = "operator gossip keyring list",
          .synopsis = "List the gossip encryption keys",
          .usage = "[options]",
          .help = "Lists the keys that are installed on the servers.",
          .takes = "no arguments",
          .run = list_keys};
}

Command operator_gossip_keyring_install_command() {
  return change("install", "Install a gossip encryption key",
                "Installs a key on all servers. It opens messages from then on, and seals none\n"
                "before it is used.",
                run_install);
}

Command operator_gossip_keyring_use_command() {
  return change("use", "Change the gossip encryption key in use",
                "Lets all servers seal with a key that is installed on each of them.", run_use);
}

Command operator_gossip_keyring_remove_command() {
  return change("remove", "Remove a gossip encryption key",
                "Removes a key from all servers that none of them uses.", run_remove);
}

Command operator_keyring_command() {
  return {.name = "operator keyring",
          .alias = "keyring",
          .synopsis = "The old name of operator gossip keyring",
          .usage = "[options]",
          .help = "Examines and changes the keys that the servers' gossip is sealed with.",
          .flags = {{"list", "", "List the keys that are installed."},
                    {"install", "key", "Install a key on all servers."},
                    {"use", "key", "Let all servers seal with this key."},
                    {"remove", "key", "Remove a key that is not in use."}},
          .takes = "no arguments",
          .run = run_keyring};
}

}  // namespace caravan::cli
