// SPDX-License-Identifier: Apache-2.0
#include "client/task_data.hpp"

#include <algorithm>
#include <array>

#include "json/reader.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;

/// Besides the time that the servers are to wait.
constexpr base::Duration answer_patience = 10s;

}  // namespace

bool TaskData::is_asked(const std::string& kind) {
  constexpr std::array kinds = {"nomadVar", "nomadVarList", "nomadService", "nomadServices", "key",
                                "ls",       "tree",         "service",      "services",      "node",
                                "nodes",    "connect",      "datacenters"};
  return std::ranges::find(kinds, kind) != kinds.end();
}

json::Value TaskData::get(const expr::Dependency& dependency) { return known_[dependency].value; }

std::string TaskData::refusal(const expr::Dependency& dependency) const {
  const auto found = known_.find(dependency);
  return found == known_.end() ? "" : found->second.refusal;
}

base::Status TaskData::take(const std::vector<expr::Dependency>& asked, const std::string& reply) {
  TRY(const wire::TaskDataReply decoded, wire::decode<wire::TaskDataReply>(reply));
  if (decoded.answers.size() != asked.size())
    return base::fail(base::Code::internal, "the servers answered another question");
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const wire::TaskAnswer& answer = decoded.answers[i];
    Known known{json::Value(), answer.refusal, answer.index};
    if (!answer.json.empty()) {
      TRY(known.value, json::parse(answer.json));
    }
    known_[asked[i]] = std::move(known);
  }
  return {};
}

io::Task<base::Status> TaskData::update(base::Duration wait) {
  wire::TaskDataRequest request;
  request.node_id = host_.node.id;
  request.secret_id = host_.node.secret_id;
  request.alloc_id = alloc_;
  request.task = task_;
  request.wait = wait;
  std::vector<expr::Dependency> asked;
  for (const auto& [dependency, known] : known_) {
    asked.push_back(dependency);
    request.questions.push_back({dependency.kind, dependency.arguments, known.index, {}});
  }
  std::string bytes = wire::encode(request);
  CO_TRY(const std::string reply,
         co_await host_.ask("Node.TaskData", std::move(bytes), wait + answer_patience));
  co_return take(asked, reply);
}

}  // namespace caravan::client
