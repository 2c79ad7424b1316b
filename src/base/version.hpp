// SPDX-License-Identifier: Apache-2.0
// Version numbers as constraints compare them.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace caravan::base {

/// "v1.2.3-beta.1+build": numbers of any length (missing ones count as 0), a pre-release, build
/// data that does not take part in comparisons.
struct Version {
  std::vector<std::uint64_t> numbers;
  std::vector<std::string> prerelease;

  /// Loose reading accepts one to many numbers and a "v"; strict wants exactly x.y.z (SemVer 2).
  static Result<Version> parse(std::string_view text, bool strict = false);
  friend std::weak_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }
};

enum class VersionRules {
  loose,   // "version": a pre-release only satisfies a range that names the same numbers with one
  semver,  // "semver": plain SemVer 2 precedence
};

/// Whether a version satisfies a list such as ">= 1.2, < 2" or "~> 1.4". Errors: invalid.
Result<bool> satisfies(std::string_view version, std::string_view constraints, VersionRules rules);

}  // namespace caravan::base
