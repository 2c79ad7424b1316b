// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "hcl/evaluation.hpp"
#include "hcl/limits.hpp"

namespace caravan::hcl {

Evaluation::Answer Evaluation::template_text(const Expression& at, const Template& node,
                                             const Scope& scope) {
  // "${x}" alone is x itself, not its text.
  if (node.parts.size() == 1)
    if (const auto* tree = std::get_if<Tree>(&node.parts[0].what)) return value(**tree, scope);
  std::string text;
  if (!append(text, node.parts, scope)) return std::nullopt;
  if (!run_.spend(static_cast<std::int64_t>(text.size() / 64), at.range)) return std::nullopt;
  return Value(std::move(text));
}

bool Evaluation::append(std::string& out, const Template::Parts& parts, const Scope& scope) {
  for (const Template::Part& part : parts) {
    if (const auto* text = std::get_if<std::string>(&part.what)) {
      out += *text;
    } else if (std::holds_alternative<Tree>(part.what)) {
      if (!append_value(out, part, scope)) return false;
    } else if (const auto* choice = std::get_if<std::shared_ptr<Template::If>>(&part.what)) {
      const Answer condition = value(*(*choice)->condition, scope);
      if (!condition) return false;
      const auto chosen = to_bool(*condition);
      if (!chosen) {
        fail((*choice)->condition->range, "Incorrect condition type",
             "The condition expression must be of type bool.");
        return false;
      }
      if (!append(out, *chosen ? (*choice)->when_true : (*choice)->when_false, scope)) return false;
    } else if (!append_loop(out, *std::get<std::shared_ptr<Template::Loop>>(part.what), part.range,
                            scope)) {
      return false;
    }
    if (out.size() > value_weight_max) {
      fail(part.range, "Value too large",
           fmt::format("The text has more than {} bytes.", value_weight_max));
      return false;
    }
  }
  return true;
}

bool Evaluation::append_value(std::string& out, const Template::Part& part, const Scope& scope) {
  const Answer answer = value(*std::get<Tree>(part.what), scope);
  if (!answer) return false;
  const auto text = to_text(*answer);
  if (!text) {
    fail(part.range, "Invalid template interpolation value",
         answer->is_null() ? "The expression result is null. Cannot include a null value in a "
                             "string template."
                           : "Cannot include the given value in a string template: a string is "
                             "required.");
    return false;
  }
  out += *text;
  return run_.spend(static_cast<std::int64_t>(text->size() / 64), part.range);
}

bool Evaluation::append_loop(std::string& out, const Template::Loop& loop, const Range& where,
                             const Scope& scope) {
  const Answer collection = value(*loop.collection, scope);
  if (!collection) return false;
  bool good = true;
  const bool iterable = for_each_element(*collection, [&](const Value& key, const Value& item) {
    Scope inner = Scope::inside(scope);
    if (!loop.key_name.empty()) inner.set(loop.key_name, key);
    inner.set(loop.value_name, item);
    good = run_.spend(4, where) && append(out, loop.body, inner);
    return good;
  });
  if (!iterable) {
    fail(where, "Iteration over non-iterable value",
         fmt::format("A value of type {} cannot be used as the collection in a 'for' directive.",
                     collection->kind_name()));
    return false;
  }
  return good;
}

}  // namespace caravan::hcl
