// SPDX-License-Identifier: Apache-2.0
// What a search finds in the state, as the members "Matches" and "Truncations" of its answer. Pure.
#pragma once

#include <string>

#include "acl/authorized.hpp"
#include "state/tables.hpp"

namespace caravan::api::nomad {

/// Matches of one kind beyond these are left out, and the answer says so.
inline constexpr std::size_t matches_max = 20;

struct SearchQuestion {
  std::string text, context;  // "all" or one kind
  std::string ns;             // "*" for every namespace
  const acl::Authorized* caller;
};

bool is_search_context(std::string_view name);
/// "[allocs jobs …]", for messages.
std::string search_contexts();

/// Ids and names that begin with the text.
std::string prefix_matches(const state::Tables& tables, const SearchQuestion& question);
/// Names that have the text somewhere in them, in any case, the nearest to their beginning first;
/// each with where it belongs.
std::string fuzzy_matches(const state::Tables& tables, const SearchQuestion& question);

}  // namespace caravan::api::nomad
