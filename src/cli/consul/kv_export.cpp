// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "json/writer.hpp"

namespace caravan::cli::consul {
namespace {

int run(Context& context) {
  const std::string prefix = context.words.empty() ? "" : context.words[0];
  const base::Result<Reply> reply = context.api().get(kv_path(prefix), {{"recurse", ""}});
  const bool nothing = !reply && reply.error().code == base::Code::not_found;
  if (!reply && !nothing) return context.fail("Error querying Consul agent", reply.error());
  std::string out;
  for (const json::Value& entry : nothing ? json::Array() : list(reply->body))
    out += fmt::format("{}\n\t{{\n\t\t\"key\": {},\n\t\t\"flags\": {},\n\t\t\"value\": {}\n\t}}",
                       out.empty() ? "" : ",", json::to_string(entry.at("Key")),
                       json::to_string(entry.at("Flags")), json::to_string(text(entry, "Value")));
  context.out(out.empty() ? "[]" : "[" + out + "\n]");
  return 0;
}

}  // namespace

Command kv_export_command() {
  return {.name = "kv export",
          .synopsis = "Print a part of the key-value store as JSON",
          .usage = "[options] [prefix]",
          .help = "Prints all keys under the prefix as JSON that `kv import` reads.",
          .words_max = 1,
          .takes = "at most one argument: <prefix>",
          .run = run};
}

}  // namespace caravan::cli::consul
