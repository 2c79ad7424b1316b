// SPDX-License-Identifier: Apache-2.0
// One expression being evaluated: a function per kind of node. Private; evaluate.hpp is the door.
// A function that returns nothing has reported why.
#pragma once

#include "hcl/evaluate.hpp"

namespace caravan::hcl {

class Evaluation {
 public:
  using Answer = std::optional<Value>;

  explicit Evaluation(Run& run) : run_(run) {}
  Answer value(const Expression& expression, const Scope& scope);

 private:
  Answer dispatch(const Expression& expression, const Scope& scope);
  Answer unary(const Expression& at, const Unary& node, const Scope& scope);
  Answer binary(const Expression& at, const Binary& node, const Scope& scope);
  Answer logical(const Binary& node, const Scope& scope);
  Answer conditional(const Expression& at, const Conditional& node, const Scope& scope);
  Answer tuple(const TupleItems& node, const Scope& scope);
  Answer object(const ObjectItems& node, const Scope& scope);
  struct LoopResult {
    Value::List items;                                       // of a `[for]`
    std::map<std::string, Value::List, std::less<>> groups;  // of a `{for}`
  };
  Answer loop(const Expression& at, const For& node, const Scope& scope);
  bool loop_item(LoopResult& result, const For& node, const Scope& scope);

  // evaluate_template.cpp
  Answer template_text(const Expression& at, const Template& node, const Scope& scope);
  bool append(std::string& out, const Template::Parts& parts, const Scope& scope);
  bool append_value(std::string& out, const Template::Part& part, const Scope& scope);
  bool append_loop(std::string& out, const Template::Loop& loop, const Range& where,
                   const Scope& scope);

  // evaluate_access.cpp
  Answer access(const Expression& at, const Access& node, const Scope& scope);
  Answer runtime_name(const Access& node, const Scope& scope);
  Answer walk(Value value, const Access& node, std::size_t from, std::size_t to,
              const Scope& scope);
  Answer splat(const Value& value, const Access& node, std::size_t from, std::size_t to,
               const Scope& scope);
  Answer attribute(const Value& value, const Access::Attribute& step, const Range& where);
  Answer index(const Value& value, const Value& key, const Range& where);

  // evaluate_call.cpp
  Answer call(const Expression& at, const Call& node, const Scope& scope);
  Answer first_good(const Expression& at, const Call& node, const Scope& scope);
  Answer converted(const Expression& at, const Call& node, const Scope& scope);
  bool arguments(std::vector<Value>& out, const Call& node, const Scope& scope);

  /// Like value(), but errors are dropped.
  Answer quietly(const Expression& expression, const Scope& scope);
  std::nullopt_t fail(const Range& where, std::string summary, std::string detail);

  Run& run_;
  int depth_ = 0;
};

/// Calls `visit(key, value)` for each element of a list, set or object until it returns false.
/// The key of a set's element is the element. False when the value has no elements to visit.
template <class Visit>
bool for_each_element(const Value& collection, Visit visit) {
  if (const Value::List* list = collection.as_list()) {
    std::int64_t at = 0;
    for (const Value& v : *list)
      if (!visit(collection.is_set() ? v : Value(at++), v)) break;
    return true;
  }
  if (const Value::Map* map = collection.as_map()) {
    for (const auto& [name, v] : *map)
      if (!visit(Value(name), v)) break;
    return true;
  }
  return false;
}

}  // namespace caravan::hcl
