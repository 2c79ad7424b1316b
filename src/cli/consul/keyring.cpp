// SPDX-License-Identifier: Apache-2.0
// keyring -list, -install, -use, -remove.
#include <fmt/core.h>

#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

constexpr const char* path = "/v1/operator/keyring";

int list_keys(Context& context) {
  context.out("==> Gathering installed encryption keys...");
  const base::Result<Reply> reply = context.api().get(path);
  if (!reply) return context.fail("error", reply.error());
  for (const json::Value& pool : list(reply->body)) {
    const bool* wide = pool.at("WAN").as_bool();
    context.out("");
    context.out(wide && *wide ? "WAN:" : text(pool, "Datacenter") + " (LAN):");
    for (const json::Member* key : sorted_members(pool.at("Keys")))
      context.out(fmt::format("  {} [{}/{}]", key->name,
                              static_cast<long long>(key->value.number()),
                              integer(pool, "NumNodes")));
  }
  return 0;
}

int change(Context& context, const char* method, const std::string& key, const char* says) {
  context.out(fmt::format("==> {}", says));
  const base::Result<Reply> reply = context.api().send(method, path, json::Object{{"Key", key}});
  return reply ? 0 : context.fail("error", reply.error());
}

int run(Context& context) {
  const Flags& flags = context.flags;
  const int wanted =
      flags.on("list") + flags.given("install") + flags.given("use") + flags.given("remove");
  if (wanted != 1) return context.wrong_use("Only one of -list, -install, -use, -remove is done");
  if (flags.given("install"))
    return change(context, "POST", flags.text("install"),
                  "Installing new gossip encryption key...");
  if (flags.given("use"))
    return change(context, "PUT", flags.text("use"), "Changing primary gossip encryption key...");
  if (flags.given("remove"))
    return change(context, "DELETE", flags.text("remove"), "Removing gossip encryption key...");
  return list_keys(context);
}

}  // namespace

Command keyring_command() {
  return {.name = "keyring",
          .synopsis = "The keys that gossip is sealed with",
          .usage = "[options]",
          .help =
              "Lists the keys of the servers' gossip, adds one, lets all use one, or takes one\n"
              "away. A key is changed in three steps: -install, -use, and -remove of the old one.",
          .flags = {{"list", "", "List the keys, and on how many servers they are."},
                    {"install", "key", "Add a key."},
                    {"use", "key", "Seal with this key from now on."},
                    {"remove", "key", "Take a key away, which nobody uses."}},
          .takes = "no arguments",
          .run = run};
}

}  // namespace caravan::cli::consul
