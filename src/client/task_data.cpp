// SPDX-License-Identifier: Apache-2.0
#include "client/task_data.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "client/foreign/data.hpp"
#include "expr/registry_place.hpp"
#include "json/reader.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

/// Besides the time that the servers are to wait.
constexpr base::Duration answer_patience = 10s;

}  // namespace

bool TaskData::is_asked(const std::string& kind) {
  constexpr std::array kinds = {"nomadVar", "nomadVarList", "nomadService", "nomadServices", "key",
                                "ls",       "tree",         "service",      "services",      "node",
                                "nodes",    "connect",      "datacenters"};
  return std::ranges::find(kinds, kind) != kinds.end();
}

bool TaskData::is_foreign(const expr::Dependency& dependency) const {
  return host_.foreign_data && expr::asks_registry(dependency.kind);
}

json::Value TaskData::get(const expr::Dependency& dependency) {
  if (!is_foreign(dependency)) return known_[dependency].value;
  const ForeignData::Known& known = host_.foreign_data->get(dependency);
  seen_[dependency] = known.version;
  return known.value;
}

std::string TaskData::refusal(const expr::Dependency& dependency) const {
  if (is_foreign(dependency)) return host_.foreign_data->get(dependency).refusal;
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

bool TaskData::has_foreign_news() const {
  return std::ranges::any_of(seen_, [&](const auto& entry) {
    return host_.foreign_data->get(entry.first).version != entry.second;
  });
}

io::Task<base::Status> TaskData::update(base::Duration wait) {
  if (seen_.empty()) co_return co_await ask_servers(wait);
  if (has_foreign_news()) co_return base::Status();
  if (known_.empty()) {
    co_await (host_.foreign_data->changed().wait() || host_.world.clock.sleep(wait));
    co_return base::Status();
  }
  const auto first = co_await (ask_servers(wait) || host_.foreign_data->changed().wait());
  if (first.index() == 0) co_return std::get<0>(first);
  co_return base::Status();
}

io::Task<base::Status> TaskData::ask_servers(base::Duration wait) {
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
