// SPDX-License-Identifier: Apache-2.0
// What a task's templates know of the cluster: asked of the servers in one question that is
// answered when something of it changes, or, of the registry, of a Consul beside the node.
#pragma once

#include <map>

#include "client/host.hpp"
#include "expr/template.hpp"
#include "wire/task_data.hpp"

namespace caravan::client {

class TaskData {
 public:
  TaskData(Host& host, base::AllocId alloc, std::string task)
      : host_(host), alloc_(alloc), task_(std::move(task)) {}

  /// Whether the servers are asked for this kind.
  static bool is_asked(const std::string& kind);
  /// What is known, null when it is nothing (yet). From now on it is asked for.
  json::Value get(const expr::Dependency& dependency);
  /// Why there is nothing, "" when nobody refused it.
  std::string refusal(const expr::Dependency& dependency) const;
  bool empty() const { return known_.empty() && seen_.empty(); }
  /// Asks; returns when an answer is another than before, or after `wait`. Errors: those of the
  /// servers and of the way there.
  io::Task<base::Status> update(base::Duration wait);

 private:
  struct Known {
    json::Value value;
    std::string refusal;
    std::uint64_t index = wire::index_unknown;
  };
  io::Task<base::Status> ask_servers(base::Duration wait);
  bool is_foreign(const expr::Dependency& dependency) const;
  bool has_foreign_news() const;
  base::Status take(const std::vector<expr::Dependency>& asked, const std::string& reply);

  Host& host_;
  base::AllocId alloc_;
  std::string task_;
  std::map<expr::Dependency, Known> known_;
  /// Of a Consul beside the node: the version of what was given last.
  std::map<expr::Dependency, std::uint64_t> seen_;
};

}  // namespace caravan::client
