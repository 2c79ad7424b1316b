// SPDX-License-Identifier: Apache-2.0
#include "model/coordinate.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace caravan::model {
namespace {

constexpr double seconds_max = 10;
constexpr double noticed_min = 100e-6, noticed_share = 0.1, noticed_error = 0.1;

double length(const std::vector<double>& vec) {
  double squares = 0;
  for (const double each : vec)
    squares += each * each;
  return std::sqrt(squares);
}

double apart(const Coordinate& a, const Coordinate& b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.vec.size(); ++i)
    squares += (a.vec[i] - b.vec[i]) * (a.vec[i] - b.vec[i]);
  return std::sqrt(squares);
}

}  // namespace

std::string coordinate_complaint(const Coordinate& c) {
  if (c.vec.size() != coordinate_dimensions)
    return fmt::format("Coordinate has {} dimensions, and not {}", c.vec.size(),
                       coordinate_dimensions);
  const auto is_wild = [](double number) { return !(std::abs(number) <= seconds_max); };
  if (std::ranges::any_of(c.vec, is_wild) || is_wild(c.error) || is_wild(c.adjustment) ||
      is_wild(c.height) || c.height < 0 || c.error < 0)
    return fmt::format("Coordinate is invalid: its numbers are outside {} s", seconds_max);
  return "";
}

double raw_distance(const Coordinate& a, const Coordinate& b) {
  return apart(a, b) + a.height + b.height;
}

double distance(const Coordinate& a, const Coordinate& b) {
  const double raw = raw_distance(a, b);
  const double adjusted = raw + a.adjustment + b.adjustment;
  return adjusted > 0 ? adjusted : raw;
}

bool has_moved(const Coordinate& before, const Coordinate& now) {
  const double way = apart(before, now) + std::abs(before.height - now.height) +
                     std::abs(before.adjustment - now.adjustment);
  return way > std::max(noticed_min, noticed_share * (length(before.vec) + before.height)) ||
         std::abs(before.error - now.error) > noticed_error;
}

}  // namespace caravan::model
