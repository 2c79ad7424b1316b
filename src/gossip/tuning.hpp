// SPDX-License-Identifier: Apache-2.0
// How fast and how patient. Aims: a dead member is known to 99 % in 5 s among 100 and in 12 s among
// 10,000; a pause of 2 s kills nobody; 5 % of the packets may be lost. The figures were found by
// gossip_soak; docs/reliability.md has what was measured.
#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace caravan::gossip {

struct Tuning {
  base::Duration tick{50'000'000};  // how often the core wants to be called
  /// A longer stretch without a call was a pause of our own: it does not count as anybody's
  /// silence.
  base::Duration step_max{150'000'000};

  base::Duration probe_interval{250'000'000};   // among up to 100; see probe_interval_of
  base::Duration repeat_after{200'000'000};     // the ping is sent once more
  base::Duration direct_timeout{400'000'000};   // then others are asked to ping
  base::Duration probe_timeout{1'000'000'000};  // then it is suspected
  std::size_t relays = 3;

  base::Duration suspicion_min{2'000'000'000};  // with enough accusers; among up to 100
  base::Duration last_call{500'000'000};        // so long before the end the accused is asked
  std::size_t last_callers = 128;               // by so many of all members
  int suspicion_max = 4;                        // times as long with none but ourselves
  int confirmations = 3;                        // further accusers that make it as short as can be
  int health_max = 8;                           // how much slower a member in trouble becomes

  base::Duration gossip_interval{100'000'000};
  std::size_t fanout = 3;
  int transmit_factor = 4;  // a claim is sent so many times log10 of the members

  base::Duration exchange_interval{30'000'000'000};  // of whole tables; longer among more than 32
  base::Duration reconnect_interval{2'000'000'000};  // one ping to one that failed
  base::Duration forget_after{86'400'000'000'000};   // of those that failed or left
};

/// Among so many members, this one included.
base::Duration probe_interval_of(const Tuning& tuning, std::size_t members);
base::Duration exchange_interval_of(const Tuning& tuning, std::size_t members);
int transmissions_of(const Tuning& tuning, std::size_t members);
base::Duration suspicion_min_of(const Tuning& tuning, std::size_t members);

/// How long a suspicion lasts in all, once `confirmed` of the `wanted` further accusers have
/// spoken: from the longest time down to the shortest, the first voices counting most. (Lifeguard,
/// Dadgar, Phillips, Currey 2018, section IV.B.)
base::Duration suspicion_timeout(base::Duration shortest, base::Duration longest, int confirmed,
                                 int wanted);

}  // namespace caravan::gossip
