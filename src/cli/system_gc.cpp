// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

int run(Context& context) {
  const base::Result<Reply> reply = context.api().send("PUT", "/v1/system/gc", nullptr);
  return reply ? 0 : context.fail("Error running system garbage-collection", reply.error());
}

}  // namespace

Command system_gc_command() {
  return {
      .name = "system gc",
      .synopsis = "Collect what has ended",
      .usage = "[options]",
      .help = "Has the servers forget jobs, evaluations, allocations and nodes that have ended.",
      .takes = "no arguments",
      .run = run};
}

}  // namespace caravan::cli
