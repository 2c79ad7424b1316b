// SPDX-License-Identifier: Apache-2.0
// A task group: tasks that live on one node together, share a network and a directory, and are
// counted, placed and replaced as one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/disconnect.hpp"
#include "model/network.hpp"
#include "model/placement.hpp"
#include "model/restart_policy.hpp"
#include "model/scaling_policy.hpp"
#include "model/task.hpp"
#include "model/update_strategy.hpp"

namespace caravan::model {

/// More copies of one group are refused; the peers' own limit.
inline constexpr int group_count_max = 50'000;

struct EphemeralDisk {
  bool sticky = false, migrate = false;
  int size_mb = 300;
  base::Unknown unknown;
  friend bool operator==(const EphemeralDisk&, const EphemeralDisk&) = default;
};
template <class V>
void fields(V& v, EphemeralDisk& d) {
  v(1, "Sticky", d.sticky);
  v(2, "Migrate", d.migrate);
  v(3, "SizeMB", d.size_mb);
  v.unknown(d.unknown);
}

struct VolumeRequest {
  std::string name, type, source;
  bool read_only = false, sticky = false, per_alloc = false;
  std::string access_mode, attachment_mode;
  json::Value mount_options;
  base::Unknown unknown;
  friend bool operator==(const VolumeRequest&, const VolumeRequest&) = default;
};
template <class V>
void fields(V& v, VolumeRequest& r) {
  v(1, "Name", r.name);
  v(2, "Type", r.type);
  v(3, "Source", r.source);
  v(4, "ReadOnly", r.read_only);
  v(5, "Sticky", r.sticky);
  v(6, "PerAlloc", r.per_alloc);
  v(7, "AccessMode", r.access_mode);
  v(8, "AttachmentMode", r.attachment_mode);
  v(9, "MountOptions", r.mount_options);
  v.unknown(r.unknown);
}

struct TaskGroup {
  std::string name;
  int count = 1;
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  std::vector<Task> tasks;
  std::vector<Spread> spreads;
  std::map<std::string, VolumeRequest> volumes;
  RestartPolicy restart;
  std::optional<Disconnect> disconnect;
  std::optional<ReschedulePolicy> reschedule;  // none for system jobs
  EphemeralDisk ephemeral_disk;
  std::optional<UpdateStrategy> update;    // service and system jobs
  std::optional<MigrateStrategy> migrate;  // service jobs
  std::vector<NetworkResource> networks;
  std::map<std::string, std::string> meta;
  std::vector<Service> services;
  base::Duration shutdown_delay{0}, max_run_duration{0};
  std::optional<ScalingPolicy> scaling;
  json::Value consul;
  std::vector<std::string> depends_on;  // groups of the job that have to be healthy first
  base::Unknown unknown;

  const Task* find_task(std::string_view task_name) const;
  friend bool operator==(const TaskGroup&, const TaskGroup&) = default;
};
template <class V>
void fields(V& v, TaskGroup& g) {
  v(1, "Name", g.name);
  v(2, "Count", g.count);
  v(3, "Constraints", g.constraints);
  v(4, "Affinities", g.affinities);
  v(5, "Tasks", g.tasks);
  v(6, "Spreads", g.spreads);
  v(7, "Volumes", g.volumes);
  v(8, "RestartPolicy", g.restart);
  v(10, "ReschedulePolicy", g.reschedule);
  v(11, "EphemeralDisk", g.ephemeral_disk);
  v(12, "Update", g.update);
  v(13, "Migrate", g.migrate);
  v(14, "Networks", g.networks);
  v(15, "Meta", g.meta);
  v(16, "Services", g.services);
  v(17, "ShutdownDelay", g.shutdown_delay);
  v(18, "MaxRunDuration", g.max_run_duration);
  v(20, "Consul", g.consul);
  v(21, "Disconnect", g.disconnect);
  v(22, "Scaling", g.scaling);
  v(23, "DependsOn", g.depends_on, omit_empty);
  v.unknown(g.unknown);
}

}  // namespace caravan::model
