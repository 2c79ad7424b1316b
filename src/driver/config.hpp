// SPDX-License-Identifier: Apache-2.0
// Reading `config` blocks: every key is known or refused by name.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::driver {

class ConfigReader {
 public:
  /// `where`: how messages name the block, "config" or "config.mount".
  explicit ConfigReader(const json::Object& config, std::string where = "config")
      : config_(config), where_(std::move(where)) {}

  std::string text(std::string_view key);  // "" when absent
  std::string required_text(std::string_view key);
  bool flag(std::string_view key, bool otherwise);
  std::int64_t number(std::string_view key, std::int64_t otherwise);
  std::vector<std::string> list(std::string_view key);
  /// A map, or a list with one map, or repeated blocks: all pairs together.
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view key);
  /// A block, repeated blocks, or a list of maps.
  std::vector<const json::Object*> blocks(std::string_view key);
  const json::Value* raw(std::string_view key);
  bool has(std::string_view key) const { return config_.contains(key); }
  /// The first thing that was wrong, or the first key that nobody asked for.
  base::Status finish();

 private:
  const json::Value* take(std::string_view key);
  void wrong(std::string_view key, std::string_view wanted);

  const json::Object& config_;
  std::string where_;
  std::set<std::string> asked_;
  std::optional<base::Error> error_;
};

}  // namespace caravan::driver
