// SPDX-License-Identifier: Apache-2.0
// Which agents hear of an event: those whose node and services its filters let through, as they
// are when it is asked.
#pragma once

#include <map>
#include <string>

#include "catalog/pattern.hpp"
#include "state/tables.hpp"

namespace caravan::catalog {

/// Errors: invalid (its name, its sizes, or a filter that is no regular expression).
base::Status check_event(const model::UserEvent& event);

/// The ears of one node, for one look at one snapshot: each filter is compiled once. The tables
/// outlive it.
class Hearing {
 public:
  Hearing(const state::Tables& tables, std::string node)
      : tables_(tables), node_(std::move(node)) {}

  /// A service that its filter lets through has to have the tag that its filter asks for.
  bool hears(const model::UserEvent& event);

 private:
  const Pattern* pattern(const std::string& filter);
  bool has_service(const Pattern& service, const Pattern* tag) const;

  const state::Tables& tables_;
  const std::string node_;
  std::map<std::string, std::optional<Pattern>> patterns_;
};

}  // namespace caravan::catalog
