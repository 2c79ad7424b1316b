// SPDX-License-Identifier: Apache-2.0
// Expressions, by precedence climbing.
#include <array>

#include <fmt/core.h>

#include "hcl/syntax.hpp"

namespace caravan::hcl {
namespace {

struct Operator {
  std::string_view symbol;
  int level;
  Binary::Op op;
};
constexpr std::array<Operator, 13> operators = {{
    {"||", 1, Binary::Op::either},
    {"&&", 2, Binary::Op::both},
    {"==", 3, Binary::Op::eq},
    {"!=", 3, Binary::Op::ne},
    {"<", 4, Binary::Op::lt},
    {"<=", 4, Binary::Op::le},
    {">", 4, Binary::Op::gt},
    {">=", 4, Binary::Op::ge},
    {"+", 5, Binary::Op::add},
    {"-", 5, Binary::Op::subtract},
    {"*", 6, Binary::Op::multiply},
    {"/", 6, Binary::Op::divide},
    {"%", 6, Binary::Op::modulo},
}};

const Operator* find_operator(const Token& token) {
  if (token.kind != Token::Kind::symbol) return nullptr;
  for (const Operator& candidate : operators)
    if (candidate.symbol == token.text) return &candidate;
  return nullptr;
}

}  // namespace

Tree Syntax::lone_expression() {
  skip_newlines_ = true;
  Tree tree = expression();
  if (!tree) return nullptr;
  if (peek().kind == Token::Kind::end) return tree;
  error(peek().range, "Extra characters after expression",
        "An expression was successfully parsed, but extra characters were found after it.");
  return nullptr;
}

Tree Syntax::expression() {
  const Deeper deeper(*this);
  if (too_deep(peek().range)) return nullptr;
  return conditional();
}

Tree Syntax::conditional() {
  Tree condition = binary(1);
  if (!condition || !take_if("?")) return condition;
  Tree when_true = expression();
  if (!when_true) return nullptr;
  if (!expect(":", "Missing false expression in conditional",
              "The conditional operator (...?...:...) requires a false expression, delimited by a "
              "colon."))
    return nullptr;
  Tree when_false = expression();
  if (!when_false) return nullptr;
  const Range range = condition->range.to(when_false->range);
  return make_tree(range, Conditional{condition, when_true, when_false});
}

Tree Syntax::binary(int level_min) {
  Tree left = unary();
  while (left) {
    const Operator* found = find_operator(peek());
    if (found == nullptr || found->level < level_min) break;
    const Token token = take();
    if (++operators_ > operators_max) {
      error(token.range, "Expression too long",
            fmt::format("More than {} operators in one argument.", operators_max));
      return nullptr;
    }
    Tree right = binary(found->level + 1);
    if (!right) return nullptr;
    const Range range = left->range.to(right->range);
    left = make_tree(range, Binary{found->op, left, right});
  }
  return left;
}

Tree Syntax::unary() {
  if (!peek().is("-") && !peek().is("!")) return postfix();
  const Deeper deeper(*this);
  const Token token = take();
  if (too_deep(token.range)) return nullptr;
  Tree operand = unary();
  if (!operand) return nullptr;
  return make_tree(token.range.to(operand->range), Unary{token.text[0], operand});
}

Tree Syntax::primary() {
  const Token token = take();
  switch (token.kind) {
    case Token::Kind::number: {
      auto number = Number::parse(token.text);
      if (number) return make_tree(token.range, Literal{*number});
      error(token.range, "Invalid number literal", number.error().message + ".");
      return nullptr;
    }
    case Token::Kind::quote:
      return dialect_ == Dialect::plain ? plain_quoted(token) : quoted(token);
    case Token::Kind::heredoc:
      return heredoc(token);
    case Token::Kind::identifier:
      return name_or_call(token);
    case Token::Kind::bad:
      return nullptr;
    default:
      break;
  }
  if (token.is("[")) return tuple(token);
  if (token.is("{")) return object(token);
  if (!token.is("(")) {
    // Put back, so that recovery still sees the line end or brace that was in the way.
    peeked_ = token;
    error(token.range, "Invalid expression",
          "Expected the start of an expression, but found an invalid expression token.");
    return nullptr;
  }
  Tree inner;
  {
    const Newlines inside(*this, true);
    inner = expression();
    if (!inner) return nullptr;
    if (!expect(")", "Unbalanced parentheses",
                "Expected a closing parenthesis to terminate the expression."))
      return nullptr;
  }
  // A new node with the brackets in its range: `(a)` as an object key is no bare name.
  Expression copy = *inner;
  copy.range = lexer_.since(token.range.begin);
  return std::make_shared<const Expression>(std::move(copy));
}

Tree Syntax::name_or_call(const Token& name) {
  if (name.text == "true") return make_tree(name.range, Literal{true});
  if (name.text == "false") return make_tree(name.range, Literal{false});
  if (name.text == "null") return make_tree(name.range, Literal{});
  if (peek().is("(")) return call(name);
  Access access;
  access.root = std::string(name.text);
  access.written = access.root;
  return make_tree(name.range, std::move(access));
}

Tree Syntax::call(const Token& name) {
  take();
  Call made{std::string(name.text), name.range, {}, false};
  const Newlines inside(*this, true);
  while (!peek().is(")")) {
    Tree argument = expression();
    if (!argument) return nullptr;
    made.arguments.push_back(std::move(argument));
    if (take_if("...")) {
      made.expand_last = true;
      take_if(",");
      break;
    }
    if (!take_if(",")) break;
  }
  const Range end = peek().range;
  if (!expect(")", "Missing closing parenthesis for function call",
              "Expected a comma or the closing parenthesis of the argument list."))
    return nullptr;
  return make_tree(name.range.to(end), std::move(made));
}

}  // namespace caravan::hcl
