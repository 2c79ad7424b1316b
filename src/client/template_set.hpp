// SPDX-License-Identifier: Apache-2.0
// A task's templates: rendered before it starts, and again when what they read has changed.
#pragma once

#include <map>

#include "client/alloc_dir.hpp"
#include "client/task_data.hpp"
#include "client/task_env.hpp"
#include "io/world.hpp"

namespace caravan::client {

class TemplateSet {
 public:
  /// References outlive it.
  TemplateSet(Host& host, const base::AllocId& alloc, const model::Task& task, const AllocDir& dir);

  /// Renders everything that differs from what lies on disk. Errors: invalid (the template's
  /// mistake, or a path that leads out of the allocation), io.
  base::Status render(const TaskEnv& env);
  /// The templates whose output changed in the last render().
  const std::vector<const model::Template*>& changed() const { return changed_; }
  /// KEY=VALUE lines of templates with `env = true`.
  const std::map<std::string, std::string>& env() const { return env_; }
  /// Whether a file is read that may change while the task runs.
  bool watches_files() const { return watches_files_; }
  /// Whether the cluster is asked.
  bool asks() const { return !data_.empty(); }
  /// Returns when something may be rendered anew that the cluster knows, or after `wait`.
  io::Task<base::Status> update(base::Duration wait) { return data_.update(wait); }
  bool empty() const { return task_.templates.empty(); }

 private:
  bool lies_there(const std::string& path, const std::string& text) const;
  std::string complaint(const expr::Dependency& missing) const;
  base::Status render_one(const model::Template& t, const TaskEnv& env);

  Host& host_;
  io::World& world_;
  const model::Task task_;  // a copy: an update in place replaces the job it came from
  const AllocDir& dir_;
  std::map<std::string, std::string> env_, rendered_;  // by destination
  std::vector<const model::Template*> changed_;
  TaskData data_;
  bool watches_files_ = false;
};

}  // namespace caravan::client
