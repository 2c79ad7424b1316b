// SPDX-License-Identifier: Apache-2.0
#include "cli/deployment_monitor.hpp"

#include <chrono>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/deployment_view.hpp"
#include "cli/lookup.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto poll_interval = 1s;
/// A rollback's deployment begins with the evaluation of the reverted job.
constexpr int rollback_looks = 10;

bool has_ended(const json::Value& deployment) {
  const std::string status = text(deployment, "Status");
  return status == "successful" || status == "failed" || status == "cancelled";
}

std::string indented(const std::string& block, const std::string& indent) {
  std::string text;
  for (const std::string& line : base::split(block, '\n'))
    text += (text.empty() ? "" : "\n") + (line.empty() ? line : indent + line);
  return text;
}

/// Prints the block whenever it has changed, and gives the deployment once it has ended; null when
/// nobody listens any more or it cannot be read.
json::Value watch(Context& context, const std::string& id, const std::string& indent) {
  std::string shown;
  while (!context.output_is_broken()) {
    const base::Result<Reply> reply = context.api().get("/v1/deployment/" + id);
    if (!reply) {
      context.fail("Error retrieving deployment", reply.error());
      return {};
    }
    const std::string block =
        indented(deployment_block(reply->body, context.verbose(), true), indent);
    if (block != shown) context.out((shown.empty() ? "" : "\n") + block);
    shown = block;
    if (has_ended(reply->body)) return reply->body;
    pause(poll_interval);
  }
  return {};
}

/// The deployment that brings the stable version back, or "".
std::string rollback_of(Context& context, const json::Value& failed) {
  const bool rolls_back =
      text(failed, "StatusDescription").find("rolling back to job version") != std::string::npos &&
      text(failed, "StatusDescription").find("not rolling back") == std::string::npos;
  for (int look = 0; rolls_back && look < rollback_looks; ++look) {
    const base::Result<Reply> latest =
        context.api().get(job_path(json::Object{{"ID", text(failed, "JobID")}}, "/deployment"),
                          in_namespace_of(failed));
    if (!latest) return "";
    if (integer(latest->body, "JobVersion") > integer(failed, "JobVersion"))
      return text(latest->body, "ID");
    pause(poll_interval);
  }
  return "";
}

}  // namespace

int monitor_deployment(Context& context, const std::string& id, const std::string& indent) {
  const json::Value ended = watch(context, id, indent);
  if (ended.is_null()) return 1;
  if (text(ended, "Status") == "successful") return 0;
  if (const std::string next = rollback_of(context, ended); !next.empty()) {
    context.out(fmt::format("\n==> Deployment \"{}\" failed, monitoring its rollback \"{}\"",
                            short_id(id, context.verbose()), short_id(next, context.verbose())));
    (void)watch(context, next, indent);
  }
  return 1;
}

}  // namespace caravan::cli
