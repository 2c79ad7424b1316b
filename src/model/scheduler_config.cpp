// SPDX-License-Identifier: Apache-2.0
#include "model/scheduler_config.hpp"

#include "model/job.hpp"

namespace caravan::model {

bool may_preempt(const PreemptionConfig& config, JobType type) {
  switch (type) {
    case JobType::service:
      return config.service;
    case JobType::batch:
      return config.batch;
    case JobType::system:
      return config.system;
    case JobType::sysbatch:
      return config.sysbatch;
  }
  return false;
}

}  // namespace caravan::model
