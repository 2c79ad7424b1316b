// SPDX-License-Identifier: Apache-2.0
#include "hcl/lexer.hpp"

#include <array>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::hcl {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Bytes of non-ASCII letters count too: names in other scripts are allowed.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool continues_name(char c) { return begins_name(c) || is_digit(c) || c == '-'; }

// Longest first.
constexpr std::array<std::string_view, 29> symbols = {
    "...", "==", "!=", "<=", ">=", "&&", "||", "=>", "::", "{", "}", "[", "]", "(", ")",
    ".",   ",",  ":",  "=",  "?",  "!",  "+",  "-",  "*",  "/", "%", "<", ">", "~"};

}  // namespace

Lexer::Lexer(std::string_view text, const Source* source, Diagnostics& diagnostics)
    : text_(text), source_(source), diagnostics_(diagnostics) {}

Lexer::Lexer(std::string_view text, const Range& where, Diagnostics& diagnostics)
    : text_(text), fixed_(where), diagnostics_(diagnostics) {}

Range Lexer::since(const Position& begin) const {
  if (fixed_) return *fixed_;
  return {source_, begin, position_};
}

void Lexer::skip(std::size_t bytes) {
  for (; bytes > 0 && !at_end(); --bytes) {
    const auto c = static_cast<unsigned char>(text_[position_.offset++]);
    if (c == '\n') {
      ++position_.line;
      position_.column = 1;
    } else if ((c & 0xc0) != 0x80) {
      ++position_.column;
    }
  }
}

void Lexer::stop() { position_.offset = static_cast<std::uint32_t>(text_.size()); }

void Lexer::error(const Position& begin, std::string summary, std::string detail) {
  if (!quiet_) diagnostics_.error(since(begin), std::move(summary), std::move(detail));
}

Token Lexer::make(Token::Kind kind, const Position& begin) const {
  return {kind, text_.substr(begin.offset, position_.offset - begin.offset), since(begin)};
}

void Lexer::skip_line() {
  while (!at_end() && text_[position_.offset] != '\n') skip(1);
}

void Lexer::skip_block_comment() {
  const Position begin = position_;
  skip(2);
  while (!at_end() && !looking_at("*/")) skip(1);
  if (at_end()) error(begin, "Unterminated comment", "No closing */ was found.");
  skip(2);
}

bool Lexer::skip_blank(bool skip_newlines) {
  const std::size_t before = position_.offset;
  const char c = text_[position_.offset];
  if (c == ' ' || c == '\t' || (skip_newlines && c == '\n') || looking_at("\r\n"))
    skip(1);
  else if (c == '#' || looking_at("//"))
    skip_line();
  else if (looking_at("/*"))
    skip_block_comment();
  return position_.offset != before;
}

Token Lexer::number() {
  const Position begin = position_;
  const auto digits = [&] {
    while (!at_end() && is_digit(text_[position_.offset])) skip(1);
  };
  digits();
  const std::string_view fraction = rest();
  if (fraction.size() > 1 && fraction[0] == '.' && is_digit(fraction[1])) {
    skip(1);
    digits();
  }
  const std::string_view tail = rest();
  const std::size_t sign = tail.size() > 1 && (tail[1] == '+' || tail[1] == '-') ? 1 : 0;
  if (!tail.empty() && (tail[0] == 'e' || tail[0] == 'E') && tail.size() > 1 + sign &&
      is_digit(tail[1 + sign])) {
    skip(1 + sign);
    digits();
  }
  return make(Token::Kind::number, begin);
}

Token Lexer::heredoc() {
  const Position begin = position_;
  skip(2);
  const bool indented = looking_at("-");
  if (indented) skip(1);
  const Position name = position_;
  while (!at_end() && continues_name(text_[position_.offset])) skip(1);
  const std::string_view marker = text_.substr(name.offset, position_.offset - name.offset);
  const Range range = since(begin);
  if (looking_at("\r")) skip(1);
  if (marker.empty() || !looking_at("\n")) {
    error(begin, "Invalid heredoc", "After << comes a marker word, and then the end of the line.");
    return make(Token::Kind::bad, begin);
  }
  skip(1);
  return {Token::Kind::heredoc, marker, range, indented};
}

Token Lexer::symbol() {
  const Position begin = position_;
  for (const std::string_view s : symbols) {
    if (!looking_at(s)) continue;
    skip(s.size());
    return make(Token::Kind::symbol, begin);
  }
  const char c = text_[position_.offset];
  skip(1);
  while (!at_end() && (static_cast<unsigned char>(text_[position_.offset]) & 0xc0) == 0x80) skip(1);
  const Token token = make(Token::Kind::bad, begin);
  std::string detail = "This character is not used within the language.";
  if (c == '\'') detail = "Single quotes are not valid. Use double quotes (\") to enclose strings.";
  if (c == ';') detail = "Semicolons are not valid. Use newlines to separate arguments.";
  if (c == '&' || c == '|') detail = "Did you mean the logical operator with two of them?";
  error(begin, "Invalid character", std::move(detail));
  return token;
}

Token Lexer::next(bool skip_newlines) {
  while (!at_end() && skip_blank(skip_newlines)) {
  }
  const Position begin = position_;
  if (at_end()) return make(Token::Kind::end, begin);
  const char c = text_[position_.offset];
  if (c == '\n') {
    skip(1);
    return make(Token::Kind::newline, begin);
  }
  if (c == '"') {
    skip(1);
    return make(Token::Kind::quote, begin);
  }
  if (is_digit(c)) return number();
  if (begins_name(c)) {
    while (!at_end() && continues_name(text_[position_.offset])) skip(1);
    return make(Token::Kind::identifier, begin);
  }
  if (looking_at("<<")) return heredoc();
  return symbol();
}

}  // namespace caravan::hcl
