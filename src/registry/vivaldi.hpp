// SPDX-License-Identifier: Apache-2.0
// How an agent finds its place: each time that an answer took some while, it moves a little towards
// or away from who answered. Pure; see model/coordinate.hpp for the papers.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <random>
#include <string>

#include "model/coordinate.hpp"

namespace caravan::registry {

class Vivaldi {
 public:
  /// `seed`: for the direction in which two part who stand on one point.
  explicit Vivaldi(std::uint64_t seed) : draw_(seed) {}

  /// An answer of `who`, who stands at `there`, took so many seconds. What cannot be (no time at
  /// all, more than ten seconds, a place that is none) is ignored.
  void observe(const std::string& who, const model::Coordinate& there, double seconds);
  const model::Coordinate& place() const { return place_; }

 private:
  double usual(const std::string& who, double seconds);
  void move(const model::Coordinate& there, double seconds);
  void adjust(const model::Coordinate& there, double seconds);
  void fall_back();
  std::vector<double> direction_from(const model::Coordinate& there);

  model::Coordinate place_;
  std::map<std::string, std::deque<double>> latest_;  // a few by who answered
  std::deque<double> differences_;                    // of what was measured and estimated
  std::mt19937_64 draw_;
};

}  // namespace caravan::registry
