// SPDX-License-Identifier: Apache-2.0
#include "registry/vivaldi.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace caravan::registry {
namespace {

// The names are the papers'. Source: the public defaults of the registry's peers.
constexpr double error_weight = 0.25;     // c_e
constexpr double step_weight = 0.25;      // c_c
constexpr std::size_t filter_size = 3;    // of the latest times the one in the middle counts
constexpr std::size_t adjustment_window = 20;
constexpr double gravity = 150;           // seconds: how slowly all drift back to the origin
constexpr double smallest = 1e-6;         // seconds, of anything that something is divided by
constexpr double seconds_max = 10;
constexpr std::size_t known_max = 64;     // who answered; then all are forgotten

double length(const std::vector<double>& vec) {
  double squares = 0;
  for (const double each : vec)
    squares += each * each;
  return std::sqrt(squares);
}

}  // namespace

/// A single time says little: whatever else ran on the two machines is in it.
double Vivaldi::usual(const std::string& who, double seconds) {
  if (latest_.size() >= known_max && !latest_.contains(who)) latest_.clear();
  std::deque<double>& latest = latest_[who];
  latest.push_back(seconds);
  if (latest.size() > filter_size) latest.pop_front();
  std::vector<double> sorted(latest.begin(), latest.end());
  std::ranges::sort(sorted);
  return sorted[sorted.size() / 2];
}

/// Of length one; by chance where the two stand on one point.
std::vector<double> Vivaldi::direction_from(const model::Coordinate& there) {
  std::vector<double> way(model::coordinate_dimensions);
  for (std::size_t i = 0; i < way.size(); ++i)
    way[i] = place_.vec[i] - there.vec[i];
  double far = length(way);
  while (far < smallest) {
    for (double& each : way)
      each = static_cast<double>(draw_() >> 11) / 9007199254740992.0 - 0.5;  // 2^53
    far = length(way);
  }
  for (double& each : way)
    each /= far;
  return way;
}

void Vivaldi::move(const model::Coordinate& there, double seconds) {
  const double estimate = model::raw_distance(place_, there);
  const double wrongness = std::abs(estimate - seconds) / seconds;
  const double weight = place_.error / std::max(place_.error + there.error, smallest);
  place_.error = std::min(wrongness * error_weight * weight +
                              place_.error * (1 - error_weight * weight),
                          model::coordinate_error_max);
  const double force = step_weight * weight * (seconds - estimate);
  double apart = 0;
  for (std::size_t i = 0; i < place_.vec.size(); ++i)
    apart += (place_.vec[i] - there.vec[i]) * (place_.vec[i] - there.vec[i]);
  apart = std::sqrt(apart);
  const std::vector<double> way = direction_from(there);
  for (std::size_t i = 0; i < place_.vec.size(); ++i)
    place_.vec[i] += way[i] * force;
  if (apart > smallest)
    place_.height = std::max((place_.height + there.height) * force / estimate + place_.height,
                             model::coordinate_height_min);
}

/// Half of the difference is ours, the other half theirs, who reckon as well.
void Vivaldi::adjust(const model::Coordinate& there, double seconds) {
  differences_.push_back(seconds - model::raw_distance(place_, there));
  if (differences_.size() > adjustment_window) differences_.pop_front();
  double sum = 0;
  for (const double each : differences_)
    sum += each;
  place_.adjustment = sum / (2.0 * static_cast<double>(adjustment_window));
}

/// The crowd as a whole would wander otherwise: nothing holds it.
void Vivaldi::fall_back() {
  const double far = length(place_.vec);
  if (far < smallest) return;
  const double force = std::min(far, (far / gravity) * (far / gravity));
  for (double& each : place_.vec)
    each -= each / far * force;
}

void Vivaldi::observe(const std::string& who, const model::Coordinate& there, double seconds) {
  if (!(seconds > 0 && seconds <= seconds_max) || !model::coordinate_complaint(there).empty())
    return;
  const double time = std::max(usual(who, seconds), smallest);
  move(there, time);
  adjust(there, time);
  fall_back();
  if (!model::coordinate_complaint(place_).empty()) place_ = model::Coordinate();
}

}  // namespace caravan::registry
