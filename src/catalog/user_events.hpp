// SPDX-License-Identifier: Apache-2.0
// Which agents hear of an event: those whose node and services its filters let through, as they
// are when it is asked.
#pragma once

#include <string>

#include "catalog/pattern.hpp"
#include "state/tables.hpp"

namespace caravan::catalog {

/// Errors: invalid (its name, its sizes, or a filter that is no regular expression).
base::Status check_event(const model::UserEvent& event);

/// The ears of one node, for one look at one snapshot. References outlive it.
class Hearing {
 public:
  Hearing(const state::Tables& tables, Patterns& patterns, std::string node)
      : tables_(tables), patterns_(patterns), node_(std::move(node)) {}

  /// A service that its filter lets through has to have the tag that its filter asks for.
  bool hears(const model::UserEvent& event) const;

 private:
  bool has_service(const Pattern& service, const Pattern* tag) const;

  const state::Tables& tables_;
  Patterns& patterns_;
  const std::string node_;
};

}  // namespace caravan::catalog
