// SPDX-License-Identifier: Apache-2.0
// The rules a job must keep, a file for each noun; validate.cpp puts them together. Each complaint
// names the path, the value and the limit.
#pragma once

#include <fmt/core.h>

#include "base/text.hpp"
#include "model/job.hpp"

namespace caravan::model::rules {

constexpr std::size_t complaints_max = 20;
constexpr base::Duration second{1'000'000'000};

/// What is wrong with a job, in the order of its parts; what comes after complaints_max is dropped.
class Complaints {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    if (list_.size() < complaints_max)
      list_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  /// Complains of a value outside low..high, both included.
  void range(const std::string& path, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value < low || value > high) add("{}: {} is outside {}..{}", path, value, low, high);
  }
  void not_negative(const std::string& path, base::Duration value) {
    if (value < base::Duration(0)) add("{}: {} is negative", path, base::format_duration(value));
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

// Each takes the JSON path of what it looks at.
void check_name(Complaints& c, const std::string& path, const std::string& name);
/// A name that becomes a folder.
void check_folder_name(Complaints& c, const std::string& path, const std::string& name);
void check_constraints(Complaints& c, const std::string& path, const std::vector<Constraint>& list);
void check_restart(Complaints& c, const std::string& path, const RestartPolicy& p);
void check_reschedule(Complaints& c, const std::string& path, const ReschedulePolicy& p);
void check_update(Complaints& c, const std::string& path, const UpdateStrategy& u, int count);
void check_networks(Complaints& c, const std::string& path,
                    const std::vector<NetworkResource>& networks);
/// of_task: the service belongs to a task of the group and not to the group itself.
void check_service(Complaints& c, const std::string& path, const Service& s, const TaskGroup& group,
                   bool of_task);
void check_identities(Complaints& c, const std::string& path, const Task& task);
/// Whether a path below the allocation has more ".." than it has folders to leave.
bool climbs_out(const std::string& path);
void check_task(Complaints& c, const std::string& path, const Task& task, const TaskGroup& group);
void check_periodic(Complaints& c, const PeriodicConfig& periodic);
void check_parameterized(Complaints& c, const ParameterizedJob& parameterized);

}  // namespace caravan::model::rules
