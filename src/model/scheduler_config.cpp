// SPDX-License-Identifier: Apache-2.0
#include "model/scheduler_config.hpp"

namespace caravan::model {

std::vector<std::string> not_built(const SchedulerConfig& config) {
  const PreemptionConfig& p = config.preemption;
  std::vector<std::string> names;
  if (p.system) names.emplace_back("PreemptionConfig.SystemSchedulerEnabled");
  if (p.sysbatch) names.emplace_back("PreemptionConfig.SysBatchSchedulerEnabled");
  if (p.batch) names.emplace_back("PreemptionConfig.BatchSchedulerEnabled");
  if (p.service) names.emplace_back("PreemptionConfig.ServiceSchedulerEnabled");
  return names;
}

}  // namespace caravan::model
