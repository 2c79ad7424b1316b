// SPDX-License-Identifier: Apache-2.0
// Names, attributes, indexes and splats.
#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/evaluation.hpp"

namespace caravan::hcl {
namespace {

bool is_decimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::vector<std::string> names_of(const Value::Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

}  // namespace

Evaluation::Answer Evaluation::access(const Expression& at, const Access& node,
                                      const Scope& scope) {
  if (node.base) {
    Answer base = value(*node.base, scope);
    if (!base) return std::nullopt;
    return walk(std::move(*base), node, 0, node.steps.size(), scope);
  }
  if (const Value* known = scope.find(node.root))
    return walk(*known, node, 0, node.steps.size(), scope);
  if (scope.keeps_unknown()) return runtime_name(node, scope);
  return fail(at.range, "Unknown variable",
              fmt::format("There is no variable named \"{}\".{}", node.root,
                          did_you_mean(node.root, scope.names())));
}

// `${attr.kernel.name}` means something only on the node that runs the task, so it stays text.
// A computed index is put in: `meta[var.key]` becomes `${meta["the key"]}`.
Evaluation::Answer Evaluation::runtime_name(const Access& node, const Scope& scope) {
  if (!node.written.empty()) return Value("${" + node.written + "}");
  std::string text = node.root;
  for (const Access::Step& step : node.steps) {
    if (const auto* attribute = std::get_if<Access::Attribute>(&step.what)) {
      text += "." + attribute->name;
    } else if (const auto* index = std::get_if<Access::Index>(&step.what)) {
      const Answer key = value(*index->key, scope);
      if (!key) return std::nullopt;
      const auto name = to_text(*key);
      if (!name)
        return fail(step.range, "Invalid index", "A key must be text: " + name.error().message);
      text += "[\"" + *name + "\"]";
    } else {
      return fail(step.range, "Unsupported operation",
                  "A name that is only known to the running task cannot be expanded with a splat.");
    }
  }
  return Value("${" + text + "}");
}

Evaluation::Answer Evaluation::walk(Value current, const Access& node, std::size_t from,
                                    std::size_t to, const Scope& scope) {
  for (std::size_t i = from; i < to; ++i) {
    const Access::Step& step = node.steps[i];
    if (!run_.spend(1, step.range)) return std::nullopt;
    Answer next;
    if (const auto* splat_step = std::get_if<Access::Splat>(&step.what)) {
      std::size_t end = to;
      if (!splat_step->full) {
        end = i + 1;
        while (end < to && std::holds_alternative<Access::Attribute>(node.steps[end].what)) ++end;
      }
      next = splat(current, node, i + 1, end, scope);
      i = end - 1;
    } else if (const auto* name = std::get_if<Access::Attribute>(&step.what)) {
      next = attribute(current, *name, step.range);
    } else {
      const Answer key = value(*std::get<Access::Index>(step.what).key, scope);
      if (key) next = index(current, *key, step.range);
    }
    if (!next) return std::nullopt;
    current = std::move(*next);
  }
  return current;
}

Evaluation::Answer Evaluation::splat(const Value& collection, const Access& node, std::size_t from,
                                     std::size_t to, const Scope& scope) {
  // Anything that is no list counts as a list of one, and null as an empty one.
  Value::List one;
  if (!collection.is_null()) one.push_back(collection);
  const Value::List* elements = collection.as_list();
  if (elements == nullptr) elements = &one;
  Value::List results;
  for (const Value& element : *elements) {
    Answer result = walk(element, node, from, to, scope);
    if (!result) return std::nullopt;
    results.push_back(std::move(*result));
  }
  return Value::list(std::move(results));
}

Evaluation::Answer Evaluation::attribute(const Value& from, const Access::Attribute& step,
                                         const Range& where) {
  if (const Value::Map* map = from.as_map()) {
    if (const auto found = map->find(step.name); found != map->end()) return found->second;
    return fail(where, "Unsupported attribute",
                fmt::format("This object does not have an attribute named \"{}\".{}", step.name,
                            did_you_mean(step.name, names_of(*map))));
  }
  if (from.as_list() && is_decimal(step.name)) return index(from, Value(step.name), where);
  if (from.is_null())
    return fail(where, "Attempt to get attribute from null value",
                "This value is null, so it does not have any attributes.");
  return fail(where, "Unsupported attribute", "This value does not have any attributes.");
}

Evaluation::Answer Evaluation::index(const Value& from, const Value& key, const Range& where) {
  const auto missing = [&] {
    return fail(where, "Invalid index",
                "The given key does not identify an element in this collection value.");
  };
  if (const Value::Map* map = from.as_map()) {
    const auto name = to_text(key);
    const auto found = name ? map->find(*name) : map->end();
    if (found == map->end()) return missing();
    return found->second;
  }
  if (from.as_list() && !from.is_set()) {
    const auto number = to_number(key);
    const auto at = number ? number->as_int() : std::nullopt;
    if (!at || *at < 0 || static_cast<std::size_t>(*at) >= from.as_list()->size()) return missing();
    return (*from.as_list())[static_cast<std::size_t>(*at)];
  }
  if (from.is_null())
    return fail(where, "Attempt to index null value", "This value is null, so it has no indices.");
  return fail(where, "Invalid index",
              fmt::format("A value of type {} does not have indices.", from.kind_name()));
}

}  // namespace caravan::hcl
