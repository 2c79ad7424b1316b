// SPDX-License-Identifier: Apache-2.0
// Noun to public JSON, from its field list. Empty lists and maps are null, as the public API has
// it; `omit_empty` members are left out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "json/writer.hpp"
#include "model/field.hpp"

namespace caravan::wire {

class JsonOut {
 public:
  explicit JsonOut(json::Writer& out) : out_(out) {}

  template <class T>
  void operator()(int /*number*/, std::string_view name, T& member) {
    out_.key(name);
    put(member);
  }
  template <class T>
  void operator()(int number, std::string_view name, T& member, model::OmitEmpty) {
    if (!is_empty(member)) (*this)(number, name, member);
  }
  void unknown(const base::Unknown&) {}

  template <class T>
  void put(const T& value);

 private:
  static bool is_empty(const std::string& s) { return s.empty(); }
  static bool is_empty(const json::Value& v) { return v.is_null(); }
  static bool is_empty(std::uint64_t n) { return n == 0; }
  template <class T>
  static bool is_empty(const std::optional<T>& o) {
    return !o.has_value();
  }
  template <class T>
  static bool is_empty(const std::vector<T>& v) {
    return v.empty();
  }

  void scalar(bool b) { out_.boolean(b); }
  void scalar(int n) { out_.number(std::int64_t{n}); }
  void scalar(std::int64_t n) { out_.number(n); }
  void scalar(std::uint64_t n) { out_.number(n); }
  void scalar(double d) { out_.number(d); }
  void scalar(const std::string& s) { out_.string(s); }
  void scalar(base::Duration d) { out_.number(std::int64_t{d.count()}); }
  void scalar(const base::Uuid& id) { out_.string(id.to_string()); }
  void scalar(base::Instant t) {
    if (t.is_zero())
      out_.null();
    else
      out_.string(base::format_rfc3339(t));
  }
  void scalar(const json::Value& v) { out_.value(v); }
  void scalar(const json::Object& o) {
    if (o.empty())
      out_.null();
    else
      out_.value(o);
  }
  template <model::NamedEnum E>
  void scalar(E e) {
    out_.string(model::name_of(e));
  }
  template <class T>
  void scalar(const std::optional<T>& o) {
    if (o)
      put(*o);
    else
      out_.null();
  }
  template <class T>
  void scalar(const std::shared_ptr<const T>& p) {
    if (p)
      put(*p);
    else
      out_.null();
  }
  template <class T>
  void scalar(const std::vector<T>& list) {
    if (list.empty()) return out_.null();
    out_.begin_array();
    for (const T& item : list)
      put(item);
    out_.end_array();
  }
  template <class T>
  void scalar(const std::map<std::string, T>& map) {
    if (map.empty()) return out_.null();
    out_.begin_object();
    for (const auto& [key, value] : map) {
      out_.key(key);
      put(value);
    }
    out_.end_object();
  }

  json::Writer& out_;
};

/// A noun with a field list, visible to the visitor without changing it.
template <class T>
concept Noun = requires(JsonOut& v, T& t) { fields(v, t); };

template <class T>
void JsonOut::put(const T& value) {
  if constexpr (Noun<T>) {
    out_.begin_object();
    fields(*this, const_cast<T&>(value));  // this visitor only reads
    out_.end_object();
  } else {
    scalar(value);
  }
}

template <class T>
void write_json(json::Writer& out, const T& value) {
  JsonOut(out).put(value);
}

template <class T>
std::string to_json(const T& value) {
  std::string text;
  json::Writer out(text);
  write_json(out, value);
  return text;
}

}  // namespace caravan::wire
