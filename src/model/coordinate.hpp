// SPDX-License-Identifier: Apache-2.0
// Where a node stands in the network: points whose distance estimates the time that a question and
// its answer take between them. Vivaldi (Dabek, Cox, Kaashoek, Morris 2004) with heights, and with
// the adjustment of Ledlie, Gardner and Seltzer (2007). All figures are seconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/field.hpp"

namespace caravan::model {

inline constexpr std::size_t coordinate_dimensions = 8;
inline constexpr double coordinate_error_max = 1.5;     // knows nothing yet
inline constexpr double coordinate_height_min = 10e-6;  // seconds

struct Coordinate {
  std::vector<double> vec = std::vector<double>(coordinate_dimensions, 0.0);
  double error = coordinate_error_max;  // 0..1.5: how little it is to be trusted
  double adjustment = 0;
  double height = coordinate_height_min;  // of the node's own link
  base::Unknown unknown;
  friend bool operator==(const Coordinate&, const Coordinate&) = default;
};
template <class V>
void fields(V& v, Coordinate& c) {
  v(1, "Vec", c.vec);
  v(2, "Error", c.error);
  v(3, "Adjustment", c.adjustment);
  v(4, "Height", c.height);
  v.unknown(c.unknown);
}

struct NodeCoordinate {
  std::string node;  // the name
  Coordinate coordinate;
  base::Unknown unknown;
  friend bool operator==(const NodeCoordinate&, const NodeCoordinate&) = default;
};
template <class V>
void fields(V& v, NodeCoordinate& n) {
  v(1, "Node", n.node);
  v(2, "Coord", n.coordinate);
  v.unknown(n.unknown);
}

/// What is wrong with it, "" when nothing is: other dimensions than ours, numbers that are none or
/// longer than ten seconds.
std::string coordinate_complaint(const Coordinate& coordinate);

/// The estimated round-trip time. Precondition: nothing is wrong with the two.
double distance(const Coordinate& a, const Coordinate& b);
/// The same without adjustments: what the points themselves say.
double raw_distance(const Coordinate& a, const Coordinate& b);

/// Whether others would notice that it moved: by a tenth of where it stood, and 100 µs at least;
/// or that its error is another one by a tenth.
bool has_moved(const Coordinate& before, const Coordinate& now);

}  // namespace caravan::model
