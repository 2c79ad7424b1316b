// SPDX-License-Identifier: Apache-2.0
// Template text to tokens: text outside actions whole, words inside them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "expr/template_tree.hpp"

namespace caravan::expr {

struct TemplateToken {
  enum class Kind {
    text,
    begin,     // the opening delimiter
    end,       // the closing one
    word,      // a function's name or a keyword
    field,     // `.name`, without the dot; glued when it follows a word directly
    dot,       // `.` alone
    variable,  // `$name`, with the dollar
    string,    // decoded
    number,
    symbol,  // ( ) | , = :=
    finish,
  };
  Kind kind = Kind::finish;
  std::string text;
  json::Value number;
  bool glued = false;  // no blank before it: `.a.b` is a chain, `.a .b` are two words
  TemplatePosition at;
};

/// Trims where `{{-` and `-}}` say so and drops comments.
base::Result<std::vector<TemplateToken>> template_tokens(std::string_view text,
                                                         const TemplateOptions& options);

base::Error template_error(const TemplatePosition& at, std::string message);

}  // namespace caravan::expr
