// SPDX-License-Identifier: Apache-2.0
// Function calls, and the three that are not functions: try and can look at errors of their
// arguments, convert takes a type.
#include <fmt/core.h>

#include "hcl/evaluation.hpp"
#include "hcl/functions.hpp"
#include "hcl/type.hpp"

namespace caravan::hcl {

bool Evaluation::arguments(std::vector<Value>& out, const Call& node, const Scope& scope) {
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    Answer answer = value(*node.arguments[i], scope);
    if (!answer) return false;
    if (!node.expand_last || i + 1 < node.arguments.size()) {
      out.push_back(std::move(*answer));
      continue;
    }
    const Value::List* list = answer->as_list();
    if (list == nullptr) {
      fail(node.arguments[i]->range, "Invalid expanding argument value",
           "The expanding argument (indicated by ...) must be of a tuple, list, or set type.");
      return false;
    }
    if (!run_.spend(static_cast<std::int64_t>(list->size()), node.name_range)) return false;
    out.insert(out.end(), list->begin(), list->end());
  }
  return true;
}

Evaluation::Answer Evaluation::call(const Expression& at, const Call& node, const Scope& scope) {
  if (node.name == "try" || node.name == "can") return first_good(at, node, scope);
  if (node.name == "convert") return converted(at, node, scope);
  const Function* function = find_function(node.name);
  if (function == nullptr)
    return fail(node.name_range, "Call to unknown function",
                fmt::format("There is no function named \"{}\".{}", node.name,
                            did_you_mean(node.name, function_names())));
  std::vector<Value> values;
  if (!arguments(values, node, scope)) return std::nullopt;
  if (const auto fit = fit_arguments(*function, values); !fit)
    return fail(at.range, "Invalid function argument", fit.error().message);
  std::uint64_t weight = 0;
  for (const Value& v : values) weight += v.weight();
  // What it reads costs before, so that cheap calls with huge arguments add up.
  if (!run_.spend(static_cast<std::int64_t>(weight / 64), at.range)) return std::nullopt;
  auto result = function->run(Arguments(values, run_.outside()));
  if (!result)
    return fail(
        at.range, "Error in function call",
        fmt::format("Call to function \"{}\" failed: {}.", node.name, result.error().message));
  if (!run_.spend(static_cast<std::int64_t>(result->weight() / 64), at.range)) return std::nullopt;
  return std::move(*result);
}

Evaluation::Answer Evaluation::first_good(const Expression& at, const Call& node,
                                          const Scope& scope) {
  const bool is_can = node.name == "can";
  if (node.arguments.empty() || (is_can && node.arguments.size() > 1))
    return fail(at.range, "Invalid function argument",
                fmt::format("Function \"{}\" expects {}.", node.name,
                            is_can ? "one argument" : "at least one argument"));
  for (const Tree& argument : node.arguments) {
    Answer answer = quietly(*argument, scope);
    if (run_.exhausted()) return std::nullopt;
    if (is_can) return Value(answer.has_value());
    if (answer) return answer;
  }
  return fail(at.range, "Error in function call",
              "Call to function \"try\" failed: no expression succeeded.");
}

Evaluation::Answer Evaluation::converted(const Expression& at, const Call& node,
                                         const Scope& scope) {
  if (node.arguments.size() != 2)
    return fail(at.range, "Invalid function argument",
                "Function \"convert\" expects a value and a type.");
  const Answer given = value(*node.arguments[0], scope);
  const auto type = given ? parse_type(*node.arguments[1], run_.diagnostics()) : std::nullopt;
  if (!type) return std::nullopt;
  auto result = convert(*given, *type);
  if (!result) return fail(at.range, "Error in function call", result.error().message + ".");
  return std::move(*result);
}

}  // namespace caravan::hcl
