// SPDX-License-Identifier: Apache-2.0
// What operators may change of the scheduler while the cluster runs.
#pragma once

#include "model/field.hpp"

namespace caravan::model {

enum class JobType;

/// binpack fills nodes up, spread keeps them even.
enum class SchedulerAlgorithm { binpack, spread };
constexpr auto enum_names(SchedulerAlgorithm) { return std::array{"binpack"sv, "spread"sv}; }

/// Which schedulers may end allocations of less important jobs to make room.
struct PreemptionConfig {
  bool system = true, sysbatch = false, batch = false, service = false;
  base::Unknown unknown;
  friend bool operator==(const PreemptionConfig&, const PreemptionConfig&) = default;
};
template <class V>
void fields(V& v, PreemptionConfig& p) {
  // Number 1 was this with false as its default, when nothing could be preempted.
  v(5, "SystemSchedulerEnabled", p.system);
  v(2, "SysBatchSchedulerEnabled", p.sysbatch);
  v(3, "BatchSchedulerEnabled", p.batch);
  v(4, "ServiceSchedulerEnabled", p.service);
  v.unknown(p.unknown);
}
/// Whether jobs of the type may.
bool may_preempt(const PreemptionConfig& config, JobType type);

struct SchedulerConfig {
  SchedulerAlgorithm algorithm = SchedulerAlgorithm::binpack;
  PreemptionConfig preemption;
  bool memory_oversubscription = false;  // tasks may use more than `memory`, up to `memory_max`
  bool reject_job_registration = false;
  bool pause_eval_broker = false;  // no evaluation is worked on
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const SchedulerConfig&, const SchedulerConfig&) = default;
};
template <class V>
void fields(V& v, SchedulerConfig& c) {
  v(1, "SchedulerAlgorithm", c.algorithm);
  v(2, "PreemptionConfig", c.preemption);
  v(3, "MemoryOversubscriptionEnabled", c.memory_oversubscription);
  v(4, "RejectJobRegistration", c.reject_job_registration);
  v(5, "PauseEvalBroker", c.pause_eval_broker);
  v(6, "CreateIndex", c.create_index);
  v(7, "ModifyIndex", c.modify_index);
  v.unknown(c.unknown);
}

}  // namespace caravan::model
