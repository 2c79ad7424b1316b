// SPDX-License-Identifier: Apache-2.0
// Clusters and jobs to measure with: the same for the same numbers, on every machine.
#pragma once

#include "model/job.hpp"
#include "model/node.hpp"
#include "state/store.hpp"

namespace caravan::bench {

/// Numbers that look random (SplitMix64) and never change.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// 0 .. n-1.
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  base::Uuid uuid();

 private:
  std::uint64_t state_;
};

/// Ready nodes of four sizes (16 to 128 GHz, 32 to 256 GiB) in three datacenters and 50 racks, with
/// two classes and two kernels.
model::Node make_node(int number, Dice& dice);

/// A job with one group of `count` tasks of 500 MHz and 256 MiB.
model::Job make_job(const std::string& id, int count);
/// Adds constraints that two thirds of the nodes satisfy.
void make_picky(model::Job& job);
/// Adds spread, affinity, distinct_property and two dynamic ports.
void make_rich(model::Job& job);
/// One of the jobs of a busy cluster: 1 to 20 tasks of some size, with some of the above.
model::Job some_job(int number, Dice& dice);

/// A state with commands in and nothing else.
class Cluster {
 public:
  explicit Cluster(int nodes, std::uint64_t seed = 1);

  template <class Body>
  void apply(Body body) {
    const std::uint64_t index = store.snapshot()->index + 1;
    store.apply(index, wire::encode_command({.time_ns = now.unix_ns, .body = std::move(body)}));
  }
  /// Stores the job with a pending evaluation, and returns that.
  model::Evaluation submit(const model::Job& job);

  Dice dice;
  state::Store store;
  base::Instant now = base::Instant::from_seconds(1'700'000'000);
};

/// Ends the process when the state holds a node with more than it has room for, a port given out
/// twice, or not as many live allocations as it should.
void check_cluster(const state::Tables& tables, long placed);

}  // namespace caravan::bench
