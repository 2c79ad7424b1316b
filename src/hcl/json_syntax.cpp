// SPDX-License-Identifier: Apache-2.0
// A JSON reader of our own: simdjson gives values without positions, and errors need positions.
#include "hcl/json_syntax.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/lexer.hpp"
#include "hcl/limits.hpp"
#include "json/reader.hpp"

namespace caravan::hcl {
namespace {

class JsonSyntax {
 public:
  JsonSyntax(const Source& source, Dialect dialect, Diagnostics& diagnostics)
      : lexer_(source.text, &source, diagnostics), dialect_(dialect), diagnostics_(diagnostics) {}

  Tree document() {
    Tree tree = value(0);
    skip_blanks();
    if (tree && !lexer_.at_end()) return refuse("Extra characters after the JSON value.");
    return tree;
  }

 private:
  Tree refuse(std::string detail) {
    const Position at = lexer_.position();
    lexer_.skip(1);
    diagnostics_.error(lexer_.since(at), "Invalid JSON", std::move(detail));
    return nullptr;
  }

  void skip_blanks() {
    while (!lexer_.at_end()) {
      const char c = lexer_.rest()[0];
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
      lexer_.skip(1);
    }
  }

  bool take(std::string_view symbol) {
    skip_blanks();
    if (!lexer_.looking_at(symbol)) return false;
    lexer_.skip(symbol.size());
    return true;
  }

  Tree value(int depth) {
    skip_blanks();
    if (depth > depth_max) return refuse(fmt::format("More than {} levels.", depth_max));
    if (lexer_.looking_at("{")) return object(depth);
    if (lexer_.looking_at("[")) return array(depth);
    if (lexer_.looking_at("\"")) return string(dialect_ == Dialect::strict);
    const Position begin = lexer_.position();
    if (take("true")) return make_tree(lexer_.since(begin), Literal{true});
    if (take("false")) return make_tree(lexer_.since(begin), Literal{false});
    if (take("null")) return make_tree(lexer_.since(begin), Literal{});
    return number();
  }

  Tree number() {
    const Position begin = lexer_.position();
    const std::string_view rest = lexer_.rest();
    const std::size_t length = std::min(rest.find_first_not_of("+-.0123456789eE"), rest.size());
    auto parsed = Number::parse(rest.substr(0, length));
    if (!parsed || rest.empty()) return refuse("A JSON value is expected here.");
    lexer_.skip(length);
    return make_tree(lexer_.since(begin), Literal{*parsed});
  }

  Tree string(bool with_templates) {
    const Position begin = lexer_.position();
    const std::string_view rest = lexer_.rest();
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    if (end >= rest.size()) return refuse("The string has no closing quote.");
    const auto decoded = json::parse(rest.substr(0, end + 1));
    if (!decoded || !decoded->as_string()) return refuse("The string is not valid JSON.");
    lexer_.skip(end + 1);
    const std::string& text = *decoded->as_string();
    if (text.find('\0') != std::string::npos) return refuse("A NUL byte is not allowed.");
    const Range range = lexer_.since(begin);
    const bool has_sequence =
        text.find("${") != std::string::npos || text.find("%{") != std::string::npos;
    if (with_templates && has_sequence) return parse_template(text, range, diagnostics_);
    return make_tree(range, Literal{Value(text)});
  }

  Tree array(int depth) {
    const Position begin = lexer_.position();
    take("[");
    TupleItems made;
    if (!take("]")) {
      do {
        Tree item = value(depth + 1);
        if (!item) return nullptr;
        made.items.push_back(std::move(item));
      } while (take(","));
      if (!take("]")) return refuse("Expected a comma or a closing bracket.");
    }
    return make_tree(lexer_.since(begin), std::move(made));
  }

  Tree object(int depth) {
    const Position begin = lexer_.position();
    take("{");
    ObjectItems made;
    if (!take("}")) {
      do {
        skip_blanks();
        if (!lexer_.looking_at("\"")) return refuse("A member name in quotes is expected here.");
        // Names stay text: as names of arguments and blocks they could not be computed anyway.
        Tree key = string(false);
        if (!key) return nullptr;
        if (!take(":")) return refuse("Expected a colon after the member name.");
        Tree member = value(depth + 1);
        if (!member) return nullptr;
        made.items.push_back({std::move(key), std::move(member)});
      } while (take(","));
      if (!take("}")) return refuse("Expected a comma or a closing brace.");
    }
    return make_tree(lexer_.since(begin), std::move(made));
  }

  Lexer lexer_;
  Dialect dialect_;
  Diagnostics& diagnostics_;
};

}  // namespace

Body body_of_object(const Expression& object, Diagnostics& diagnostics) {
  Body body;
  body.json = true;
  body.end = object.range;
  const auto* items = std::get_if<ObjectItems>(&object.node);
  if (items == nullptr) {
    diagnostics.error(object.range, "Incorrect value type",
                      "An object is required here, holding arguments or blocks.");
    return body;
  }
  for (const ObjectItem& item : items->items) {
    const auto* literal = std::get_if<Literal>(&item.key->node);
    auto name = literal == nullptr ? base::invalid("") : to_text(literal->value);
    if (!name) {
      diagnostics.error(item.key->range, "Invalid argument name",
                        "The name of an argument or block cannot be computed.");
      continue;
    }
    if (*name == "//") continue;  // how this syntax spells a comment
    body.attributes.push_back({std::move(*name), item.key->range, item.value});
  }
  return body;
}

Body parse_json_body(const Source& source, Dialect dialect, Diagnostics& diagnostics) {
  const Tree tree = JsonSyntax(source, dialect, diagnostics).document();
  if (!tree) {
    Body none;
    none.json = true;
    return none;
  }
  return body_of_object(*tree, diagnostics);
}

}  // namespace caravan::hcl
