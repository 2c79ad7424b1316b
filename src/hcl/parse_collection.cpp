// SPDX-License-Identifier: Apache-2.0
// Tuples, objects and `for`, which is either.
#include "hcl/syntax.hpp"

namespace caravan::hcl {

Tree Syntax::tuple(const Token& bracket) {
  const Newlines inside(*this, true);
  if (peek().kind == Token::Kind::identifier && peek().text == "for")
    return for_expression(bracket, "]");
  TupleItems made;
  while (!peek().is("]")) {
    Tree item = expression();
    if (!item) return nullptr;
    made.items.push_back(std::move(item));
    if (!take_if(",")) break;
  }
  const Range end = peek().range;
  if (!expect("]", "Missing item separator",
              "Expected a comma to mark the beginning of the next item."))
    return nullptr;
  return make_tree(bracket.range.to(end), std::move(made));
}

Tree Syntax::object(const Token& brace) {
  {
    const Newlines inside(*this, true);
    if (peek().kind == Token::Kind::identifier && peek().text == "for")
      return for_expression(brace, "}");
  }
  const Newlines inside(*this, false);
  ObjectItems made;
  while (true) {
    while (peek().kind == Token::Kind::newline) take();
    if (peek().is("}")) break;
    if (!object_item(made)) return nullptr;
    if (take_if(",") || peek().kind == Token::Kind::newline || peek().is("}")) continue;
    if (dialect_ == Dialect::plain && peek().kind != Token::Kind::end) continue;
    error(peek().range, "Missing attribute separator",
          "Expected a newline or comma to mark the beginning of the next attribute.");
    return nullptr;
  }
  return make_tree(brace.range.to(take().range), std::move(made));
}

bool Syntax::object_item(ObjectItems& items) {
  const bool bracketed = peek().is("(");
  Tree key = expression();
  if (!key) return false;
  const auto* access = std::get_if<Access>(&key->node);
  if (access != nullptr && !bracketed) {
    if (!access->steps.empty()) {
      error(key->range, "Ambiguous attribute key",
            "If this expression is intended to be a reference, wrap it in parentheses. If it's "
            "instead intended as a literal name containing periods, wrap it in quotes to create a "
            "string literal.");
      return false;
    }
    key = make_tree(key->range, Literal{access->root});
  }
  if (!take_if("=") && !take_if(":")) {
    error(peek().range, "Missing attribute value",
          "Expected an attribute value, introduced by an equals sign (\"=\").");
    return false;
  }
  Tree value = expression();
  if (!value) return false;
  items.items.push_back({std::move(key), std::move(value)});
  return true;
}

bool Syntax::for_names(std::string& key, std::string& value) {
  const Token first = take();
  if (first.kind == Token::Kind::identifier) {
    value = first.text;
    if (!take_if(",")) return true;
    const Token second = take();
    if (second.kind == Token::Kind::identifier) {
      key = value;
      value = second.text;
      return true;
    }
  }
  error(first.range, "Invalid 'for' expression",
        "For expression requires variable name after 'for'.");
  return false;
}

Tree Syntax::for_expression(const Token& opening, std::string_view closing) {
  const Newlines inside(*this, true);
  take();  // for
  For made;
  const auto refuse = [&](std::string detail) -> Tree {
    error(peek().range, "Invalid 'for' expression", std::move(detail));
    return nullptr;
  };
  if (!for_names(made.key_name, made.value_name)) return nullptr;
  if (take().text != "in")
    return refuse("For expression requires the 'in' keyword after its name declarations.");
  if (!(made.collection = expression())) return nullptr;
  if (!take_if(":"))
    return refuse("For expression requires a colon after the collection expression.");
  if (!(made.value = expression())) return nullptr;
  if (closing == "}") {
    if (!take_if("=>"))
      return refuse("An object 'for' expression needs \"=>\" between key and value.");
    made.key = made.value;
    if (!(made.value = expression())) return nullptr;
    made.grouping = take_if("...");
  }
  if (peek().kind == Token::Kind::identifier && peek().text == "if") {
    take();
    if (!(made.condition = expression())) return nullptr;
  }
  const Range end = peek().range;
  if (!take_if(closing)) return refuse("Extra characters after the end of the 'for' expression.");
  return make_tree(opening.range.to(end), std::move(made));
}

}  // namespace caravan::hcl
