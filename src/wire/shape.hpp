// SPDX-License-Identifier: Apache-2.0
// JSON that somebody wrote for a noun, walked beside the noun's field list, before it is decoded.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/field.hpp"

namespace caravan::wire {

/// The member of that name, or of one that differs in upper and lower case only, as the public API
/// reads keys; then it gets the public name. Null when there is none.
json::Value* named_member(json::Object& object, std::string_view name);

/// Visits the members of an object of JSON and of all nouns inside it.
class ShapeWalk {
 public:
  ShapeWalk(json::Object& object, bool fill) : object_(object), fill_(fill) {}

  template <class T>
  void operator()(int /*number*/, std::string_view name, T&) {
    if (json::Value* value = named_member(object_, name))
      Inside<T>::walk(*value, fill_);
    else if (fill_)
      object_[name] = json::Value();
  }
  template <class T>
  void operator()(int, std::string_view name, T&, model::OmitEmpty) {
    if (json::Value* value = named_member(object_, name)) Inside<T>::walk(*value, fill_);
  }
  void unknown(const base::Unknown&) {}

 private:
  template <class T>
  struct Inside {
    static void walk(json::Value& value, bool fill) {
      if constexpr (requires(ShapeWalk& v, T& t) { fields(v, t); })
        if (json::Object* object = value.as_object()) {
          ShapeWalk inner(*object, fill);
          T shape{};
          fields(inner, shape);
        }
    }
  };
  template <class T>
  struct Inside<std::optional<T>> : Inside<T> {};
  template <class T>
  struct Inside<std::shared_ptr<const T>> : Inside<T> {};
  template <class T>
  struct Inside<std::vector<T>> {
    static void walk(json::Value& value, bool fill) {
      if (json::Array* array = value.as_array())
        for (json::Value& item : *array)
          Inside<T>::walk(item, fill);
    }
  };
  template <class T>
  struct Inside<std::map<std::string, T>> {
    static void walk(json::Value& value, bool fill) {
      if (json::Object* object = value.as_object())
        for (json::Member& member : *object)
          Inside<T>::walk(member.value, fill);
    }
  };

  json::Object& object_;
  bool fill_;
};

/// Gives every key of the noun T its public spelling.
template <class T>
void name_keys(json::Object& object) {
  ShapeWalk walk(object, false);
  T shape{};
  fields(walk, shape);
}

/// The same, and members that were not given are there as null: clients that look for keys find
/// them.
template <class T>
void fill_nulls(json::Object& object) {
  ShapeWalk walk(object, true);
  T shape{};
  fields(walk, shape);
}

}  // namespace caravan::wire
