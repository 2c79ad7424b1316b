// SPDX-License-Identifier: Apache-2.0
#include "cli/monitor.hpp"

#include <chrono>

#include <fmt/core.h>

#include "cli/blocking.hpp"
#include "cli/deployment_monitor.hpp"
#include "cli/format.hpp"
#include "cli/placement.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_interval = 300ms;

bool has_ended(const json::Value& eval) {
  const std::string status = text(eval, "Status");
  return status == "complete" || status == "failed" || status == "canceled" ||
         status == "cancelled";
}

}  // namespace

void MonitorView::alloc_news(const json::Value& alloc, std::int64_t eval_index,
                             std::vector<std::string>& lines) {
  const std::string id = text(alloc, "ID"), status = text(alloc, "ClientStatus"),
                    shown = short_id(id, verbose_);
  const auto known = allocs_.find(id);
  if (known == allocs_.end()) {
    const bool is_old = integer(alloc, "CreateIndex") < eval_index;
    lines.push_back(fmt::format(
        "Allocation \"{}\" {}: node \"{}\", group \"{}\"", shown, is_old ? "modified" : "created",
        short_id(text(alloc, "NodeID"), verbose_), text(alloc, "TaskGroup")));
  } else if (known->second.status != status) {
    const std::string why = text(alloc, "ClientDescription");
    lines.push_back(fmt::format("Allocation \"{}\" status changed: \"{}\" -> \"{}\"{}", shown,
                                known->second.status, status, why.empty() ? "" : " (" + why + ")"));
  }
  allocs_[id] = {status};
}

std::vector<std::string> MonitorView::news(const json::Value& eval, const json::Value& allocs) {
  std::vector<std::string> lines;
  if (!triggered_) {
    const std::string node = text(eval, "NodeID");
    if (text(eval, "TriggeredBy") == "node-update")
      lines.push_back(fmt::format("Evaluation triggered by node \"{}\"", short_id(node, verbose_)));
    else
      lines.push_back(fmt::format("Evaluation triggered by job \"{}\"", text(eval, "JobID")));
    triggered_ = true;
  }
  if (const std::string deployment = text(eval, "DeploymentID");
      !deployment.empty() && deployment_ != deployment) {
    lines.push_back(
        fmt::format("Evaluation within deployment: \"{}\"", short_id(deployment, verbose_)));
    deployment_ = deployment;
  }
  for (const json::Value& alloc : list(allocs))
    alloc_news(alloc, integer(eval, "CreateIndex"), lines);
  if (const std::string status = text(eval, "Status"); status != status_) {
    lines.push_back(fmt::format("Evaluation status changed: \"{}\" -> \"{}\"", status_, status));
    status_ = status;
  }
  return lines;
}

std::vector<std::string> MonitorView::ending(const json::Value& eval) const {
  const std::string first = fmt::format("==> Evaluation \"{}\" finished with status \"{}\"",
                                        short_id(text(eval, "ID"), verbose_), text(eval, "Status"));
  const std::vector<std::string> failures = failed_placements(eval.at("FailedTGAllocs"));
  if (failures.empty()) return {first};
  std::vector<std::string> lines = {first + " but failed to place all allocations:"};
  for (const std::string& line : failures)
    lines.push_back("    " + line);
  if (const std::string blocked = text(eval, "BlockedEval"); !blocked.empty())
    lines.push_back(
        fmt::format("    Evaluation \"{}\" waiting for additional capacity to place remainder",
                    short_id(blocked, verbose_)));
  return lines;
}

int monitor(Context& context, const std::string& eval_id) {
  MonitorView view(context.verbose());
  const std::string path = "/v1/evaluation/" + eval_id;
  while (true) {
    const base::Result<Reply> eval = context.api().get(path);
    if (!eval) return context.fail("==> Error reading evaluation", eval.error());
    const base::Result<Reply> allocs = context.api().get(path + "/allocations");
    if (!allocs) return context.fail("==> Error reading allocations", allocs.error());
    const std::vector<std::string> news = view.news(eval->body, allocs->body);
    if (!news.empty())
      context.out(
          fmt::format("==> Monitoring evaluation \"{}\"", short_id(eval_id, context.verbose())));
    for (const std::string& line : news)
      context.out("    " + line);
    if (has_ended(eval->body)) {
      for (const std::string& line : view.ending(eval->body))
        context.out(line);
      const std::string next = text(eval->body, "NextEval");
      if (!next.empty() && text(eval->body, "Status") == "failed") return monitor(context, next);
      const json::Object* failed = eval->body.at("FailedTGAllocs").as_object();
      if (failed && !failed->empty()) return 2;
      const std::string deployment = text(eval->body, "DeploymentID");
      if (deployment.empty()) return 0;
      context.out(
          fmt::format("==> Monitoring deployment \"{}\"", short_id(deployment, context.verbose())));
      return monitor_deployment(context, deployment, "    ");
    }
    if (context.output_is_broken()) return 1;
    pause(poll_interval);
  }
}

int finish_with(Context& context, const std::string& eval_id) {
  if (eval_id.empty()) return 0;
  if (!context.flags.on("detach")) return monitor(context, eval_id);
  context.out(eval_id);
  return 0;
}

}  // namespace caravan::cli
