// SPDX-License-Identifier: Apache-2.0
// The parser of the native syntax: recursive descent with one token of lookahead. Private to this
// chapter; parser.hpp is the door. A function that returns a null Tree has reported why.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hcl/body.hpp"
#include "hcl/lexer.hpp"
#include "hcl/parser.hpp"

namespace caravan::hcl {

/// One literal or sequence of a template, before directives are paired up.
struct Piece {
  enum class Kind { text, value, if_begins, else_begins, if_ends, loop_begins, loop_ends };
  Kind kind = Kind::text;
  std::string text;
  Tree tree;  // the value, condition or collection
  std::string key_name;
  std::string value_name;
  bool trims_before = false;  // `${~`
  bool trims_after = false;   // `~}`
  Range range;
};

class Syntax {
 public:
  Syntax(Lexer lexer, Dialect dialect, Diagnostics& diagnostics)
      : lexer_(std::move(lexer)), dialect_(dialect), diagnostics_(diagnostics) {}

  Body file();             // parse_body.cpp
  Tree lone_expression();  // parse_expression.cpp
  Tree lone_template();    // parse_template.cpp

 private:
  // parse_body.cpp
  Body body(bool nested);
  void item(Body& body, std::set<std::string, std::less<>>& seen);
  bool attribute(Body& body, const Token& name, std::string text,
                 std::set<std::string, std::less<>>& seen);
  bool block(Body& body, const Token& type, std::string text);
  bool one_line_body(Body& body);
  std::optional<Label> label();
  bool end_of_item(std::string_view what);
  void recover();
  void skip_string(const Token& opening);
  std::optional<std::string> quoted_name(const Token& quote);

  // parse_expression.cpp
  Tree expression();
  Tree conditional();
  Tree binary(int level_min);
  Tree unary();
  Tree primary();
  Tree name_or_call(const Token& name);
  Tree call(const Token& name);

  // parse_access.cpp
  Tree postfix();
  bool step(Access& access, const Token& opening);
  bool dot_step(Access& access, const Token& dot);
  bool index_step(Access& access, const Token& bracket);

  // parse_collection.cpp
  Tree tuple(const Token& bracket);
  Tree object(const Token& brace);
  bool object_item(ObjectItems& items);
  Tree for_expression(const Token& opening, std::string_view closing);
  bool for_names(std::string& key, std::string& value);

  // parse_template.cpp
  Tree quoted(const Token& opening);
  Tree plain_quoted(const Token& opening);
  Tree heredoc(const Token& opening);
  bool pieces(std::vector<Piece>& out, std::string_view heredoc_marker, bool is_quoted);
  bool literal(Piece& piece, bool is_quoted);
  bool escape(std::string& out);
  bool sequence(Piece& piece);
  bool directive(Piece& piece);
  bool at_heredoc_end(std::string_view marker) const;

  // template_tree.cpp
  Tree assemble(std::vector<Piece> pieces, const Range& range, bool indented = false);
  std::optional<Template::Parts> parts(std::vector<Piece>& pieces, std::size_t& at, int depth);
  bool paired(Template::Parts& out, std::vector<Piece>& pieces, std::size_t& at, int depth);

  // Tokens.
  const Token& peek();
  Token take();
  bool take_if(std::string_view symbol);
  bool expect(std::string_view symbol, std::string_view summary, std::string_view detail);
  void error(const Range& where, std::string_view summary, std::string detail);
  /// Errors once, and ends the input, when nesting passes depth_max.
  bool too_deep(const Range& where);

  /// Inside brackets line ends are blanks, inside an object's braces they separate.
  class Newlines {
   public:
    Newlines(Syntax& syntax, bool skip) : syntax_(syntax), before_(syntax.skip_newlines_) {
      syntax_.skip_newlines_ = skip;
    }
    ~Newlines() { syntax_.skip_newlines_ = before_; }
    Newlines(const Newlines&) = delete;
    Newlines& operator=(const Newlines&) = delete;

   private:
    Syntax& syntax_;
    bool before_;
  };
  class Deeper {
   public:
    explicit Deeper(Syntax& syntax) : syntax_(syntax) { ++syntax_.depth_; }
    ~Deeper() { --syntax_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Syntax& syntax_;
  };

  Lexer lexer_;
  Dialect dialect_;
  Diagnostics& diagnostics_;
  std::optional<Token> peeked_;
  bool skip_newlines_ = false;
  int depth_ = 0;
  int operators_ = 0;  // in the argument being read
};

}  // namespace caravan::hcl
