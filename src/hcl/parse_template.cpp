// SPDX-License-Identifier: Apache-2.0
// Quoted strings and heredocs: characters become a flat list of pieces, which template_tree.cpp
// makes a tree of. A heredoc's text is cut at line ends, because trimming and indentation look at
// lines.
#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/syntax.hpp"
#include "hcl/utf8.hpp"

namespace caravan::hcl {

Tree Syntax::lone_template() {
  std::vector<Piece> list;
  const Position begin = lexer_.position();
  while (!lexer_.at_end())
    if (!pieces(list, {}, false)) return nullptr;
  return assemble(std::move(list), lexer_.since(begin));
}

Tree Syntax::quoted(const Token& opening) {
  std::vector<Piece> list;
  if (!pieces(list, {}, true)) return nullptr;
  return assemble(std::move(list), lexer_.since(opening.range.begin));
}

// Configuration written for the older syntax: `${…}` is text, quotes inside it included.
Tree Syntax::plain_quoted(const Token& opening) {
  std::string text;
  int braces = 0;
  while (true) {
    if (lexer_.at_end() || (braces == 0 && lexer_.looking_at("\n"))) {
      error(lexer_.since(opening.range.begin), "Unterminated string",
            "No closing quote was found on the line.");
      return nullptr;
    }
    if (braces == 0 && lexer_.looking_at("\"")) break;
    if (braces == 0 && lexer_.looking_at("\\")) {
      if (!escape(text)) return nullptr;
      continue;
    }
    if (lexer_.looking_at("${") || (braces > 0 && lexer_.looking_at("{"))) ++braces;
    const std::size_t bytes = lexer_.looking_at("${") ? 2 : 1;
    if (braces > 0 && lexer_.looking_at("}")) --braces;
    text += lexer_.rest().substr(0, bytes);
    lexer_.skip(bytes);
  }
  lexer_.skip(1);
  return make_tree(lexer_.since(opening.range.begin), Literal{Value(std::move(text))});
}

bool Syntax::at_heredoc_end(std::string_view marker) const {
  std::string_view line = lexer_.rest();
  line = line.substr(0, line.find('\n'));
  return base::trim(line) == marker;
}

Tree Syntax::heredoc(const Token& opening) {
  std::vector<Piece> list;
  while (!at_heredoc_end(opening.text)) {
    if (lexer_.at_end()) {
      error(opening.range, "Unterminated template string",
            fmt::format("No closing marker \"{}\" was found for the string.",
                        base::printable(opening.text, 40)));
      return nullptr;
    }
    if (dialect_ == Dialect::plain) {
      const std::size_t line = std::min(lexer_.rest().find('\n'), lexer_.rest().size() - 1) + 1;
      Piece piece;
      piece.text = lexer_.rest().substr(0, line);
      list.push_back(std::move(piece));
      lexer_.skip(line);
    } else if (!pieces(list, opening.text, false)) {
      return nullptr;
    }
  }
  std::string_view last = lexer_.rest();
  last = last.substr(0, last.find('\n'));
  lexer_.skip(last.size() - (last.ends_with('\r') ? 1 : 0));
  return assemble(std::move(list), lexer_.since(opening.range.begin), opening.indented_heredoc);
}

// Reads to the closing quote, to the end of a heredoc's line, or to the end of the text.
bool Syntax::pieces(std::vector<Piece>& out, std::string_view heredoc_marker, bool is_quoted) {
  const Position begin = lexer_.position();
  while (!lexer_.at_end()) {
    if (is_quoted && lexer_.looking_at("\"")) {
      lexer_.skip(1);
      return true;
    }
    Piece piece;
    if (lexer_.looking_at("${") || lexer_.looking_at("%{")) {
      if (!sequence(piece)) return false;
    } else if (!literal(piece, is_quoted)) {
      return false;
    }
    const bool line_ended = !heredoc_marker.empty() && piece.text.ends_with('\n');
    out.push_back(std::move(piece));
    if (line_ended) return true;
  }
  if (!is_quoted) return true;
  error(lexer_.since(begin), "Unterminated template string",
        "No closing marker was found for the string.");
  return false;
}

bool Syntax::literal(Piece& piece, bool is_quoted) {
  const Position begin = lexer_.position();
  while (!lexer_.at_end() && !lexer_.looking_at("${") && !lexer_.looking_at("%{")) {
    const char c = lexer_.rest()[0];
    if (lexer_.looking_at("$${") || lexer_.looking_at("%%{")) {
      piece.text += c;
      piece.text += '{';
      lexer_.skip(3);
      continue;
    }
    if (is_quoted && c == '"') break;
    if (is_quoted && c == '\n') {
      error(lexer_.since(begin), "Invalid multi-line string",
            "Quoted strings may not be split over multiple lines. To produce a multi-line string, "
            "either use the \\n escape to represent a newline character or use the \"heredoc\" "
            "multi-line template syntax.");
      return false;
    }
    if (is_quoted && c == '\\') {
      if (!escape(piece.text)) return false;
      continue;
    }
    piece.text += c;
    lexer_.skip(1);
    if (!is_quoted && c == '\n') break;
  }
  piece.range = lexer_.since(begin);
  return true;
}

bool Syntax::escape(std::string& out) {
  const Position begin = lexer_.position();
  const std::string_view rest = lexer_.rest();
  const char c = rest.size() > 1 ? rest[1] : '\0';
  constexpr std::string_view names = "nrt\"\\";
  constexpr std::string_view meanings = "\n\r\t\"\\";
  if (const std::size_t at = names.find(c); at != std::string_view::npos) {
    out += meanings[at];
    lexer_.skip(2);
    return true;
  }
  const std::size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
  std::uint32_t code = 0;
  bool good = digits > 0 && rest.size() >= 2 + digits;
  for (std::size_t i = 0; good && i < digits; ++i) {
    const int digit = base::hex_value(rest[2 + i]);
    good = digit >= 0;
    code = code << 4 | static_cast<std::uint32_t>(digit & 15);
  }
  good = good && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && code != 0;
  if (good) {
    append_utf8(out, code);
    lexer_.skip(2 + digits);
    return true;
  }
  lexer_.skip(2);
  error(lexer_.since(begin), "Invalid escape sequence",
        "The backslash begins \\n, \\r, \\t, \\\", \\\\, \\uNNNN or \\UNNNNNNNN; a backslash "
        "itself is written \\\\.");
  return false;
}

bool Syntax::sequence(Piece& piece) {
  const Deeper deeper(*this);
  const Position begin = lexer_.position();
  const bool is_directive = lexer_.looking_at("%{");
  lexer_.skip(2);
  if (too_deep(lexer_.since(begin))) return false;
  if (lexer_.looking_at("~")) {
    piece.trims_before = true;
    lexer_.skip(1);
  }
  const Newlines inside(*this, true);
  if (is_directive) {
    if (!directive(piece)) return false;
  } else {
    piece.kind = Piece::Kind::value;
    if (!(piece.tree = expression())) return false;
  }
  piece.trims_after = take_if("~");
  if (!expect("}", "Extra characters in template sequence",
              "Expected a closing brace to end the sequence, but found extra characters."))
    return false;
  piece.range = lexer_.since(begin);
  return true;
}

bool Syntax::directive(Piece& piece) {
  const Token keyword = take();
  if (keyword.text == "if") {
    piece.kind = Piece::Kind::if_begins;
    return (piece.tree = expression()) != nullptr;
  }
  if (keyword.text == "for") {
    piece.kind = Piece::Kind::loop_begins;
    if (!for_names(piece.key_name, piece.value_name)) return false;
    if (take().text != "in") {
      error(keyword.range, "Invalid 'for' directive",
            "For directive requires 'in' keyword after names.");
      return false;
    }
    return (piece.tree = expression()) != nullptr;
  }
  if (keyword.text == "else")
    piece.kind = Piece::Kind::else_begins;
  else if (keyword.text == "endif")
    piece.kind = Piece::Kind::if_ends;
  else if (keyword.text == "endfor")
    piece.kind = Piece::Kind::loop_ends;
  else {
    error(keyword.range, "Invalid template directive",
          fmt::format("\"{}\" is not a valid template directive.",
                      base::printable(keyword.text, 40)));
    return false;
  }
  return true;
}

}  // namespace caravan::hcl
