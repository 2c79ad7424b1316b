// SPDX-License-Identifier: Apache-2.0
// What is wrong with a source, and where. A diagnostic stands alone: it outlives its source.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hcl/limits.hpp"
#include "hcl/source.hpp"

namespace caravan::hcl {

struct Diagnostic {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  std::string file;
  Position begin;  // line 0 when the diagnostic has no place
  Position end;
  std::string summary;
  std::string detail;
  std::string source_line;  // the first line of the range, shortened

  /// "web.nomad.hcl:3:5: Unsupported argument; An argument named …"
  std::string one_line() const;
  /// The line above, the source line and a caret under the place.
  std::string render() const;
};

/// Collects up to `diagnostics_max` errors, and as many warnings; later ones are dropped.
class Diagnostics {
 public:
  void error(const Range& where, std::string summary, std::string detail);
  void warning(const Range& where, std::string summary, std::string detail);
  void add(Diagnostic diagnostic);
  bool has_errors() const { return errors_ > 0; }
  /// No further error would be kept, so a reader may stop.
  bool full() const { return errors_ >= diagnostics_max; }
  const std::vector<Diagnostic>& all() const { return list_; }
  std::size_t error_count() const { return errors_; }

  /// Every error (not warning) as one_line(), joined by line ends.
  std::string summary() const;
  std::string render() const;

 private:
  std::vector<Diagnostic> list_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// ` Did you mean "count"?`, or nothing when no name is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace caravan::hcl
