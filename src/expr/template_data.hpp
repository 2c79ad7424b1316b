// SPDX-License-Identifier: Apache-2.0
// A value inside a template: shared, so that walking into large answers copies nothing.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::expr {

/// Null means "no value": a key that is not there, data that has not come.
using Data = std::shared_ptr<const json::Value>;

inline Data make_data(json::Value value) {
  return std::make_shared<const json::Value>(std::move(value));
}
/// A part of `whole`, which it keeps alive.
inline Data part_of(const Data& whole, const json::Value& part) { return Data(whole, &part); }

/// Go's truth: false, 0, "", nothing and empty collections are false.
bool is_true(const Data& data);
/// As Go's templates print it; what is not there is "<no value>".
std::string print_data(const Data& data);
/// The member of an object, or null. Errors: invalid when `data` can have no members.
base::Result<Data> field_of(const Data& data, std::string_view name);
/// Negative, 0, positive. Errors: invalid when the two cannot be compared.
base::Result<int> compare_data(const Data& a, const Data& b);
base::Result<bool> equal_data(const Data& a, const Data& b);

/// Bytes that a value takes, about. Nothing when it passes template_value_bytes_max or
/// template_depth_max.
std::optional<std::size_t> weigh(const json::Value& value);

}  // namespace caravan::expr
