// SPDX-License-Identifier: Apache-2.0
// Text to tree. Two syntaxes (native and JSON), one kind of result.
#pragma once

#include <string>
#include <string_view>

#include "hcl/body.hpp"
#include "hcl/diagnostic.hpp"

namespace caravan::hcl {

/// `strict` is the language as specified, for jobs. `plain` is what configuration files and
/// policies were written in before: quoted names, several attributes on a line, `${…}` is text.
enum class Dialect { strict, plain };

/// Reads a file; a first character `{` means the JSON syntax. Errors are added to `diagnostics`,
/// and what could be read around them is returned, so that later stages may find more.
File parse(std::string name, std::string text, Dialect dialect, Diagnostics& diagnostics);

/// A lone expression, as in `-var 'ports=[80, 443]'`.
struct LoneExpression {
  std::shared_ptr<const Source> source;
  Tree tree;  // null after an error
};
LoneExpression parse_expression(std::string name, std::string text, Diagnostics& diagnostics);

/// The inside of a quoted template: JSON strings are such. `text` lies in no source, so errors
/// point to `where`. Null after an error.
Tree parse_template(std::string_view text, const Range& where, Diagnostics& diagnostics);

/// Letters, digits, `_` and `-`, beginning with a letter or `_`.
bool is_identifier(std::string_view text);

}  // namespace caravan::hcl
