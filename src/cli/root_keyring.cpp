// SPDX-License-Identifier: Apache-2.0
// operator root keyring list, rotate, remove.
#include <fmt/core.h>

#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

std::string utc(std::int64_t unix_ns) {
  if (unix_ns == 0) return "<none>";
  return base::format_rfc3339(base::Instant::from_seconds(base::Instant{unix_ns}.seconds()));
}

void show(Context& context, const json::Array& keys) {
  Rows rows = {{"Key", "State", "Create Time", "Publish Time"}};
  for (const json::Value& key : keys)
    rows.push_back({short_id(text(key, "KeyID"), context.verbose()), text(key, "State"),
                    utc(integer(key, "CreateTime")), utc(integer(key, "PublishTime"))});
  context.out(table(rows));
}

int run_list(Context& context) {
  const base::Result<Reply> reply = context.api().get("/v1/operator/keyring/keys");
  if (!reply) return context.fail("Error listing the root keys", reply.error());
  show(context, list(reply->body));
  return 0;
}

int run_rotate(Context& context) {
  const Flags& flags = context.flags;
  if (flags.on("now") == flags.given("prepublish"))
    return context.wrong_use("either -now or -prepublish is required");
  Params params;
  if (flags.on("full")) params.emplace_back("full", "true");
  if (flags.given("signing")) params.emplace_back("signing", flags.text("signing"));
  if (flags.given("prepublish")) {
    const base::Result<base::Duration> ahead = base::parse_duration(flags.text("prepublish"));
    if (!ahead || *ahead <= base::Duration(0))
      return context.wrong_use("-prepublish is a duration above 0, such as 1h");
    params.emplace_back("publish_time", fmt::format("{}", now_ns() + ahead->count()));
  }
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/operator/keyring/rotate", {}, std::move(params));
  if (!reply) return context.fail("Error rotating the root key", reply.error());
  show(context, {reply->body.at("Key")});
  return 0;
}

int run_remove(Context& context) {
  const std::string& id = context.words[0];
  Params params;
  if (context.flags.on("force")) params.emplace_back("force", "true");
  const base::Result<Reply> reply = context.api().send(
      "DELETE", "/v1/operator/keyring/key/" + base::percent_encode(id), {}, std::move(params));
  if (!reply) return context.fail("Error removing the root key", reply.error());
  context.out("Removed encryption key " + id);
  return 0;
}

const FlagSpec verbose_flag = {"verbose", "", "Whole ids."};

}  // namespace

Command operator_root_keyring_list_command() {
  return {.name = "operator root keyring list",
          .synopsis = "Shows the keys that seal variables and sign identities",
          .usage = "[options]",
          .help =
              "Shows the cluster's root keys. The active one seals and signs; a prepublished\n"
              "one will at its publish time, and verifiers can learn it until then; with a\n"
              "rekeying one variables are still sealed that are to be sealed anew; inactive\n"
              "ones open and verify what they were used for.",
          .flags = {verbose_flag},
          .takes = "no arguments",
          .run = run_list};
}

Command operator_root_keyring_rotate_command() {
  return {.name = "operator root keyring rotate",
          .synopsis = "Makes a new root key",
          .usage = "[options]",
          .help =
              "Makes a new root key, which is active now, or later: verifiers elsewhere then\n"
              "have the time to learn its public half.",
          .flags = {{"full", "", "Seal all variables anew with the new key, in the background."},
                    {"now", "", "The new key is active at once. This or -prepublish is needed."},
                    {"prepublish", "duration", "The new key is active after this time."},
                    {"signing", "name", "What it signs with: RS256 (the default) or EdDSA."},
                    verbose_flag},
          .takes = "no arguments",
          .run = run_rotate};
}

Command operator_root_keyring_remove_command() {
  return {.name = "operator root keyring remove",
          .synopsis = "Removes a root key that is not used any more",
          .usage = "[options] <key ID>",
          .help =
              "Removes a root key, named by its whole id. The active key is never removed, and\n"
              "one that variables are sealed with, or that tokens of running allocations may\n"
              "be signed with, only with -force: then those are lost.",
          .flags = {{"force", "", "Also a key that is used."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <key ID>",
          .run = run_remove};
}

}  // namespace caravan::cli
