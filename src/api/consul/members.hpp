// SPDX-License-Identifier: Apache-2.0
// JSON that somebody sent, read member by member: names in any case, durations as texts, limits on
// what can grow. Errors: invalid, with the words that clients of the registry know.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "json/value.hpp"

namespace caravan::api::consul {

std::unexpected<base::Error> refuse(std::string_view name, std::string_view why);

/// The members of an object: each is taken once, and what is left can be complained about.
class Members {
 public:
  explicit Members(json::Object object) : object_(std::move(object)) {}

  /// Null when there is none.
  json::Value take(std::string_view name);
  // Each leaves `into` as it is when the member is not there.
  base::Status text(std::string_view name, std::string& into);
  base::Status number(std::string_view name, int& into, int low, int high);
  base::Status index(std::string_view name, std::uint64_t& into);
  base::Status flag(std::string_view name, bool& into);
  /// A text such as "10s", or nanoseconds.
  base::Status duration(std::string_view name, base::Duration& into);
  base::Status list(std::string_view name, std::vector<std::string>& into);
  base::Status map(std::string_view name, std::map<std::string, std::string>& into);
  /// The name of a member that nobody took, "" when there is none.
  std::string left() const { return object_.empty() ? "" : object_.begin()->name; }

 private:
  json::Object object_;
};

/// Null is an empty one.
base::Result<json::Object> object_in(std::string_view name, json::Value value);

}  // namespace caravan::api::consul
