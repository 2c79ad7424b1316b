// SPDX-License-Identifier: Apache-2.0
#include "gossip/tuning.hpp"

#include <algorithm>
#include <cmath>

namespace caravan::gossip {
namespace {

base::Duration times(base::Duration duration, double factor) {
  return base::Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor));
}

/// 1 up to 100 members, 2 at 10,000: what takes as many rounds as news needs to get around.
double spread(std::size_t members) {
  return std::max(1.0, std::log10(static_cast<double>(std::max<std::size_t>(members, 1))) / 2);
}

}  // namespace

base::Duration probe_interval_of(const Tuning& tuning, std::size_t members) {
  return times(tuning.probe_interval, spread(members) * 2 - 1);
}

base::Duration exchange_interval_of(const Tuning& tuning, std::size_t members) {
  const double over = static_cast<double>(members) / 32;
  return times(tuning.exchange_interval, over <= 1 ? 1 : 1 + std::ceil(std::log2(over)));
}

int transmissions_of(const Tuning& tuning, std::size_t members) {
  return tuning.transmit_factor *
         static_cast<int>(std::ceil(std::log10(static_cast<double>(members) + 1)));
}

base::Duration suspicion_min_of(const Tuning& tuning, std::size_t members) {
  return times(tuning.suspicion_min, spread(members));
}

base::Duration suspicion_timeout(base::Duration shortest, base::Duration longest, int confirmed,
                                 int wanted) {
  if (wanted < 1 || confirmed >= wanted) return shortest;
  const double share = std::log(confirmed + 1.0) / std::log(wanted + 1.0);
  return std::max(shortest, longest - times(longest - shortest, share));
}

}  // namespace caravan::gossip
