// SPDX-License-Identifier: Apache-2.0
// Noun to bytes and back, from its field list: what the log, snapshots and our own agents speak.
// docs/formats/binary.md has the grammar. A field is number, length, bytes; members that have their
// default value are not written; numbers that this version does not know are kept in `unknown` and
// written again. So a default is part of the format, like the number: changing it needs a new
// number.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "model/allocation.hpp"

namespace caravan::wire {

void put_varint(std::string& out, std::uint64_t n);
/// False when the bytes end early or the number is longer than 64 bits.
bool take_varint(std::string_view& in, std::uint64_t& n);
/// A length and that many bytes.
void put_bytes(std::string& out, std::string_view bytes);
bool take_bytes(std::string_view& in, std::string_view& bytes);

/// Which job version an allocation runs; the job itself is stored once, elsewhere.
struct JobKey {
  std::string ns, id;
  std::uint64_t version = 0, create_index = 0;
  friend auto operator<=>(const JobKey&, const JobKey&) = default;
};
JobKey key_of(const model::Job& job);

/// Finds the job versions that decoded allocations point at.
class JobSource {
 public:
  virtual ~JobSource() = default;
  /// Null when there is none: the bytes are then refused.
  virtual std::shared_ptr<const model::Job> find_job(const JobKey& key) const = 0;
};

/// A place for the length of what is appended next. Nearly all lengths take one byte, so what
/// follows is written where it belongs and moved only when the length takes more.
class LengthHere {
 public:
  explicit LengthHere(std::string& out) : out_(out) {
    out_ += '\0';
    begin_ = out_.size();
  }
  std::string_view counted() const { return std::string_view(out_).substr(begin_); }
  void write() const;

 private:
  std::string& out_;
  std::size_t begin_;
};

template <class T>
void encode_value(std::string& out, const T& value);

class BinaryOut {
 public:
  explicit BinaryOut(std::string& out, const std::vector<std::string>* defaults)
      : out_(out), defaults_(defaults) {}

  template <class T>
  void operator()(int number, std::string_view, T& member) {
    const std::size_t before = out_.size();
    put_varint(out_, static_cast<std::uint64_t>(number));
    const LengthHere length(out_);
    const bool present = value(out_, member);
    const std::size_t position = position_++;
    if (!present || (defaults_ && (*defaults_)[position] == length.counted()))
      out_.resize(before);
    else
      length.write();
  }
  template <class T>
  void operator()(int number, std::string_view name, T& member, model::OmitEmpty) {
    (*this)(number, name, member);
  }
  void unknown(const base::Unknown& unknown) { out_ += unknown.bytes(); }

  /// Appends the bytes of one value. False: the value is absent (an empty optional).
  template <class T>
  static bool value(std::string& out, const T& value);

 private:
  std::string& out_;
  const std::vector<std::string>* defaults_;
  std::size_t position_ = 0;
};

/// Collects the bytes of every member of a default noun, in the order of its field list.
class DefaultBytes {
 public:
  template <class T>
  void operator()(int, std::string_view, T& member) {
    std::string bytes;
    if (!BinaryOut::value(bytes, member)) bytes = absent;
    list.push_back(std::move(bytes));
  }
  template <class T>
  void operator()(int number, std::string_view name, T& member, model::OmitEmpty) {
    (*this)(number, name, member);
  }
  void unknown(const base::Unknown&) {}

  std::vector<std::string> list;

 private:
  // Never equal to the bytes of a present value, which may be empty.
  inline static const std::string absent = std::string("\xff\xff absent", 9);
};

template <class T>
const std::vector<std::string>& default_bytes() {
  static const std::vector<std::string> bytes = [] {
    T noun{};
    DefaultBytes collector;
    fields(collector, noun);
    return std::move(collector.list);
  }();
  return bytes;
}

class BinaryIn {
 public:
  BinaryIn(std::string_view bytes, const JobSource* jobs) : rest_(bytes), jobs_(jobs) { advance(); }

  template <class T>
  void operator()(int number, std::string_view, T& member) {
    if (!has_field_ || number_ != static_cast<std::uint64_t>(number)) return;
    if (!value(field_, member, jobs_)) failed_ = true;
    progressed_ = true;
    advance();
  }
  template <class T>
  void operator()(int number, std::string_view name, T& member, model::OmitEmpty) {
    (*this)(number, name, member);
  }
  /// Fields come in the order of the list, so one pass reads them all. What a pass leaves untouched
  /// at its front is a number we do not know.
  void unknown(base::Unknown& unknown) {
    if (!progressed_ && has_field_) {
      unknown.append(raw_);
      advance();
    }
    progressed_ = false;
  }
  bool done() const { return failed_ || !has_field_; }
  bool ok() const { return !failed_; }

  template <class T>
  static bool value(std::string_view bytes, T& into, const JobSource* jobs);

 private:
  void advance();

  std::string_view rest_, field_, raw_;
  std::uint64_t number_ = 0;
  bool has_field_ = false, failed_ = false, progressed_ = false;
  const JobSource* jobs_;
};

template <class T>
concept BinaryNoun = requires(BinaryOut& v, T& t) { fields(v, t); };

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

inline std::uint64_t zigzag(std::int64_t n) {
  return static_cast<std::uint64_t>(n) << 1 ^ static_cast<std::uint64_t>(n >> 63);
}
inline std::int64_t unzigzag(std::uint64_t n) {
  return static_cast<std::int64_t>(n >> 1) ^ -static_cast<std::int64_t>(n & 1);
}

template <class T>
bool BinaryOut::value(std::string& out, const T& v) {
  if constexpr (BinaryNoun<T>) {
    BinaryOut nested(out, &default_bytes<T>());
    fields(nested, const_cast<T&>(v));  // this visitor only reads
  } else if constexpr (IsOptional<T>::value) {
    return v.has_value() && value(out, *v);
  } else if constexpr (IsVector<T>::value) {
    for (const auto& item : v)
      encode_value(out, item);
  } else if constexpr (IsMap<T>::value) {
    for (const auto& [key, item] : v) {
      put_bytes(out, key);
      encode_value(out, item);
    }
  } else if constexpr (std::is_same_v<T, std::string>) {
    out += v;
  } else if constexpr (std::is_same_v<T, double>) {
    char bytes[sizeof v];
    std::memcpy(bytes, &v, sizeof v);
    out.append(bytes, sizeof v);
  } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::uint64_t>) {
    put_varint(out, static_cast<std::uint64_t>(v));
  } else if constexpr (std::is_enum_v<T>) {
    put_varint(out, static_cast<std::uint64_t>(v));
  } else if constexpr (std::is_integral_v<T>) {
    put_varint(out, zigzag(v));
  } else if constexpr (std::is_same_v<T, base::Duration>) {
    put_varint(out, zigzag(v.count()));
  } else if constexpr (std::is_same_v<T, base::Instant>) {
    put_varint(out, zigzag(v.unix_ns));
  } else if constexpr (std::is_base_of_v<base::Uuid, T>) {
    if (!v.is_nil()) out.append(reinterpret_cast<const char*>(v.bytes.data()), v.bytes.size());
  } else if constexpr (std::is_same_v<T, json::Value>) {
    if (!v.is_null()) out += json::to_string(v);
  } else if constexpr (std::is_same_v<T, json::Object>) {
    if (!v.empty()) out += json::to_string(v);
  } else if constexpr (std::is_same_v<T, std::shared_ptr<const model::Job>>) {
    if (!v) return false;
    const JobKey key = key_of(*v);
    put_bytes(out, key.ns);
    put_bytes(out, key.id);
    put_varint(out, key.version);
    put_varint(out, key.create_index);
  } else {
    return v && value(out, *v);  // shared_ptr to a noun
  }
  return true;
}

template <class T>
void encode_value(std::string& out, const T& value) {
  const LengthHere length(out);
  BinaryOut::value(out, value);
  length.write();
}

template <class T>
bool BinaryIn::value(std::string_view bytes, T& into, const JobSource* jobs) {
  std::uint64_t n = 0;
  if constexpr (requires(BinaryIn& v) { fields(v, into); }) {
    BinaryIn nested(bytes, jobs);
    while (!nested.done())
      fields(nested, into);
    return nested.ok();
  } else if constexpr (IsOptional<T>::value) {
    return value(bytes, into.emplace(), jobs);
  } else if constexpr (IsVector<T>::value) {
    into.clear();
    for (std::string_view item; !bytes.empty();)
      if (!take_bytes(bytes, item) || !value(item, into.emplace_back(), jobs)) return false;
    return true;
  } else if constexpr (IsMap<T>::value) {
    into.clear();
    for (std::string_view key, item; !bytes.empty();)
      if (!take_bytes(bytes, key) || !take_bytes(bytes, item) ||
          !value(item, into[std::string(key)], jobs))
        return false;
    return true;
  } else if constexpr (std::is_same_v<T, std::string>) {
    into = bytes;
    return true;
  } else if constexpr (std::is_same_v<T, double>) {
    if (bytes.size() != sizeof into) return false;
    std::memcpy(&into, bytes.data(), sizeof into);
    return true;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!take_varint(bytes, n)) return false;
    into = n != 0;
    return true;
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return take_varint(bytes, into);
  } else if constexpr (model::NamedEnum<T>) {
    if (!take_varint(bytes, n) || n >= enum_names(into).size()) return false;
    into = static_cast<T>(n);
    return true;
  } else if constexpr (std::is_integral_v<T>) {
    if (!take_varint(bytes, n)) return false;
    into = static_cast<T>(unzigzag(n));
    return into == unzigzag(n);
  } else if constexpr (std::is_same_v<T, base::Duration>) {
    if (!take_varint(bytes, n)) return false;
    into = base::Duration(unzigzag(n));
    return true;
  } else if constexpr (std::is_same_v<T, base::Instant>) {
    if (!take_varint(bytes, n)) return false;
    into.unix_ns = unzigzag(n);
    return true;
  } else if constexpr (std::is_base_of_v<base::Uuid, T>) {
    if (!bytes.empty() && bytes.size() != into.bytes.size()) return false;
    if (!bytes.empty()) std::memcpy(into.bytes.data(), bytes.data(), bytes.size());
    return true;
  } else if constexpr (std::is_same_v<T, json::Value> || std::is_same_v<T, json::Object>) {
    if (bytes.empty()) return true;
    base::Result<json::Value> parsed = json::parse(bytes);
    if (!parsed) return false;
    if constexpr (std::is_same_v<T, json::Value>) {
      into = *std::move(parsed);
      return true;
    } else {
      if (!parsed->as_object()) return false;
      into = std::move(*parsed->as_object());
      return true;
    }
  } else if constexpr (std::is_same_v<T, std::shared_ptr<const model::Job>>) {
    std::string_view ns, id;
    JobKey key;
    if (!take_bytes(bytes, ns) || !take_bytes(bytes, id) || !take_varint(bytes, key.version) ||
        !take_varint(bytes, key.create_index))
      return false;
    key.ns = ns;
    key.id = id;
    into = jobs ? jobs->find_job(key) : nullptr;
    return into != nullptr;
  } else {
    auto fresh = std::make_shared<std::remove_const_t<typename T::element_type>>();
    if (!value(bytes, *fresh, jobs)) return false;
    into = std::move(fresh);
    return true;
  }
}

template <class T>
std::string encode(const T& noun) {
  std::string bytes;
  BinaryOut::value(bytes, noun);
  return bytes;
}

/// The allocation without its metrics, appended: they explain a decision, follow from it, and are
/// most of the bytes.
void encode_bare(std::string& out, const model::Allocation& alloc);

/// Errors: invalid when the bytes are not what `encode` made. Never reads past them.
template <class T>
base::Result<T> decode(std::string_view bytes, const JobSource* jobs = nullptr) {
  T noun{};
  if (!BinaryIn::value(bytes, noun, jobs)) return base::invalid("the encoded bytes are damaged");
  return noun;
}

}  // namespace caravan::wire
