// SPDX-License-Identifier: Apache-2.0
// What the entries under a semaphore's prefix say. Each contender has a key named for its session
// and acquired by it; the key `.lock` names those who hold a place, and is changed only as it was
// read. Pure. Source: the registry's guide on semaphores.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::cli::consul {

/// Marks its entries. The number is part of the convention.
inline constexpr std::uint64_t semaphore_flags = 0xe0f69a2baa414de0;

struct SemaphoreValue {
  int limit = 0;
  std::set<std::string> holders;  // sessions
  std::uint64_t index = 0;        // of the key that says so; 0: there is none yet
};

/// A holder whose session does not live any more has no place: it is left out.
/// `rows`: what GET of the prefix with `recurse` answers. Errors: invalid, `.lock` is something
/// else, or for another number of holders.
base::Result<SemaphoreValue> semaphore_value(const json::Array& rows, const std::string& lock_key,
                                             int limit);
/// As the key holds it.
std::string to_text(const SemaphoreValue& value);

/// Contenders that died: their keys are of no use to anybody.
std::vector<const json::Value*> dead_contenders(const json::Array& rows,
                                                const std::string& lock_key);

}  // namespace caravan::cli::consul
