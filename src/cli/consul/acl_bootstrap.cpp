// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "cli/consul/acl_view.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/job_file.hpp"

namespace caravan::cli::consul {
namespace {

int run(Context& context) {
  json::Value body;
  if (!context.words.empty()) {
    const base::Result<std::string> secret = read_text(context.words[0]);
    if (!secret) return context.fail("Error reading the bootstrap token", secret.error());
    body = json::Object{{"BootstrapSecret", std::string(base::trim(*secret))}};
  }
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/acl/bootstrap", body);
  if (!reply) return context.fail("Failed ACL bootstrapping", reply.error());
  return show(context, reply->body, token_view);
}

}  // namespace

Command acl_bootstrap_command() {
  return {.name = "acl bootstrap",
          .synopsis = "Make the first token",
          .usage = "[options] [file]",
          .help =
              "Makes the cluster's first token, which may do everything. It works once. A file\n"
              "(or - for standard input) may hold the secret that it is to have.",
          .flags = {format_flag},
          .words_max = 1,
          .takes = "at most one argument: [file]",
          .run = run};
}

}  // namespace caravan::cli::consul
