// SPDX-License-Identifier: Apache-2.0
// The `filter` query parameter: `Status == "dead" and Meta.tier is not empty`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::expr {

inline constexpr std::size_t filter_bytes_max = 64 << 10;
inline constexpr int filter_depth_max = 64;

struct FilterNode;

class Filter {
 public:
  /// Grammar, from loose to tight: `or`, `and`, `not`, brackets, matches. A match is one of
  ///   selector == value     selector != value        value in selector     value not in selector
  ///   selector contains v   selector not contains v  selector is empty     selector is not empty
  ///   selector matches "re" selector not matches "re"
  ///   any selector as x { … }   all selector as x { … }
  /// A selector is dotted (Meta.tier), indexed (Meta["a.b"]) or a quoted JSON pointer ("/Meta/a").
  /// Errors: invalid, "filter: 1:7: what is wrong"; too_large.
  static base::Result<Filter> parse(std::string_view text);

  /// What is not there equals nothing and is empty. Errors: invalid, when a value does not fit what
  /// it is compared with.
  base::Result<bool> matches(const json::Value& value) const;

  /// The first names of all selectors, each once: callers can refuse fields that do not exist.
  std::vector<std::string> fields() const;

 private:
  explicit Filter(std::shared_ptr<const FilterNode> root) : root_(std::move(root)) {}
  std::shared_ptr<const FilterNode> root_;
};

}  // namespace caravan::expr
