// SPDX-License-Identifier: Apache-2.0
// Public JSON to noun, from its field list. Unknown and missing keys are fine (a member keeps its
// default), null counts as missing, keys match in any case; a value of the wrong type is refused
// with its path: "Job.TaskGroups[0].Tasks[0].Resources.CPU: not a number".
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "model/field.hpp"

namespace caravan::wire {

/// Where a value stands in the document; a chain on the stack, written out only for an error.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;
  int index = -1;
  std::string to_string() const;
};

class JsonIn {
 public:
  JsonIn(const json::Object& object, const Path& path, std::optional<base::Error>& error)
      : object_(object), path_(path), error_(error) {}

  template <class T>
  void operator()(int /*number*/, std::string_view name, T& member) {
    if (error_) return;
    if (const json::Value* value = find(name)) read(*value, Path{&path_, name}, member, error_);
  }
  template <class T>
  void operator()(int number, std::string_view name, T& member, model::OmitEmpty) {
    (*this)(number, name, member);
  }
  void unknown(const base::Unknown&) {}

  template <class T>
  static void read(const json::Value& value, const Path& path, T& into,
                   std::optional<base::Error>& error);

 private:
  using Error = std::optional<base::Error>;

  const json::Value* find(std::string_view name) const;
  static void wrong(Error& error, const Path& path, const json::Value& value,
                    std::string_view wanted);
  static bool integer(const json::Value& value, const Path& path, std::int64_t low,
                      std::int64_t high, std::int64_t& into, Error& error);

  static void scalar(const json::Value& v, const Path& p, bool& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, int& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, std::int64_t& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, std::uint64_t& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, double& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, std::string& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, base::Duration& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, base::Instant& into, Error& e);
  static void scalar(const json::Value& v, const Path& p, base::Uuid& into, Error& e);
  static void scalar(const json::Value& v, const Path&, json::Value& into, Error&) { into = v; }
  static void scalar(const json::Value& v, const Path& p, json::Object& into, Error& e);
  static void name_error(Error& e, const Path& p, const std::string& got, std::string known);

  template <model::NamedEnum T>
  static void scalar(const json::Value& v, const Path& p, T& into, Error& e) {
    const std::string* text = v.as_string();
    if (!text) return wrong(e, p, v, "a string");
    if (text->empty()) return;  // clients send what their users left out so
    const auto names = enum_names(into);
    std::string known;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == *text) return static_cast<void>(into = static_cast<T>(i));
      known += (i ? ", " : "") + std::string(names[i]);
    }
    name_error(e, p, *text, std::move(known));
  }
  template <class T>
  static void scalar(const json::Value& v, const Path& p, std::optional<T>& into, Error& e) {
    if (!into) into.emplace();
    read(v, p, *into, e);
  }
  template <class T>
  static void scalar(const json::Value& v, const Path& p, std::vector<T>& into, Error& e) {
    const json::Array* array = v.as_array();
    if (!array) return wrong(e, p, v, "an array");
    into.clear();
    for (std::size_t i = 0; i < array->size() && !e; ++i)
      read((*array)[i], Path{&p, {}, static_cast<int>(i)}, into.emplace_back(), e);
  }
  template <class T>
  static void scalar(const json::Value& v, const Path& p, std::map<std::string, T>& into,
                     Error& e) {
    const json::Object* object = v.as_object();
    if (!object) return wrong(e, p, v, "an object");
    into.clear();
    for (const json::Member& member : *object)
      read(member.value, Path{&p, member.name}, into[member.name], e);
  }

  const json::Object& object_;
  const Path& path_;
  std::optional<base::Error>& error_;
};

template <class T>
void JsonIn::read(const json::Value& value, const Path& path, T& into,
                  std::optional<base::Error>& error) {
  if (error || value.is_null()) return;
  if constexpr (requires(JsonIn& v) { fields(v, into); }) {
    const json::Object* object = value.as_object();
    if (!object) return wrong(error, path, value, "an object");
    JsonIn in(*object, path, error);
    fields(in, into);
  } else {
    scalar(value, path, into, error);
  }
}

/// Reads a noun over its defaults. `root` is how paths in errors begin: "Job".
template <class T>
base::Result<T> from_json(const json::Value& value, std::string_view root) {
  T noun{};
  std::optional<base::Error> error;
  JsonIn::read(value, Path{nullptr, root}, noun, error);
  if (error) return std::unexpected(*std::move(error));
  return noun;
}

}  // namespace caravan::wire
