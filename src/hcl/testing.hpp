// SPDX-License-Identifier: Apache-2.0
// For the tests of this chapter: expressions in, JSON or error lines out.
#pragma once

#include <string>

#include "hcl/evaluate.hpp"
#include "hcl/parser.hpp"
#include "json/writer.hpp"

namespace caravan::hcl {

/// The value as JSON, or the errors with their places.
inline std::string evaluated(const std::string& text, const Scope& scope = Scope(),
                             Outside outside = {}) {
  Diagnostics diagnostics;
  const LoneExpression lone = parse_expression("e", text, diagnostics);
  if (!lone.tree) return diagnostics.summary();
  Run run(diagnostics, outside);
  const auto value = run.evaluate(*lone.tree, scope);
  if (!value || diagnostics.has_errors()) return diagnostics.summary();
  return json::to_string(value->to_json());
}

/// The attribute `x` of a file, as JSON, or the errors.
inline std::string evaluated_file(const std::string& text, Dialect dialect = Dialect::strict,
                                  Scope::UnknownRoot unknown = Scope::UnknownRoot::error) {
  Diagnostics diagnostics;
  const File file = parse("f", text, dialect, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.summary();
  Run run(diagnostics);
  const auto value = run.evaluate(*file.body->attributes.at(0).value, Scope(unknown));
  if (!value) return diagnostics.summary();
  return json::to_string(value->to_json());
}

}  // namespace caravan::hcl
