// SPDX-License-Identifier: Apache-2.0
// What allocations use, asked for a few at a time, however many there are. Pure.
#pragma once

#include "cli/top/picture.hpp"

namespace caravan::cli::top {

/// From the answer about one allocation's use. What its node did not measure is absent.
Use use_of(const json::Value& stats);

/// Keeps what was answered, and says who is to be asked next.
class UseBook {
 public:
  /// At most `count` of those that run, going on where the last call ended. Forgets all others.
  std::vector<std::string> next(std::vector<std::string> running, std::size_t count);
  /// Nothing: it could not be asked, and what was known of it is old.
  void note(const std::string& id, std::optional<Use> use);
  const UseByAlloc& known() const { return known_; }

 private:
  UseByAlloc known_;
  std::string last_;
};

}  // namespace caravan::cli::top
