// SPDX-License-Identifier: Apache-2.0
// Template tokens to tree.
#pragma once

#include "expr/template_lexer.hpp"

namespace caravan::expr {

/// Errors: invalid. Function names and variables are checked here, as a job's author should hear of
/// a slip when the job is written and not when it runs.
base::Result<ParsedTemplate> parse_template(std::string_view text, const TemplateOptions& options);

}  // namespace caravan::expr
