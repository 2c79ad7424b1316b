// SPDX-License-Identifier: Apache-2.0
// A file of the repository that says what stands in a variable, and what becomes of one that others
// write to as well. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.hpp"

namespace caravan::gitops {

using Items = std::map<std::string, std::string>;

/// "path: …", "items: { … }" and, if need be, "namespace: …", in YAML.
struct VariableFile {
  std::string ns = "default", path;
  Items items;
};
/// Errors: invalid, with what stands where.
base::Result<VariableFile> parse_variable_file(const std::string& text);

/// The item that lists the keys which come from the repository, and those of before. Names as the
/// operator of seed 4 has them, so that its variables are taken over.
inline constexpr const char* managed_item = "nomoporator";
inline constexpr const char* old_keys_item = "nomoporatorOldKeys";

/// The keys that came from a repository; nothing when none did.
std::set<std::string> managed_keys(const Items& items);
/// What it comes to be: items of others stay, those of the repository are as `wanted`; with
/// `prune`, those that it no longer has go. Without `wanted` all of them.
Items merged(const Items& before, const Items& wanted, bool prune);

}  // namespace caravan::gitops
