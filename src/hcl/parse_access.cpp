// SPDX-License-Identifier: Apache-2.0
// What follows a value: attributes, indexes, splats.
#include "hcl/syntax.hpp"

namespace caravan::hcl {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Tree Syntax::postfix() {
  const std::size_t begin = lexer_.offset_of(peek());
  const bool bracketed = peek().is("(");
  Tree base = primary();
  if (!base || (!peek().is(".") && !peek().is("["))) return base;
  Access access;
  const auto* name = std::get_if<Access>(&base->node);
  if (name != nullptr && name->steps.empty() && !bracketed)
    access.root = name->root;
  else
    access.base = base;
  Range range = base->range;
  bool constant = access.base == nullptr;
  while (peek().is(".") || peek().is("[")) {
    if (!step(access, take())) return nullptr;
    const Access::Step& last = access.steps.back();
    range = range.to(last.range);
    const auto* index = std::get_if<Access::Index>(&last.what);
    constant = constant && (index == nullptr || std::holds_alternative<Literal>(index->key->node));
    if (constant) access.written = std::string(lexer_.text_since(begin));
  }
  if (!constant) access.written.clear();
  return make_tree(range, std::move(access));
}

bool Syntax::step(Access& access, const Token& opening) {
  return opening.is(".") ? dot_step(access, opening) : index_step(access, opening);
}

bool Syntax::dot_step(Access& access, const Token& dot) {
  // `list.0.1`: read here, because as a token "0.1" would be a number.
  if (!lexer_.at_end() && is_digit(lexer_.rest()[0])) {
    std::size_t digits = 0;
    while (digits < lexer_.rest().size() && is_digit(lexer_.rest()[digits])) ++digits;
    std::string text(lexer_.rest().substr(0, digits));
    lexer_.skip(digits);
    access.steps.push_back({Access::Attribute{std::move(text)}, lexer_.since(dot.range.begin)});
    return true;
  }
  const Token name = take();
  if (name.is("*")) {
    access.steps.push_back({Access::Splat{false}, dot.range.to(name.range)});
    return true;
  }
  if (name.kind != Token::Kind::identifier) {
    error(name.range, "Invalid attribute name", "An attribute name is required after a dot.");
    return false;
  }
  access.steps.push_back({Access::Attribute{std::string(name.text)}, dot.range.to(name.range)});
  return true;
}

bool Syntax::index_step(Access& access, const Token& bracket) {
  Access::Step made;
  {
    const Newlines inside(*this, true);
    if (take_if("*")) {
      made.what = Access::Splat{true};
    } else {
      Tree key = expression();
      if (!key) return false;
      made.what = Access::Index{key};
    }
    made.range = bracket.range.to(peek().range);
    if (!expect("]", "Missing close bracket on index",
                "The index operator must end with a closing bracket (\"]\")."))
      return false;
  }
  access.steps.push_back(std::move(made));
  return true;
}

}  // namespace caravan::hcl
