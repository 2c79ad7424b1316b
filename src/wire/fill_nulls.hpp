// SPDX-License-Identifier: Apache-2.0
// The shape of a noun that somebody filled in partly: every member is there, as null when it was
// not given. So clients that look for keys find them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/field.hpp"

namespace caravan::wire {

class NullFiller {
 public:
  explicit NullFiller(json::Object& object) : object_(object) {}

  template <class T>
  void operator()(int /*number*/, std::string_view name, T&) {
    if (json::Value* value = object_.find(name))
      Inside<T>::fill(*value);
    else
      object_[name] = json::Value();
  }
  template <class T>
  void operator()(int, std::string_view name, T&, model::OmitEmpty) {
    if (json::Value* value = object_.find(name)) Inside<T>::fill(*value);
  }
  void unknown(const base::Unknown&) {}

 private:
  template <class T>
  struct Inside {
    static void fill(json::Value& value) {
      if constexpr (requires(NullFiller& v, T& t) { fields(v, t); })
        if (json::Object* object = value.as_object()) {
          NullFiller filler(*object);
          T shape{};
          fields(filler, shape);
        }
    }
  };
  template <class T>
  struct Inside<std::optional<T>> : Inside<T> {};
  template <class T>
  struct Inside<std::shared_ptr<const T>> : Inside<T> {};
  template <class T>
  struct Inside<std::vector<T>> {
    static void fill(json::Value& value) {
      if (json::Array* array = value.as_array())
        for (json::Value& item : *array)
          Inside<T>::fill(item);
    }
  };
  template <class T>
  struct Inside<std::map<std::string, T>> {
    static void fill(json::Value& value) {
      if (json::Object* object = value.as_object())
        for (json::Member& member : *object)
          Inside<T>::fill(member.value);
    }
  };

  json::Object& object_;
};

/// `object` has members of the noun T, by their public names, and gets the missing ones.
template <class T>
void fill_nulls(json::Object& object) {
  NullFiller filler(object);
  T shape{};
  fields(filler, shape);
}

}  // namespace caravan::wire
