// SPDX-License-Identifier: Apache-2.0
// Regular expressions of users, in RE2's syntax, which is that of the registry's clients. Matching
// takes time that grows with the text only.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace caravan::catalog {

/// Copies share what was compiled. Any thread.
class Pattern {
 public:
  /// Errors: invalid (what is wrong with it; it would take too much memory).
  static base::Result<Pattern> parse(const std::string& text);

  /// Anywhere in the text.
  bool matches(std::string_view text) const;
  /// The first match and what its groups caught, "" for those that took no part; nothing when it
  /// does not match.
  std::optional<std::vector<std::string>> groups(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;
};

/// By their texts, so that each is compiled once for all who ask: one with classes of letters of
/// all languages takes milliseconds. Any thread.
class Patterns {
 public:
  /// Nothing when it is no expression.
  std::optional<Pattern> find(const std::string& text);

 private:
  std::mutex mutex_;  // of what follows
  std::map<std::string, std::optional<Pattern>> known_;
};

}  // namespace caravan::catalog
