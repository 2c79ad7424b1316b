// SPDX-License-Identifier: Apache-2.0
// Characters to tokens, one at a time on demand. Strings and heredocs are not tokens: after their
// opening the parser reads their characters itself, because templates nest expressions in them.
#pragma once

#include <optional>
#include <string_view>

#include "hcl/diagnostic.hpp"
#include "hcl/source.hpp"

namespace caravan::hcl {

struct Token {
  enum class Kind {
    end,
    newline,
    identifier,
    number,
    quote,    // the opening `"`
    heredoc,  // `<<` or `<<-` with the marker; the text is the marker
    symbol,   // operators and brackets; the text says which
    bad,      // reported already
  };
  Kind kind = Kind::end;
  std::string_view text;
  Range range;
  bool indented_heredoc = false;  // `<<-`

  bool is(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
};

class Lexer {
 public:
  Lexer(std::string_view text, const Source* source, Diagnostics& diagnostics);
  /// Every range becomes `where`: for text that lies in no source.
  Lexer(std::string_view text, const Range& where, Diagnostics& diagnostics);

  /// The next token, after blanks and comments; also after line ends when `skip_newlines`.
  Token next(bool skip_newlines);

  // Reading characters, inside strings.
  bool at_end() const { return position_.offset >= text_.size(); }
  std::string_view rest() const { return text_.substr(position_.offset); }
  bool looking_at(std::string_view prefix) const { return rest().starts_with(prefix); }
  /// Moves over `bytes` bytes.
  void skip(std::size_t bytes);
  Position position() const { return position_; }
  Range since(const Position& begin) const;
  /// Where a token of this lexer begins, and the text from there to here.
  std::size_t offset_of(const Token& token) const {
    return static_cast<std::size_t>(token.text.data() - text_.data());
  }
  std::string_view text_since(std::size_t offset) const {
    return text_.substr(offset, position_.offset - offset);
  }
  /// While skipping over what is wrong already, bad characters are no news.
  void set_quiet(bool quiet) { quiet_ = quiet; }
  /// Gives up: everything from here on is the end.
  void stop();

 private:
  Token make(Token::Kind kind, const Position& begin) const;
  bool skip_blank(bool skip_newlines);
  void skip_line();
  void skip_block_comment();
  Token number();
  Token heredoc();
  Token symbol();
  void error(const Position& begin, std::string summary, std::string detail);

  std::string_view text_;
  const Source* source_ = nullptr;
  std::optional<Range> fixed_;
  Diagnostics& diagnostics_;
  Position position_;
  bool quiet_ = false;
};

}  // namespace caravan::hcl
