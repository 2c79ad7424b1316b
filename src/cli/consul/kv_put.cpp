// SPDX-License-Identifier: Apache-2.0
// kv put: writes a value, under conditions or with a lock.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"

namespace caravan::cli::consul {
namespace {

base::Result<Params> params_of(const Flags& flags) {
  Params params = {{"flags", flags.text("flags", "0")}};
  if (flags.on("cas")) params.emplace_back("cas", flags.text("modify-index", "0"));
  const bool acquires = flags.on("acquire"), releases = flags.on("release");
  if (acquires && releases) return base::invalid("Cannot specify both -acquire and -release");
  const std::string session = flags.text("session");
  if ((acquires || releases) && session.empty())
    return base::invalid("Must specify -session with -acquire and -release");
  if (acquires) params.emplace_back("acquire", session);
  if (releases) params.emplace_back("release", session);
  return params;
}

int run(Context& context) {
  const std::string& key = context.words[0];
  base::Result<Params> params = params_of(context.flags);
  if (!params) return context.wrong_use("Error! " + params.error().message);
  base::Result<std::string> data = data_of(context.words.size() > 1 ? context.words[1] : "");
  if (data && context.flags.on("base64")) data = base::base64_decode(*data);
  if (!data) return context.fail("Error! Invalid data", data.error());
  const base::Result<Reply> reply =
      context.api().send_text("PUT", kv_path(key), *data, *std::move(params));
  if (!reply) return context.fail("Error! Failed writing data", reply.error());
  const bool* done = reply->body.as_bool();
  const bool is_done = done && *done;
  if (context.flags.on("acquire"))
    return is_done ? (context.out("Success! Lock acquired on: " + key), 0)
                   : context.fail("Error! Did not acquire lock");
  if (context.flags.on("release"))
    return is_done ? (context.out("Success! Lock released on: " + key), 0)
                   : context.fail("Error! Did not release lock");
  if (!is_done) return context.fail(fmt::format("Error! Did not write to {}: CAS failed", key));
  context.out("Success! Data written to: " + key);
  return 0;
}

}  // namespace

Command kv_put_command() {
  return {.name = "kv put",
          .synopsis = "Set or update data of the key-value store",
          .usage = "[options] <key> [data]",
          .help =
              "Writes the data under the key. Data that begins with '@' is the name of a file\n"
              "with it, and '-' stands for standard input; none is an empty value.",
          .flags = {{"acquire", "", "Take the lock on the key, in the name of -session."},
                    {"release", "", "Give it back."},
                    {"session", "id", "The session that holds the lock."},
                    {"cas", "", "Write only when the key is at -modify-index."},
                    {"modify-index", "number", "0: only when the key is not there. Default = 0"},
                    {"flags", "number", "Kept with the value; from 0 to 2^64-1. Default = 0"},
                    {"base64", "", "The data is in base64."}},
          .words_min = 1,
          .words_max = 2,
          .takes = "one or two arguments: <key> [data]",
          .run = run};
}

}  // namespace caravan::cli::consul
