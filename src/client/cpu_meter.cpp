// SPDX-License-Identifier: Apache-2.0
#include "client/cpu_meter.hpp"

#include <algorithm>

namespace caravan::client {

base::Duration CpuMeter::begin(const driver::CpuTime& read, base::Duration uptime) {
  if (!before_ || uptime - before_->uptime > reading_age_max) {
    before_ = Reading{read, uptime};
    said_.reset();
  }
  if (said_) return base::Duration(0);
  return std::max(base::Duration(0), before_->uptime + window_min - uptime);
}

CpuShare CpuMeter::measure(const driver::CpuTime& read, base::Duration uptime) {
  if (!before_) before_ = Reading{read, uptime};
  const base::Duration window = uptime - before_->uptime;
  if (window < window_min) return said_.value_or(CpuShare());
  const auto share = [&](std::uint64_t before, std::uint64_t now) {  // less: it was started anew
    return now < before ? 0
                        : static_cast<double>(now - before) / static_cast<double>(window.count());
  };
  said_ = CpuShare{share(before_->time.user_ns, read.user_ns),
                   share(before_->time.system_ns, read.system_ns)};
  before_ = Reading{read, uptime};
  return *said_;
}

}  // namespace caravan::client
