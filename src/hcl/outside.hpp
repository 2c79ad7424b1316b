// SPDX-License-Identifier: Apache-2.0
// What functions may ask of the world. The command line passes files; servers pass nothing, and
// then the functions that would need them are errors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace caravan::hcl {

/// Paths are as written in the source; what they are relative to is the implementation's business.
class Files {
 public:
  virtual ~Files() = default;
  virtual base::Result<std::string> read(const std::string& path) = 0;
  virtual base::Result<bool> exists(const std::string& path) = 0;
  /// Regular files below a directory, as relative paths with `/`.
  virtual base::Result<std::vector<std::string>> list(const std::string& directory) = 0;
  virtual base::Result<std::string> absolute(const std::string& path) = 0;
  virtual base::Result<std::string> home() = 0;
};

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

struct Outside {
  Files* files = nullptr;      // null: "filesystem functions disabled"
  Entropy* entropy = nullptr;  // null: uuidv4 and bcrypt are errors
};

}  // namespace caravan::hcl
