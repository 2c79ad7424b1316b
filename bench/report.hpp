// SPDX-License-Identifier: Apache-2.0
// What a case found: one line of JSON, or of text for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/options.hpp"

namespace caravan::bench {

/// Times of single steps, in seconds.
class Samples {
 public:
  void add(double seconds) { seconds_.push_back(seconds); }
  std::size_t size() const { return seconds_.size(); }
  double sum() const;
  /// The smallest sample that `share` (0..1) of all do not exceed; 0 without samples.
  double quantile(double share) const;

 private:
  std::vector<double> seconds_;
};

struct Report {
  std::string name;
  int nodes = 0, jobs = 0, count = 0;
  long placed = 0;
  double seconds = 0;  // what `rate` is over
  Samples steps;       // evaluations, requests: what p50 and p99 are over
  std::vector<std::pair<std::string, double>> more;
};

/// Prints it, with the rate, the peak of the process's memory and the revision.
void print(const Report& report, const Options& options);

/// The result of a case is wrong: says so and ends the process with 1.
[[noreturn]] void wrong(const std::string& what);

/// Seconds of a clock that only goes forward.
double now();
/// Seconds that this thread has had a core: what pure work costs, whoever else is on the machine.
double cpu_now();

}  // namespace caravan::bench
