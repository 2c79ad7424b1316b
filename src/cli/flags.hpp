// SPDX-License-Identifier: Apache-2.0
// Flags as the peers write them: -x, --x, -x=v, -x v; they end at the first word that is none.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace caravan::cli {

struct FlagSpec {
  std::string name;
  std::string value;  // what the help calls the value; "" for a switch
  std::string help;
};

class Flags {
 public:
  /// A switch that is set, and not to false.
  bool on(std::string_view name, bool otherwise = false) const;
  bool given(std::string_view name) const { return values_.find(name) != values_.end(); }
  /// The last value given, or `otherwise`.
  std::string text(std::string_view name, std::string otherwise = "") const;
  std::vector<std::string> all(std::string_view name) const;
  /// Errors: invalid, with the flag's name.
  base::Result<long long> number(std::string_view name, long long otherwise) const;

  void add(const std::string& name, std::string value) {
    values_[name].push_back(std::move(value));
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct ParsedArguments {
  Flags flags;
  std::vector<std::string> words;  // what follows the flags
  bool help = false;               // -h, -help
};

/// Errors: invalid; an unknown flag's message names the nearest known one.
base::Result<ParsedArguments> parse_arguments(std::span<const FlagSpec> known,
                                              std::span<const std::string> arguments);

}  // namespace caravan::cli
