// SPDX-License-Identifier: Apache-2.0
#include "hcl/parser.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/json_syntax.hpp"
#include "hcl/syntax.hpp"

namespace caravan::hcl {
namespace {

/// Takes the source in, or reports why not. Leaves an empty text behind in that case.
std::shared_ptr<const Source> accept(std::string name, std::string text, Diagnostics& diagnostics) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  std::string summary;
  std::string detail;
  if (text.size() > source_bytes_max) {
    summary = "Source too large";
    detail = fmt::format("{} bytes; the limit is {}.", text.size(), source_bytes_max);
  } else if (text.find('\0') != std::string::npos) {
    summary = "Invalid character";
    detail = "A NUL byte is not allowed.";
  } else if (!base::is_utf8(text)) {
    summary = "Invalid character encoding";
    detail = "All input files must be UTF-8 encoded.";
  }
  if (!summary.empty()) {
    Diagnostic refused;
    refused.file = name;
    refused.begin.line = 0;
    refused.summary = summary;
    refused.detail = detail;
    diagnostics.add(std::move(refused));
    text.clear();
  }
  return std::make_shared<const Source>(Source{std::move(name), std::move(text)});
}

}  // namespace

File parse(std::string name, std::string text, Dialect dialect, Diagnostics& diagnostics) {
  File file;
  file.source = accept(std::move(name), std::move(text), diagnostics);
  const std::string_view all = file.source->text;
  const std::size_t first = all.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && all[first] == '{') {
    file.body = std::make_shared<const Body>(parse_json_body(*file.source, dialect, diagnostics));
    return file;
  }
  Syntax syntax(Lexer(all, file.source.get(), diagnostics), dialect, diagnostics);
  file.body = std::make_shared<const Body>(syntax.file());
  return file;
}

LoneExpression parse_expression(std::string name, std::string text, Diagnostics& diagnostics) {
  LoneExpression lone;
  lone.source = accept(std::move(name), std::move(text), diagnostics);
  if (diagnostics.has_errors()) return lone;
  Syntax syntax(Lexer(lone.source->text, lone.source.get(), diagnostics), Dialect::strict,
                diagnostics);
  lone.tree = syntax.lone_expression();
  return lone;
}

Tree parse_template(std::string_view text, const Range& where, Diagnostics& diagnostics) {
  Syntax syntax(Lexer(text, where, diagnostics), Dialect::strict, diagnostics);
  return syntax.lone_template();
}

bool is_identifier(std::string_view text) {
  if (text.empty()) return false;
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
  };
  if (!letter(text[0])) return false;
  for (const char c : text)
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '-') return false;
  return true;
}

std::string bare_name(const Expression& expression) {
  const auto* access = std::get_if<Access>(&expression.node);
  return access != nullptr && access->steps.empty() ? access->root : "";
}

const Token& Syntax::peek() {
  if (!peeked_) peeked_ = lexer_.next(skip_newlines_);
  return *peeked_;
}

Token Syntax::take() {
  Token token = peek();
  peeked_.reset();
  return token;
}

bool Syntax::take_if(std::string_view symbol) {
  if (!peek().is(symbol)) return false;
  take();
  return true;
}

bool Syntax::expect(std::string_view symbol, std::string_view summary, std::string_view detail) {
  if (take_if(symbol)) return true;
  error(peek().range, summary, std::string(detail));
  return false;
}

void Syntax::error(const Range& where, std::string_view summary, std::string detail) {
  // The lexer has spoken about a bad token; a second opinion would only confuse.
  if (peeked_ && peeked_->kind == Token::Kind::bad) return;
  diagnostics_.error(where, std::string(summary), std::move(detail));
  if (diagnostics_.full()) lexer_.stop();
}

bool Syntax::too_deep(const Range& where) {
  if (depth_ <= depth_max) return false;
  diagnostics_.error(where, "Nesting too deep",
                     fmt::format("More than {} levels are not allowed.", depth_max));
  peeked_.reset();
  lexer_.stop();
  return true;
}

}  // namespace caravan::hcl
