// SPDX-License-Identifier: Apache-2.0
// Attributes and blocks. After an error the rest of the item is skipped and reading goes on, so
// that one run shows several mistakes.
#include <set>

#include <fmt/core.h>

#include "hcl/syntax.hpp"

namespace caravan::hcl {

Body Syntax::file() {
  Body top = body(false);
  top.end = {peek().range.source, {}, {}};
  return top;
}

Body Syntax::body(bool nested) {
  Body made;
  std::set<std::string, std::less<>> seen;
  while (true) {
    const Token& next = peek();
    if (next.kind == Token::Kind::end) {
      if (nested)
        error(next.range, "Unclosed configuration block",
              "There is no closing brace for this block before the end of the file. This may be "
              "caused by incorrect brace nesting elsewhere in this file.");
      break;
    }
    if (nested && next.is("}")) break;
    if (next.kind == Token::Kind::newline) {
      take();
      continue;
    }
    item(made, seen);
  }
  made.end = peek().range;
  return made;
}

void Syntax::item(Body& body, std::set<std::string, std::less<>>& seen) {
  const Token name = take();
  std::string text(name.text);
  if (name.kind == Token::Kind::quote) {
    const auto quoted = quoted_name(name);
    if (!quoted) return recover();
    text = *quoted;
    if (dialect_ == Dialect::strict) {
      const bool argument = peek().is("=");
      error(name.range, argument ? "Invalid argument name" : "Invalid block definition",
            argument ? "Argument names must not be quoted."
                     : "Either a quoted string block label or an opening brace (\"{\") is "
                       "expected here, after a block type name that is not quoted.");
      return recover();
    }
  } else if (name.kind != Token::Kind::identifier) {
    if (name.kind != Token::Kind::bad)
      error(name.range, "Argument or block definition required",
            "An argument or block definition is required here.");
    return recover();
  }
  bool good = false;
  if (peek().is("=")) {
    good = attribute(body, name, std::move(text), seen);
  } else if (peek().is("{") || peek().kind == Token::Kind::quote ||
             peek().kind == Token::Kind::identifier) {
    good = block(body, name, std::move(text));
  } else {
    error(peek().range, "Argument or block definition required",
          "An argument or block definition is required here. To set an argument, use the equals "
          "sign \"=\" to introduce the argument value.");
  }
  if (!good) recover();
}

bool Syntax::attribute(Body& body, const Token& name, std::string text,
                       std::set<std::string, std::less<>>& seen) {
  take();
  operators_ = 0;
  Tree value = expression();
  if (!value) return false;
  if (!seen.insert(text).second) {
    error(name.range, "Attribute redefined",
          fmt::format("The argument \"{}\" was already set. Each argument may be set only once.",
                      text));
  } else {
    body.attributes.push_back({std::move(text), name.range, std::move(value)});
  }
  return end_of_item("argument");
}

bool Syntax::end_of_item(std::string_view what) {
  const Token& next = peek();
  if (next.kind == Token::Kind::newline) {
    take();
    return true;
  }
  if (next.kind == Token::Kind::end || next.is("}")) return true;
  if (dialect_ == Dialect::plain) {
    take_if(",");
    return true;
  }
  if (what == "argument" && next.is(","))
    error(next.range, "Unexpected comma after argument",
          "Argument definitions must be separated by newlines, not commas. An argument definition "
          "must end with a newline.");
  else
    error(next.range, fmt::format("Missing newline after {}", what),
          fmt::format("{} definition must end with a newline.",
                      what == "argument" ? "An argument" : "A block"));
  return false;
}

std::optional<Label> Syntax::label() {
  const Token token = take();
  if (token.kind == Token::Kind::identifier) return Label{std::string(token.text), token.range};
  const auto text = quoted_name(token);
  if (!text) return std::nullopt;
  return Label{*text, lexer_.since(token.range.begin)};
}

bool Syntax::block(Body& body, const Token& type, std::string text) {
  Block made{std::move(text), type.range, {}, nullptr};
  while (peek().kind == Token::Kind::quote || peek().kind == Token::Kind::identifier) {
    auto next = label();
    if (!next) return false;
    made.labels.push_back(std::move(*next));
  }
  if (!peek().is("{")) {
    if (peek().is("="))
      error(peek().range, "Invalid block definition",
            "The equals sign \"=\" indicates an argument definition, and must not be used when "
            "defining a block.");
    else
      error(peek().range, "Invalid block definition",
            "Either a quoted string block label or an opening brace (\"{\") is expected here.");
    return false;
  }
  const Deeper deeper(*this);
  if (too_deep(peek().range)) return false;
  take();
  auto inner = std::make_shared<Body>();
  bool closed = true;
  if (peek().kind == Token::Kind::newline || dialect_ == Dialect::plain) {
    *inner = this->body(true);
    closed = take_if("}");
  } else {
    closed = one_line_body(*inner);
    if (!closed) {
      recover();
      take_if("}");
    }
  }
  made.body = std::move(inner);
  body.blocks.push_back(std::move(made));
  return closed && end_of_item("block");
}

bool Syntax::one_line_body(Body& body) {
  body.end = peek().range;
  if (take_if("}")) return true;
  const Token name = take();
  if (name.kind != Token::Kind::identifier || !peek().is("=")) {
    if (name.kind != Token::Kind::bad)
      error(name.range, "Invalid single-argument block definition",
            "A single-line block definition can contain only a single argument. If you meant to "
            "define a nested block, use the multi-line block syntax.");
    return false;
  }
  take();
  operators_ = 0;
  Tree value = expression();
  if (!value) return false;
  body.attributes.push_back({std::string(name.text), name.range, std::move(value)});
  body.end = peek().range;
  return expect("}", "Invalid single-argument block definition",
                "Single-line block syntax can include only one argument definition. To define "
                "multiple arguments, use the multi-line block syntax with one argument definition "
                "per line.");
}

std::optional<std::string> Syntax::quoted_name(const Token& quote) {
  if (quote.kind != Token::Kind::quote) {
    error(quote.range, "Invalid name", "A name or a quoted string is expected here.");
    return std::nullopt;
  }
  const Tree tree = dialect_ == Dialect::plain ? plain_quoted(quote) : quoted(quote);
  if (!tree) return std::nullopt;
  const auto* literal = std::get_if<Literal>(&tree->node);
  if (literal != nullptr && literal->value.as_string()) return *literal->value.as_string();
  error(tree->range, "Invalid string literal",
        "Template sequences are not allowed in a block label or name.");
  return std::nullopt;
}

// Skips to the end of the item, over balanced brackets and strings. It must not consume the brace
// that closes the enclosing block.
void Syntax::recover() {
  skip_newlines_ = false;
  lexer_.set_quiet(true);
  int open = 0;
  while (true) {
    const Token& next = peek();
    if (next.kind == Token::Kind::end) break;
    if (next.kind == Token::Kind::newline && open == 0) break;
    if (next.is("{") || next.is("[") || next.is("(")) ++open;
    if (next.is("}") || next.is("]") || next.is(")")) {
      if (open == 0 && next.is("}")) break;
      if (open > 0) --open;
    }
    skip_string(take());
  }
  lexer_.set_quiet(false);
}

void Syntax::skip_string(const Token& opening) {
  if (opening.kind == Token::Kind::heredoc) {
    while (!lexer_.at_end() && !at_heredoc_end(opening.text)) {
      const std::size_t line = lexer_.rest().find('\n');
      lexer_.skip(line == std::string_view::npos ? lexer_.rest().size() : line + 1);
    }
    const std::size_t line = lexer_.rest().find('\n');
    lexer_.skip(line == std::string_view::npos ? lexer_.rest().size() : line);
  }
  if (opening.kind != Token::Kind::quote) return;
  while (!lexer_.at_end() && !lexer_.looking_at("\n")) {
    const bool closing = lexer_.looking_at("\"");
    lexer_.skip(lexer_.looking_at("\\") ? 2 : 1);
    if (closing) return;
  }
}

}  // namespace caravan::hcl
