// SPDX-License-Identifier: Apache-2.0
#include "wire/json_in.hpp"

#include <cmath>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::wire {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return a.size() == b.size() && base::to_lower(a) == base::to_lower(b);
}

}  // namespace

std::string Path::to_string() const {
  const std::string before = parent ? parent->to_string() : "";
  if (index >= 0) return fmt::format("{}[{}]", before, index);
  return before.empty() ? std::string(name) : fmt::format("{}.{}", before, name);
}

const json::Value* JsonIn::find(std::string_view name) const {
  if (const json::Value* exact = object_.find(name)) return exact;
  for (const json::Member& member : object_)
    if (same_letters(member.name, name)) return &member.value;
  return nullptr;
}

void JsonIn::wrong(Error& error, const Path& path, const json::Value& value,
                   std::string_view wanted) {
  error = base::Error{base::Code::invalid,
                      fmt::format("{}: {} instead of {}", path.to_string(), value.kind(), wanted)};
}

void JsonIn::name_error(Error& e, const Path& p, const std::string& got, std::string known) {
  e = base::Error{base::Code::invalid, fmt::format("{}: \"{}\" is none of {}", p.to_string(),
                                                   base::printable(got, 64), known)};
}

bool JsonIn::integer(const json::Value& value, const Path& path, std::int64_t low,
                     std::int64_t high, std::int64_t& into, Error& error) {
  const std::int64_t* n = value.as_int();
  if (!n) {
    const double* d = value.as_double();
    // Some clients write whole numbers as 1e3; a fraction or a huge value is a mistake.
    if (!d || *d != std::floor(*d) || std::abs(*d) > 9e15) {
      wrong(error, path, value, "a whole number");
      return false;
    }
    into = static_cast<std::int64_t>(*d);
  } else {
    into = *n;
  }
  if (into >= low && into <= high) return true;
  error = base::Error{base::Code::invalid,
                      fmt::format("{}: {} is outside {}..{}", path.to_string(), into, low, high)};
  return false;
}

void JsonIn::scalar(const json::Value& v, const Path& p, bool& into, Error& e) {
  if (const bool* b = v.as_bool())
    into = *b;
  else
    wrong(e, p, v, "a bool");
}

void JsonIn::scalar(const json::Value& v, const Path& p, int& into, Error& e) {
  std::int64_t n = 0;
  if (integer(v, p, std::numeric_limits<int>::min(), std::numeric_limits<int>::max(), n, e))
    into = static_cast<int>(n);
}

void JsonIn::scalar(const json::Value& v, const Path& p, std::int64_t& into, Error& e) {
  integer(v, p, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
          into, e);
}

void JsonIn::scalar(const json::Value& v, const Path& p, std::uint64_t& into, Error& e) {
  if (const auto exact = v.as_unsigned()) return static_cast<void>(into = *exact);
  std::int64_t n = 0;
  if (integer(v, p, 0, std::numeric_limits<std::int64_t>::max(), n, e))
    into = static_cast<std::uint64_t>(n);
}

void JsonIn::scalar(const json::Value& v, const Path& p, double& into, Error& e) {
  if (v.is_number())
    into = v.number();
  else
    wrong(e, p, v, "a number");
}

void JsonIn::scalar(const json::Value& v, const Path& p, std::string& into, Error& e) {
  if (const std::string* s = v.as_string())
    into = *s;
  else
    wrong(e, p, v, "a string");
}

void JsonIn::scalar(const json::Value& v, const Path& p, base::Duration& into, Error& e) {
  if (const std::string* text = v.as_string()) {
    const base::Result<base::Duration> parsed = base::parse_duration(*text);
    if (parsed)
      into = *parsed;
    else
      e = base::Error{base::Code::invalid, p.to_string() + ": " + parsed.error().message};
    return;
  }
  std::int64_t ns = 0;
  if (integer(v, p, std::numeric_limits<std::int64_t>::min(),
              std::numeric_limits<std::int64_t>::max(), ns, e))
    into = base::Duration(ns);
}

void JsonIn::scalar(const json::Value& v, const Path& p, base::Instant& into, Error& e) {
  const std::string* text = v.as_string();
  if (!text) return wrong(e, p, v, "a time");
  const base::Result<base::Instant> parsed = base::parse_rfc3339(*text);
  if (parsed)
    into = *parsed;
  else
    e = base::Error{base::Code::invalid, p.to_string() + ": " + parsed.error().message};
}

void JsonIn::scalar(const json::Value& v, const Path& p, base::Uuid& into, Error& e) {
  const std::string* text = v.as_string();
  if (!text) return wrong(e, p, v, "a string");
  const base::Result<base::Uuid> parsed = base::Uuid::parse(*text);
  if (parsed)
    into = *parsed;
  else
    e = base::Error{base::Code::invalid, p.to_string() + ": " + parsed.error().message};
}

void JsonIn::scalar(const json::Value& v, const Path& p, json::Object& into, Error& e) {
  if (const json::Object* object = v.as_object())
    into = *object;
  else
    wrong(e, p, v, "an object");
}

}  // namespace caravan::wire
