// SPDX-License-Identifier: Apache-2.0
#include "hcl/type.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace caravan::hcl {
namespace {

std::optional<Type> refuse(const Expression& at, Diagnostics& diagnostics, std::string detail) {
  diagnostics.error(at.range, "Invalid type specification", std::move(detail));
  return std::nullopt;
}

std::optional<Type> named_type(std::string_view name) {
  if (name == "any") return Type{};
  if (name == "bool") return Type{Type::Kind::boolean};
  if (name == "number") return Type{Type::Kind::number};
  if (name == "string") return Type{Type::Kind::string};
  // Without an argument these hold anything, as older sources write them.
  if (name == "list") return Type{Type::Kind::list, {Type{}}};
  if (name == "set") return Type{Type::Kind::set, {Type{}}};
  if (name == "map") return Type{Type::Kind::map, {Type{}}};
  return std::nullopt;
}

std::optional<Type> object_type(const Expression& at, Diagnostics& diagnostics) {
  const auto* items = std::get_if<ObjectItems>(&at.node);
  if (items == nullptr)
    return refuse(at, diagnostics,
                  "The object type constructor requires one argument specifying "
                  "the attribute types and values as a map.");
  Type made{Type::Kind::object};
  for (const ObjectItem& item : items->items) {
    const auto* key = std::get_if<Literal>(&item.key->node);
    const auto name = key ? to_text(key->value) : base::Result<std::string>(base::invalid(""));
    if (!name) return refuse(*item.key, diagnostics, "An attribute name is required.");
    const Expression* inner = item.value.get();
    const auto* call = std::get_if<Call>(&inner->node);
    const bool optional = call != nullptr && call->name == "optional" && !call->arguments.empty();
    if (optional) inner = call->arguments[0].get();
    auto type = parse_type(*inner, diagnostics);
    if (!type) return std::nullopt;
    made.names.push_back(*name);
    made.optional.push_back(optional);
    made.elements.push_back(std::move(*type));
  }
  return made;
}

std::optional<Type> tuple_type(const Expression& at, Diagnostics& diagnostics) {
  const auto* items = std::get_if<TupleItems>(&at.node);
  if (items == nullptr)
    return refuse(at, diagnostics,
                  "The tuple type constructor requires one argument: a list of types.");
  Type made{Type::Kind::tuple};
  for (const Tree& item : items->items) {
    auto type = parse_type(*item, diagnostics);
    if (!type) return std::nullopt;
    made.elements.push_back(std::move(*type));
  }
  return made;
}

base::Result<Value> inside(std::string place, base::Result<Value> result) {
  if (result) return result;
  std::string& message = result.error().message;
  message = place + (message.starts_with('[') ? "" : ": ") + message;
  return result;
}

base::Result<Value> convert_elements(const Value& value, const Type& type) {
  Value::List items;
  const Value::List* list = value.as_list();
  if (list == nullptr) return base::invalid(fmt::format("{} is required", type.to_string()));
  if (type.kind == Type::Kind::tuple && type.elements.size() != list->size())
    return base::invalid(fmt::format("a tuple of {} elements is required", type.elements.size()));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Type& wanted = type.kind == Type::Kind::tuple ? type.elements[i] : type.elements[0];
    TRY(Value item, inside(fmt::format("[{}]", i), convert((*list)[i], wanted)));
    items.push_back(std::move(item));
  }
  return type.kind == Type::Kind::set ? Value::set(std::move(items))
                                      : Value::list(std::move(items));
}

base::Result<Value> convert_map(const Value& value, const Type& type) {
  const Value::Map* map = value.as_map();
  if (map == nullptr) return base::invalid(fmt::format("{} is required", type.to_string()));
  Value::Map made;
  for (const auto& [name, member] : *map) {
    TRY(Value converted, inside("[\"" + name + "\"]", convert(member, type.elements[0])));
    made.emplace(name, std::move(converted));
  }
  return Value::map(std::move(made));
}

base::Result<Value> convert_object(const Value& value, const Type& type) {
  const Value::Map* map = value.as_map();
  if (map == nullptr) return base::invalid("an object is required");
  Value::Map made;  // members that the type does not name are dropped
  for (std::size_t i = 0; i < type.names.size(); ++i) {
    const auto found = map->find(type.names[i]);
    if (found == map->end()) {
      if (!type.optional[i])
        return base::invalid(fmt::format("attribute \"{}\" is required", type.names[i]));
      made.emplace(type.names[i], Value());
      continue;
    }
    TRY(Value converted,
        inside("[\"" + type.names[i] + "\"]", convert(found->second, type.elements[i])));
    made.emplace(type.names[i], std::move(converted));
  }
  return Value::map(std::move(made));
}

}  // namespace

std::string Type::to_string() const {
  constexpr std::array names_of_kinds = {"any", "bool", "number", "string", "list",
                                         "set", "map",  "object", "tuple"};
  std::string text = names_of_kinds[static_cast<std::size_t>(kind)];
  if (kind == Kind::list || kind == Kind::set || kind == Kind::map)
    text += "(" + elements[0].to_string() + ")";
  return text;
}

std::optional<Type> parse_type(const Expression& expression, Diagnostics& diagnostics) {
  std::string name = bare_name(expression);
  if (const auto* literal = std::get_if<Literal>(&expression.node);
      literal != nullptr && literal->value.as_string())
    name = *literal->value.as_string();
  if (auto simple = named_type(name)) return simple;
  const auto* call = std::get_if<Call>(&expression.node);
  if (call == nullptr || call->arguments.size() != 1)
    return refuse(expression, diagnostics,
                  "A type specification is either a primitive type keyword (bool, number, string), "
                  "any, or a complex type constructor call, like list(string).");
  if (call->name == "object") return object_type(*call->arguments[0], diagnostics);
  if (call->name == "tuple") return tuple_type(*call->arguments[0], diagnostics);
  auto outer = named_type(call->name);
  if (!outer || outer->elements.empty())
    return refuse(expression, diagnostics,
                  fmt::format("\"{}\" is not a type constructor.", call->name));
  auto inner = parse_type(*call->arguments[0], diagnostics);
  if (!inner) return std::nullopt;
  outer->elements[0] = std::move(*inner);
  return outer;
}

base::Result<Value> convert(const Value& value, const Type& type) {
  if (value.is_null()) return value;
  switch (type.kind) {
    case Type::Kind::any:
      return value;
    case Type::Kind::string: {
      TRY(std::string text, to_text(value));
      return Value(std::move(text));
    }
    case Type::Kind::number: {
      TRY(Number number, to_number(value));
      return Value(std::move(number));
    }
    case Type::Kind::boolean: {
      TRY(const bool b, to_bool(value));
      return Value(b);
    }
    case Type::Kind::list:
    case Type::Kind::set:
    case Type::Kind::tuple:
      return convert_elements(value, type);
    case Type::Kind::map:
      return convert_map(value, type);
    case Type::Kind::object:
      return convert_object(value, type);
  }
  return value;
}

}  // namespace caravan::hcl
