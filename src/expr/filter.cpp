// SPDX-License-Identifier: Apache-2.0
#include "expr/filter.hpp"

#include <re2/re2.h>

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/filter_tree.hpp"
#include "expr/text.hpp"

namespace caravan::expr {
namespace {

using Kind = FilterNode::Kind;
using Operator = FilterNode::Operator;

/// Names that `any` and `all` gave to what they look at.
struct Bound {
  std::string_view name;
  const json::Value* value;
  const Bound* outer;
};

class Matcher {
 public:
  explicit Matcher(const json::Value& root) : root_(root) {}

  base::Result<bool> holds(const FilterNode& node, const Bound* bound) {
    switch (node.kind) {
      case Kind::either:
      case Kind::both: {
        for (const auto& part : node.parts) {
          TRY(const bool yes, holds(*part, bound));
          if (yes == (node.kind == Kind::either)) return yes;
        }
        return node.kind == Kind::both;
      }
      case Kind::negation: {
        TRY(const bool yes, holds(*node.parts[0], bound));
        return !yes;
      }
      case Kind::any:
      case Kind::all:
        return over_elements(node, bound);
      case Kind::match:
        break;
    }
    return match(node, bound);
  }

 private:
  /// Null when it is not there.
  const json::Value* find(const std::vector<std::string>& path, const Bound* bound) const {
    const json::Value* at = &root_;
    std::size_t from = 0;
    for (const Bound* b = bound; b != nullptr; b = b->outer)
      if (path[0] == b->name) {
        at = b->value;
        from = 1;
        break;
      }
    for (std::size_t i = from; i < path.size() && at != nullptr; ++i) {
      const json::Array* array = at->as_array();
      if (array != nullptr) {
        const auto index = base::parse_int(path[i]);
        const bool inside =
            index && *index >= 0 && static_cast<std::size_t>(*index) < array->size();
        at = inside ? &(*array)[static_cast<std::size_t>(*index)] : nullptr;
      } else {
        at = at->as_object() ? at->as_object()->find(path[i]) : nullptr;
      }
    }
    return at;
  }

  base::Result<bool> over_elements(const FilterNode& node, const Bound* bound) {
    const json::Value* over = find(node.selector, bound);
    const bool any = node.kind == Kind::any;
    const auto decides = [&](const json::Value& key, const json::Value& value,
                             bool is_map) -> base::Result<bool> {
      // One name means the element of a list and the key of a map, two mean index or key and value.
      const bool one = node.name2.empty();
      const Bound first{node.name, one && !is_map ? &value : &key, bound};
      const Bound second{node.name2, &value, &first};
      TRY(const bool yes, holds(*node.parts[0], one ? &first : &second));
      return yes == any;
    };
    if (over != nullptr && over->as_array()) {
      std::int64_t at = 0;
      for (const json::Value& item : *over->as_array()) {
        TRY(const bool decided, decides(json::Value(at++), item, false));
        if (decided) return any;
      }
    } else if (over != nullptr && over->as_object()) {
      for (const json::Member& member : *over->as_object()) {
        TRY(const bool decided, decides(json::Value(member.name), member.value, true));
        if (decided) return any;
      }
    }
    return !any;
  }

  static base::Result<bool> equal(const json::Value& value, const std::string& wanted) {
    if (const std::string* text = value.as_string()) return *text == wanted;
    if (const bool* b = value.as_bool()) {
      if (wanted != "true" && wanted != "false")
        return base::invalid(
            fmt::format("filter: \"{}\" is not a bool", base::printable(wanted, 60)));
      return *b == (wanted == "true");
    }
    if (value.is_number()) {
      const auto number = parse_go_number(wanted);
      if (!number)
        return base::invalid(
            fmt::format("filter: \"{}\" is not a number", base::printable(wanted, 60)));
      if (value.as_int() && number->as_int()) return *value.as_int() == *number->as_int();
      return value.number() == number->number();
    }
    if (value.is_null()) return false;
    return base::invalid(fmt::format("filter: {} cannot be compared", value.kind()));
  }

  static base::Result<bool> contains(const json::Value& value, const std::string& wanted) {
    if (const std::string* text = value.as_string()) return text->find(wanted) != std::string::npos;
    if (const json::Object* object = value.as_object()) return object->contains(wanted);
    if (const json::Array* array = value.as_array()) {
      for (const json::Value& item : *array) {
        TRY(const bool same, equal(item, wanted));
        if (same) return true;
      }
      return false;
    }
    if (value.is_null()) return false;
    return base::invalid(fmt::format("filter: {} contains nothing", value.kind()));
  }

  static bool is_empty(const json::Value* value) {
    if (value == nullptr || value->is_null()) return true;
    if (const std::string* text = value->as_string()) return text->empty();
    if (const json::Array* array = value->as_array()) return array->empty();
    if (const json::Object* object = value->as_object()) return object->empty();
    return false;
  }

  base::Result<bool> match(const FilterNode& node, const Bound* bound) {
    const json::Value* value = find(node.selector, bound);
    if (node.op == Operator::empty) return is_empty(value) != node.negated;
    if (value == nullptr) return node.negated || node.op == Operator::unequal;
    if (node.op == Operator::in) {
      TRY(const bool held, contains(*value, node.value));
      return held != node.negated;
    }
    if (node.op == Operator::matches) {
      const std::string* text = value->as_string();
      if (text == nullptr && !value->is_null())
        return base::invalid(fmt::format("filter: {} cannot be matched", value->kind()));
      return (text != nullptr && RE2::PartialMatch(*text, *node.pattern)) != node.negated;
    }
    TRY(const bool same, equal(*value, node.value));
    return same == (node.op == Operator::equal);
  }

  const json::Value& root_;
};

void collect(const FilterNode& node, std::vector<std::string>& bound,
             std::vector<std::string>& out) {
  const auto seen = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  if (!node.selector.empty() && !seen(bound, node.selector[0]) && !seen(out, node.selector[0]))
    out.push_back(node.selector[0]);
  const std::size_t before = bound.size();
  if (!node.name.empty()) bound.push_back(node.name);
  if (!node.name2.empty()) bound.push_back(node.name2);
  for (const auto& part : node.parts) collect(*part, bound, out);
  bound.resize(before);
}

}  // namespace

base::Result<bool> Filter::matches(const json::Value& value) const {
  return Matcher(value).holds(*root_, nullptr);
}

std::vector<std::string> Filter::fields() const {
  std::vector<std::string> bound;
  std::vector<std::string> out;
  collect(*root_, bound, out);
  return out;
}

}  // namespace caravan::expr
