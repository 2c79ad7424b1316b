// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"

namespace caravan::cli::consul {
namespace {

int run(Context& context) {
  const bool recurse = context.flags.on("recurse"), cas = context.flags.on("cas");
  const std::string key = context.words.empty() ? "" : context.words[0];
  if (key.empty() && !recurse) return context.wrong_use("Error! Missing KEY argument");
  if (recurse && cas) return context.wrong_use("Cannot specify both -cas and -recurse!");
  if (cas && !context.flags.given("modify-index"))
    return context.wrong_use("Must specify -modify-index with -cas!");
  Params params;
  if (recurse) params = {{"recurse", "true"}};
  if (cas) params = {{"cas", context.flags.text("modify-index")}};
  const base::Result<Reply> reply =
      context.api().send("DELETE", kv_path(key), json::Value(), params);
  if (!reply) return context.fail("Error! Did not delete key " + key, reply.error());
  const bool* done = reply->body.as_bool();
  if (!done || !*done)
    return context.fail(fmt::format("Error! Did not delete key {}: CAS failed", key));
  context.out((recurse ? "Success! Deleted keys with prefix: " : "Success! Deleted key: ") + key);
  return 0;
}

}  // namespace

Command kv_delete_command() {
  return {.name = "kv delete",
          .synopsis = "Remove data from the key-value store",
          .usage = "[options] <key or prefix>",
          .help = "Deletes a key, or all keys under a prefix.",
          .flags = {{"cas", "", "Delete only when the key is at -modify-index."},
                    {"modify-index", "number", "The index that the key must have."},
                    {"recurse", "", "Delete all keys that begin so."}},
          .words_max = 1,
          .takes = "one argument: <key or prefix>",
          .run = run};
}

}  // namespace caravan::cli::consul
