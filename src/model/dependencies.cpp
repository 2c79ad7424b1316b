// SPDX-License-Identifier: Apache-2.0
#include "model/dependencies.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

constexpr std::size_t shown_max = 64;

/// Depth first, without recursion: users choose how deep it goes.
class Walk {
 public:
  explicit Walk(const Dependencies& dependencies) : dependencies_(dependencies) {}

  std::vector<std::string> from(const std::string& start) {
    enter(start);
    while (!way_.empty()) {
      Step& step = way_.back();
      const auto known = dependencies_.find(step.name);
      if (known == dependencies_.end() || step.next == known->second.size()) {
        on_way_.erase(step.name);
        way_.pop_back();
        continue;
      }
      const std::string& to = known->second[step.next++];
      if (on_way_.contains(to)) return cycle_to(to);
      if (!done_.contains(to)) enter(to);
    }
    return {};
  }

 private:
  struct Step {
    std::string name;
    std::size_t next = 0;
  };
  void enter(const std::string& name) {
    done_.insert(name);
    on_way_.insert(name);
    way_.push_back({name});
  }
  std::vector<std::string> cycle_to(const std::string& name) const {
    std::vector<std::string> cycle;
    for (const Step& step : way_)
      if (!cycle.empty() || step.name == name) cycle.push_back(step.name);
    cycle.push_back(name);
    return cycle;
  }

  const Dependencies& dependencies_;
  std::vector<Step> way_;
  std::set<std::string> on_way_, done_;
};

/// `kind`: "task" or "group"; all of `dependencies` are of that kind.
void check(std::vector<std::string>& lines, const std::string& at, const char* kind,
           const Dependencies& dependencies) {
  for (const auto& [name, others] : dependencies)
    for (const std::string& other : others)
      if (!dependencies.contains(other))
        lines.push_back(fmt::format("{}: {} \"{}\": DependsOn: there is no {} \"{}\"", at, kind,
                                    base::printable(name, shown_max), kind,
                                    base::printable(other, shown_max)));
  if (const std::vector<std::string> cycle = find_cycle(dependencies); !cycle.empty())
    lines.push_back(fmt::format("{}: DependsOn: {}s wait for each other: {}", at, kind,
                                base::printable(cycle_text(cycle), 4 * shown_max)));
}

}  // namespace

std::vector<std::string> find_cycle(const Dependencies& dependencies) {
  Walk walk(dependencies);
  for (const auto& [name, others] : dependencies)
    if (std::vector<std::string> cycle = walk.from(name); !cycle.empty()) return cycle;
  return {};
}

std::string cycle_text(const std::vector<std::string>& cycle) { return base::join(cycle, " -> "); }

std::vector<std::string> dependency_complaints(const Job& job) {
  std::vector<std::string> lines;
  Dependencies groups;
  for (const TaskGroup& group : job.groups) {
    groups[group.name] = group.depends_on;
    Dependencies tasks;
    for (const Task& task : group.tasks)
      tasks[task.name] = task.depends_on;
    const std::string at = fmt::format("group \"{}\"", base::printable(group.name, shown_max));
    check(lines, at, "task", tasks);
    for (const Task& task : group.tasks)
      for (const std::string& other : task.depends_on) {
        const Task* first = group.find_task(other);
        if (first && first->is_poststop())
          lines.push_back(
              fmt::format("{}: task \"{}\": DependsOn: \"{}\" is a poststop task, which "
                          "starts when all others have ended",
                          at, task.name, other));
        if (first && first->is_poststart() && !task.is_poststart() && !task.is_poststop())
          lines.push_back(
              fmt::format("{}: task \"{}\": DependsOn: \"{}\" is a poststart task, "
                          "which starts when the main tasks run",
                          at, task.name, other));
        if (first && task.is_prestart() && first->is_main())
          lines.push_back(
              fmt::format("{}: task \"{}\": DependsOn: a prestart task cannot wait for "
                          "\"{}\", which starts after it",
                          at, task.name, other));
      }
  }
  check(lines, "Job", "group", groups);
  const bool everywhere = job.type == JobType::system || job.type == JobType::sysbatch;
  for (const TaskGroup& group : job.groups)
    if (everywhere && !group.depends_on.empty())
      lines.push_back(fmt::format("group \"{}\": DependsOn: not built yet for {} jobs", group.name,
                                  name_of(job.type)));
  if (std::ranges::find(job.depends_on, job.id) != job.depends_on.end())
    lines.push_back(
        fmt::format("Job.DependsOn: the job waits for itself: {} -> {}", job.id, job.id));
  return lines;
}

}  // namespace caravan::model
