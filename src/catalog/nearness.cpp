// SPDX-License-Identifier: Apache-2.0
#include "catalog/nearness.hpp"

#include <limits>

#include "base/text.hpp"

namespace caravan::catalog {

Nearness::Nearness(const state::Tables& tables, std::string_view node)
    : tables_(tables), from_(base::to_lower(node)) {
  if (const auto* here = tables.coordinates.find(from_)) here_ = *here;
}

double Nearness::to(std::string_view node) const {
  const std::string name = base::to_lower(node);
  if (name == from_) return 0;
  const auto* there = here_ ? tables_.coordinates.find(name) : nullptr;
  return there ? model::distance(here_->coordinate, (*there)->coordinate)
               : std::numeric_limits<double>::infinity();
}

}  // namespace caravan::catalog
