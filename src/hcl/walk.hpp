// SPDX-License-Identifier: Apache-2.0
// Which names a piece of source refers to, without evaluating it.
#pragma once

#include <functional>

#include "hcl/body.hpp"

namespace caravan::hcl {

/// `var.image` as root "var" and first attribute "image" (empty when an index or nothing follows).
struct Reference {
  std::string_view root;
  std::string_view attribute;
  Range range;
};
using OnReference = std::function<void(const Reference&)>;

/// Names that a `for` binds are not told apart from others: what is called is a superset.
void for_each_reference(const Expression& expression, const OnReference& visit);
void for_each_reference(const Body& body, const OnReference& visit);

}  // namespace caravan::hcl
