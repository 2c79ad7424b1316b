// SPDX-License-Identifier: Apache-2.0
// A noun as names and texts, the form in which two of them are compared.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/time.hpp"
#include "json/value.hpp"
#include "model/field.hpp"

namespace caravan::model {

/// `fields`: maps as "Env[KEY]", values inside a driver's config as "args[0]". `objects`: blocks by
/// the name of one of them ("Constraint"); a list of texts is an object whose fields all have its
/// name.
struct Flat {
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<Flat> objects;
};

/// "Constraints" → "Constraint", "ReservedPorts" → "Static Port".
std::string block_name(std::string_view member);

class Flattener {
 public:
  /// `left_out`: members that do not count.
  Flattener(Flat& into, std::set<std::string_view> left_out)
      : into_(into), left_out_(std::move(left_out)) {}

  template <class T>
  void operator()(int /*number*/, std::string_view name, T& member) {
    if (!left_out_.contains(name)) put(name, member);
  }
  template <class T>
  void operator()(int number, std::string_view name, T& member, OmitEmpty) {
    (*this)(number, name, member);
  }
  void unknown(const base::Unknown&) {}

 private:
  void text(std::string_view name, std::string value) {
    into_.fields.emplace_back(name, std::move(value));
  }
  void json(const std::string& name, const json::Value& value, Flat& into);

  void put(std::string_view name, bool value) { text(name, value ? "true" : "false"); }
  template <std::integral T>
  void put(std::string_view name, T value) {
    text(name, fmt::format("{}", value));
  }
  void put(std::string_view name, double value) { text(name, fmt::format("{}", value)); }
  void put(std::string_view name, const std::string& value) {
    if (!value.empty()) text(name, value);
  }
  void put(std::string_view name, base::Duration value) {
    text(name, fmt::format("{}", value.count()));
  }
  void put(std::string_view name, base::Instant value) {
    if (!value.is_zero()) text(name, fmt::format("{}", value.unix_ns));
  }
  void put(std::string_view name, const base::Uuid& value) {
    if (!value.is_nil()) text(name, value.to_string());
  }
  void put(std::string_view name, const json::Value& value);
  void put(std::string_view name, const json::Object& value);
  template <NamedEnum E>
  void put(std::string_view name, E value) {
    text(name, std::string(name_of(value)));
  }
  template <class T>
  void put(std::string_view name, std::optional<T>& value) {
    if (value) put(name, *value);
  }
  void put(std::string_view name, std::vector<std::string>& list);
  template <class T>
  void put(std::string_view name, std::vector<T>& list) {
    for (T& item : list)
      put(name, item);
  }
  void put(std::string_view name, std::map<std::string, std::string>& map) {
    for (const auto& [key, value] : map)
      text(fmt::format("{}[{}]", name, key), value);
  }
  template <class T>
  void put(std::string_view name, std::map<std::string, T>& map) {
    for (auto& [key, value] : map)
      put(name, value);
  }
  template <class T>
    requires requires(Flattener& v, T& t) { fields(v, t); }
  void put(std::string_view name, T& noun) {
    Flat inner;
    inner.name = block_name(name);
    Flattener visitor(inner, {});
    fields(visitor, noun);
    into_.objects.push_back(std::move(inner));
  }

  Flat& into_;
  std::set<std::string_view> left_out_;
};

template <class T>
Flat flatten(const T& noun, std::set<std::string_view> left_out) {
  Flat flat;
  Flattener visitor(flat, std::move(left_out));
  fields(visitor, const_cast<T&>(noun));  // this visitor only reads
  return flat;
}

}  // namespace caravan::model
