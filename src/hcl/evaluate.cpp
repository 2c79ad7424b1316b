// SPDX-License-Identifier: Apache-2.0
#include "hcl/evaluate.hpp"

#include <fmt/core.h>

#include "hcl/evaluation.hpp"

namespace caravan::hcl {

void Scope::set(std::string_view name, Value value) {
  values_.insert_or_assign(std::string(name), std::move(value));
}

const Value* Scope::find(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_)
    if (const auto found = scope->values_.find(name); found != scope->values_.end())
      return &found->second;
  return nullptr;
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> all;
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_)
    for (const auto& [name, value] : scope->values_) all.push_back(name);
  return all;
}

std::optional<Value> Run::evaluate(const Expression& expression, const Scope& scope) {
  return Evaluation(*this).value(expression, scope);
}

void Run::error(const Range& where, std::string summary, std::string detail) {
  diagnostics_->error(where, std::move(summary), std::move(detail));
}

bool Run::spend(std::int64_t steps, const Range& where) {
  if (exhausted()) return false;
  steps_left_ -= steps;
  if (!exhausted()) return true;
  error(where, "Evaluation limit reached",
        "This source asks for more work or produces more text than is allowed.");
  return false;
}

std::nullopt_t Evaluation::fail(const Range& where, std::string summary, std::string detail) {
  run_.error(where, std::move(summary), std::move(detail));
  return std::nullopt;
}

Evaluation::Answer Evaluation::quietly(const Expression& expression, const Scope& scope) {
  Diagnostics dropped;
  Diagnostics* kept = std::exchange(run_.diagnostics_, &dropped);
  Answer answer = value(expression, scope);
  run_.diagnostics_ = kept;
  // Out of budget is not the expression's error but the run's, and must not be lost.
  if (run_.exhausted() && !dropped.all().empty()) kept->add(dropped.all().back());
  return answer;
}

Evaluation::Answer Evaluation::value(const Expression& expression, const Scope& scope) {
  if (!run_.spend(1, expression.range)) return std::nullopt;
  Answer answer = dispatch(expression, scope);
  if (answer && answer->oversized())
    return fail(expression.range, "Value too large",
                fmt::format("The result has more than {} bytes, {} levels or {} members.",
                            value_weight_max, depth_max, members_max));
  return answer;
}

Evaluation::Answer Evaluation::dispatch(const Expression& e, const Scope& scope) {
  if (const auto* node = std::get_if<Literal>(&e.node)) return node->value;
  if (const auto* node = std::get_if<Access>(&e.node)) return access(e, *node, scope);
  if (const auto* node = std::get_if<Unary>(&e.node)) return unary(e, *node, scope);
  if (const auto* node = std::get_if<Binary>(&e.node)) return binary(e, *node, scope);
  if (const auto* node = std::get_if<Conditional>(&e.node)) return conditional(e, *node, scope);
  if (const auto* node = std::get_if<TupleItems>(&e.node)) return tuple(*node, scope);
  if (const auto* node = std::get_if<ObjectItems>(&e.node)) return object(*node, scope);
  if (const auto* node = std::get_if<For>(&e.node)) return loop(e, *node, scope);
  if (const auto* node = std::get_if<Call>(&e.node)) return call(e, *node, scope);
  return template_text(e, std::get<Template>(e.node), scope);
}

Evaluation::Answer Evaluation::unary(const Expression& at, const Unary& node, const Scope& scope) {
  const Answer operand = value(*node.operand, scope);
  if (!operand) return std::nullopt;
  if (node.op == '!') {
    const auto b = to_bool(*operand);
    if (!b)
      return fail(at.range, "Invalid operand",
                  "Unsuitable value for unary operand: " + b.error().message + ".");
    return Value(!*b);
  }
  const auto n = to_number(*operand);
  if (!n)
    return fail(at.range, "Invalid operand",
                "Unsuitable value for unary operand: " + n.error().message + ".");
  return Value(n->negate());
}

Evaluation::Answer Evaluation::logical(const Binary& node, const Scope& scope) {
  const bool decides = node.op == Binary::Op::either;  // true || x, false && x
  for (const Tree& side : {node.left, node.right}) {
    const Answer operand = value(*side, scope);
    if (!operand) return std::nullopt;
    const auto b = to_bool(*operand);
    if (!b)
      return fail(side->range, "Invalid operand",
                  "Unsuitable value for logical operand: " + b.error().message + ".");
    if (*b == decides) return Value(decides);
  }
  return Value(!decides);
}

Evaluation::Answer Evaluation::binary(const Expression& at, const Binary& node,
                                      const Scope& scope) {
  using Op = Binary::Op;
  if (node.op == Op::both || node.op == Op::either) return logical(node, scope);
  const Answer left = value(*node.left, scope);
  const Answer right = left ? value(*node.right, scope) : std::nullopt;
  if (!left || !right) return std::nullopt;
  if (node.op == Op::eq || node.op == Op::ne) {
    const auto less = std::min(left->weight(), right->weight());
    if (!run_.spend(static_cast<std::int64_t>(less / 16), at.range)) return std::nullopt;
    return Value((*left == *right) == (node.op == Op::eq));
  }
  const auto a = to_number(*left);
  const auto b = to_number(*right);
  if (!a || !b)
    return fail((a ? node.right : node.left)->range, "Invalid operand",
                fmt::format("Unsuitable value for {} operand: {}.", a ? "right" : "left",
                            (a ? b : a).error().message));
  switch (node.op) {
    case Op::lt:
      return Value(*a < *b);
    case Op::le:
      return Value(*a <= *b);
    case Op::gt:
      return Value(*a > *b);
    case Op::ge:
      return Value(*a >= *b);
    default:
      break;
  }
  constexpr std::string_view signs = "+-*/%";
  auto result = Number::arithmetic(signs[static_cast<std::size_t>(node.op)], *a, *b);
  if (!result)
    return fail(at.range, "Operation failed",
                "Error during operation: " + result.error().message + ".");
  return Value(std::move(*result));
}

Evaluation::Answer Evaluation::conditional(const Expression& at, const Conditional& node,
                                           const Scope& scope) {
  const Answer condition = value(*node.condition, scope);
  if (!condition) return std::nullopt;
  const auto chosen = to_bool(*condition);
  if (!chosen)
    return fail(node.condition->range, "Incorrect condition type",
                "The condition expression must be of type bool.");
  Answer answer = value(*chosen ? *node.when_true : *node.when_false, scope);
  if (!answer || !answer->is_primitive()) return answer;
  // Both sides have one type: a number beside a string becomes a string, chosen or not.
  const Answer other = quietly(*chosen ? *node.when_false : *node.when_true, scope);
  if (run_.exhausted()) return std::nullopt;
  if (!other || !other->is_primitive() || other->kind() == answer->kind()) return answer;
  if (answer->as_string() || other->as_string()) return Value(*to_text(*answer));
  return fail(at.range, "Inconsistent conditional result types",
              fmt::format("The true and false result expressions must have consistent types. The "
                          "'true' value is {}, but the 'false' value is {}.",
                          (*chosen ? answer : other)->kind_name(),
                          (*chosen ? other : answer)->kind_name()));
}

Evaluation::Answer Evaluation::tuple(const TupleItems& node, const Scope& scope) {
  Value::List items;
  for (const Tree& tree : node.items) {
    Answer item = value(*tree, scope);
    if (!item) return std::nullopt;
    items.push_back(std::move(*item));
  }
  return Value::list(std::move(items));
}

Evaluation::Answer Evaluation::object(const ObjectItems& node, const Scope& scope) {
  Value::Map members;
  for (const ObjectItem& item : node.items) {
    const Answer key = value(*item.key, scope);
    Answer member = key ? value(*item.value, scope) : std::nullopt;
    if (!key || !member) return std::nullopt;
    const auto name = to_text(*key);
    if (!name)
      return fail(item.key->range, "Incorrect key type",
                  "Can't use this value as a key: " + name.error().message + ".");
    members.insert_or_assign(*name, std::move(*member));
  }
  return Value::map(std::move(members));
}

bool Evaluation::loop_item(LoopResult& result, const For& node, const Scope& scope) {
  const auto refuse = [&](const Tree& where, std::string summary, std::string detail) {
    run_.error(where->range, std::move(summary), std::move(detail));
    return false;
  };
  if (node.condition) {
    const Answer condition = value(*node.condition, scope);
    if (!condition) return false;
    const auto wanted = to_bool(*condition);
    if (!wanted)
      return refuse(node.condition, "Invalid 'for' condition",
                    "The 'if' clause value is invalid: " + wanted.error().message + ".");
    if (!*wanted) return true;
  }
  base::Result<std::string> name;
  if (node.key) {
    const Answer key = value(*node.key, scope);
    if (!key) return false;
    name = to_text(*key);
    if (!name)
      return refuse(node.key, "Invalid object key",
                    "The key expression produced an invalid result: " + name.error().message + ".");
  }
  Answer item = value(*node.value, scope);
  if (!item) return false;
  Value::List& group = node.key ? result.groups[*name] : result.items;
  group.push_back(std::move(*item));
  if (!node.key || node.grouping || group.size() == 1) return true;
  return refuse(node.key, "Duplicate object key",
                fmt::format("Two different items produced the key \"{}\" in this 'for' expression. "
                            "If duplicates are expected, use the ellipsis (...) after the value "
                            "expression to enable grouping by key.",
                            *name));
}

Evaluation::Answer Evaluation::loop(const Expression& at, const For& node, const Scope& scope) {
  const Answer collection = value(*node.collection, scope);
  if (!collection) return std::nullopt;
  LoopResult result;
  bool good = true;
  const bool iterable = for_each_element(*collection, [&](const Value& key, const Value& item) {
    Scope inner = Scope::inside(scope);
    if (!node.key_name.empty()) inner.set(node.key_name, key);
    inner.set(node.value_name, item);
    good = run_.spend(4, at.range) && loop_item(result, node, inner);
    return good;
  });
  if (!iterable)
    return fail(node.collection->range, "Iteration over non-iterable value",
                fmt::format("A value of type {} cannot be used as the collection in a 'for' "
                            "expression.",
                            collection->kind_name()));
  if (!good) return std::nullopt;
  if (!node.key) return Value::list(std::move(result.items));
  Value::Map members;
  for (auto& [name, group] : result.groups)
    members[name] = node.grouping ? Value::list(std::move(group)) : std::move(group.front());
  return Value::map(std::move(members));
}

}  // namespace caravan::hcl
