// SPDX-License-Identifier: Apache-2.0
// gossip_soak MEMBERS MINUTES [LOSS-PER-MILLE [PAUSES-PER-MINUTE [SEED]]]: a crowd over a long
// virtual time. Every 30 s one member dies, and comes back when all know; others pause for up to 2
// s. Prints how long it took until 99 % knew, and ends with 1 when one that lived was held for
// dead.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

#include "gossip/crowd.hpp"

namespace {

using namespace caravan;
using namespace std::chrono_literals;

double seconds(base::Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

}  // namespace

int main(int count, char** arguments) {
  const auto argument = [&](int i, std::uint64_t otherwise) {
    return count > i ? std::strtoull(arguments[i], nullptr, 10) : otherwise;
  };
  gossip::CrowdConfig config;
  config.members = argument(1, 100);
  const auto minutes = argument(2, 60);
  config.loss = static_cast<int>(argument(3, 50));
  const auto pauses = argument(4, 60);
  config.seed = argument(5, 1);
  gossip::Crowd crowd(config);
  gossip::Draw draw(config.seed + 1);
  std::vector<base::Duration> noticed, rested(config.members);
  constexpr base::Duration step = 50ms;
  const auto steps_per_minute = static_cast<std::uint64_t>(1min / step);
  std::uint64_t dead = 0, unnoticed = 0;
  base::Duration died{0}, back{30s};
  bool is_dead = false;
  const auto next = [&] { return 1 + draw.below(crowd.size() - 1); };
  while (crowd.now() < base::Duration(1min) * static_cast<int>(minutes)) {
    crowd.run_for(step);
    if (pauses > 0 && draw.below(steps_per_minute) < pauses) {
      const std::size_t one = draw.below(crowd.size());
      // Two pauses in a row would be a longer one.
      if (crowd.now() > rested[one]) {
        const base::Duration pause = base::Duration(1ms) * static_cast<int>(draw.below(2001));
        crowd.pause(one, pause);
        rested[one] = crowd.now() + pause + 10s;
      }
    }
    if (is_dead) {
      const bool late = crowd.now() - died > 30s;
      if (!late && crowd.believing(dead, gossip::Status::failed) * 100 < crowd.running() * 99)
        continue;
      unnoticed += late ? 1 : 0;
      noticed.push_back(crowd.now() - died);
      crowd.run_for(10s);  // until the last one knows, too
      crowd.restart(dead);
      is_dead = false;
      back = crowd.now() + 30s;
    } else if (crowd.now() > back) {
      dead = next();
      crowd.crash(dead);
      died = crowd.now();
      is_dead = true;
    }
  }
  std::ranges::sort(noticed);
  const auto at = [&](double share) {
    if (noticed.empty()) return 0.0;
    const auto i = static_cast<std::size_t>(share * static_cast<double>(noticed.size() - 1));
    return seconds(noticed[i]);
  };
  fmt::print(
      "{} members, {} virtual minutes, loss {} per mille, seed {}: {} deaths, known to 99 % "
      "after p50 {:.2f} s, p99 {:.2f} s, at most {:.2f} s ({} not within 30 s); "
      "{} suspicions, {} false deaths; {:.1f} packets a member and second\n",
      crowd.size(), minutes, config.loss, config.seed, noticed.size(), at(0.5), at(0.99), at(1),
      unnoticed, crowd.suspicions, crowd.false_deaths,
      static_cast<double>(crowd.packets) / static_cast<double>(crowd.size()) /
          seconds(crowd.now()));
  return crowd.false_deaths + unnoticed > 0 ? 1 : 0;
}
