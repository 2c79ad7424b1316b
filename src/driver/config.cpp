// SPDX-License-Identifier: Apache-2.0
#include "driver/config.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::driver {
namespace {

std::optional<std::string> as_text(const json::Value& v) {
  if (const std::string* s = v.as_string()) return *s;
  if (const std::int64_t* n = v.as_int()) return fmt::format("{}", *n);
  if (const bool* b = v.as_bool()) return *b ? "true" : "false";
  if (const double* d = v.as_double()) return fmt::format("{}", *d);
  return {};
}

}  // namespace

const json::Value* ConfigReader::take(std::string_view key) {
  asked_.insert(std::string(key));
  const json::Value* value = config_.find(key);
  return value && !value->is_null() ? value : nullptr;
}

void ConfigReader::wrong(std::string_view key, std::string_view wanted) {
  if (!error_)
    error_ = base::Error{base::Code::invalid, fmt::format("{}.{}: not {}", where_, key, wanted)};
}

std::string ConfigReader::text(std::string_view key) {
  const json::Value* value = take(key);
  if (!value) return "";
  const std::optional<std::string> text = as_text(*value);
  if (!text) wrong(key, "a string");
  return text.value_or("");
}

std::string ConfigReader::required_text(std::string_view key) {
  std::string value = text(key);
  if (value.empty() && !error_)
    error_ = base::Error{base::Code::invalid, fmt::format("{}.{}: missing", where_, key)};
  return value;
}

bool ConfigReader::flag(std::string_view key, bool otherwise) {
  const json::Value* value = take(key);
  if (!value) return otherwise;
  if (const bool* b = value->as_bool()) return *b;
  const std::optional<std::string> text = as_text(*value);
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  wrong(key, "true or false");
  return otherwise;
}

std::int64_t ConfigReader::number(std::string_view key, std::int64_t otherwise) {
  const json::Value* value = take(key);
  if (!value) return otherwise;
  if (const std::int64_t* n = value->as_int()) return *n;
  const std::optional<std::string> text = as_text(*value);
  const base::Result<long long> parsed = text ? base::parse_int(*text) : base::invalid("");
  if (!parsed) wrong(key, "a whole number");
  return parsed.value_or(otherwise);
}

std::vector<std::string> ConfigReader::list(std::string_view key) {
  std::vector<std::string> items;
  const json::Value* value = take(key);
  if (!value) return items;
  const json::Array* array = value->as_array();
  if (!array) {
    wrong(key, "a list of strings");
    return items;
  }
  for (const json::Value& item : *array) {
    const std::optional<std::string> text = as_text(item);
    if (!text) wrong(key, "a list of strings");
    items.push_back(text.value_or(""));
  }
  return items;
}

std::vector<std::pair<std::string, std::string>> ConfigReader::pairs(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> all;
  const json::Value* value = take(key);
  if (!value) return all;
  const auto add = [&](const json::Value& v) {
    const json::Object* object = v.as_object();
    if (!object) return wrong(key, "a map");
    for (const json::Member& member : *object) {
      const std::optional<std::string> text = as_text(member.value);
      if (!text) wrong(key, "a map of strings");
      all.emplace_back(member.name, text.value_or(""));
    }
  };
  if (const json::Array* array = value->as_array())
    for (const json::Value& item : *array)
      add(item);
  else
    add(*value);
  return all;
}

std::vector<const json::Object*> ConfigReader::blocks(std::string_view key) {
  std::vector<const json::Object*> all;
  const json::Value* value = take(key);
  if (!value) return all;
  const auto add = [&](const json::Value& v) {
    if (v.as_object())
      all.push_back(v.as_object());
    else
      wrong(key, "a block");
  };
  if (const json::Array* array = value->as_array())
    std::ranges::for_each(*array, add);
  else
    add(*value);
  return all;
}

const json::Value* ConfigReader::raw(std::string_view key) { return take(key); }

base::Status ConfigReader::finish() {
  if (error_) return std::unexpected(*error_);
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const json::Member& member : config_) {
    if (asked_.contains(member.name)) continue;
    const std::string near = base::nearest(member.name, known);
    return base::invalid(
        fmt::format("{}.{}: unknown key{}", where_, member.name,
                    near.empty() ? "" : fmt::format(", did you mean \"{}\"?", near)));
  }
  return {};
}

}  // namespace caravan::driver
