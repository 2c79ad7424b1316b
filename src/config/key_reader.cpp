// SPDX-License-Identifier: Apache-2.0
#include "config/key_reader.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::config {
namespace {

base::Result<std::int64_t> whole(const hcl::Value& value) {
  TRY(const hcl::Number number, hcl::to_number(value));
  const auto n = number.as_int();
  if (!n) return base::invalid("a whole number is required");
  return *n;
}

base::Result<base::Duration> duration(const hcl::Value& value) {
  if (value.as_number()) {
    TRY(const std::int64_t n, whole(value));
    return base::Duration(n);
  }
  const std::string* text = value.as_string();
  if (text == nullptr) return base::invalid("a duration such as \"30s\" is required");
  return base::parse_duration(*text);
}

/// "1M", "100GB", "64KiB" or a plain number.
base::Result<Bytes> bytes(const hcl::Value& value) {
  TRY(const std::string text, hcl::to_text(value));
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = base::parse_int(text.substr(0, digits));
  std::string unit = base::to_lower(base::trim(std::string_view(text).substr(digits)));
  const std::int64_t step = unit.ends_with("ib") ? 1024 : 1000;
  if (unit.ends_with("ib"))
    unit.resize(unit.size() - 2);
  else if (unit.ends_with("b"))
    unit.pop_back();
  const std::size_t power = unit.empty() ? 0 : std::string_view("kmgt").find(unit) + 1;
  if (!number || unit.size() > 1 || power > 4)
    return base::invalid("a size such as \"1M\" or \"100GB\" is required");
  std::int64_t count = *number;
  for (std::size_t i = 0; i < power; ++i)
    if (__builtin_mul_overflow(count, step, &count)) return base::invalid("the size is too large");
  return Bytes{count};
}

base::Result<std::vector<std::string>> texts(const hcl::Value& value) {
  std::vector<std::string> list;
  if (value.as_list() == nullptr) return base::invalid("a list of strings is required");
  for (const hcl::Value& item : *value.as_list()) {
    TRY(std::string text, hcl::to_text(item));
    list.push_back(std::move(text));
  }
  return list;
}

}  // namespace

void KeyReader::note(std::string_view name, const hcl::Range& where) {
  const std::string file = where.source == nullptr ? "" : where.source->name;
  set_.insert_or_assign(prefix_ + std::string(name), fmt::format("{}:{}", file, where.begin.line));
}

template <class T, class Convert>
void KeyReader::read(std::string_view name, T& member, Convert convert) {
  const hcl::Attribute* attribute = body_.raw(name);
  if (attribute == nullptr) return;
  const auto value = body_.attribute(name);
  if (!value) return;
  note(name, attribute->name_range);
  auto converted = convert(*value);
  if (converted) {
    member = std::move(*converted);
    return;
  }
  run_.error(attribute->value->range, "Incorrect attribute value type",
             fmt::format("Inappropriate value for \"{}{}\": {}.", prefix_, name,
                         converted.error().message));
}

void KeyReader::scalar(std::string_view name, bool& member) { read(name, member, hcl::to_bool); }
void KeyReader::scalar(std::string_view name, std::int64_t& member) { read(name, member, whole); }
void KeyReader::scalar(std::string_view name, std::string& member) {
  read(name, member, hcl::to_text);
}
void KeyReader::scalar(std::string_view name, base::Duration& member) {
  read(name, member, duration);
}
void KeyReader::scalar(std::string_view name, Bytes& member) { read(name, member, bytes); }
void KeyReader::scalar(std::string_view name, std::vector<std::string>& member) {
  read(name, member, texts);
}

void KeyReader::scalar(std::string_view name, int& member) {
  read(name, member, [](const hcl::Value& value) -> base::Result<int> {
    TRY(const std::int64_t n, whole(value));
    if (n < std::numeric_limits<int>::min() || n > std::numeric_limits<int>::max())
      return base::invalid("the number is out of range");
    return static_cast<int>(n);
  });
}

void KeyReader::scalar(std::string_view name, double& member) {
  read(name, member, [](const hcl::Value& value) -> base::Result<double> {
    TRY(const hcl::Number number, hcl::to_number(value));
    return number.as_double();
  });
}

void KeyReader::append(std::string_view name, std::vector<std::string>& list) {
  std::vector<std::string> more;
  scalar(name, more);
  list.insert(list.end(), more.begin(), more.end());
}

// `meta { a = 1 }` or `meta = { a = 1 }`; members of later files join those of earlier ones.
void KeyReader::scalar(std::string_view name, std::map<std::string, std::string>& member) {
  for (const hcl::BlockView& block : body_.blocks(name)) {
    note(name, block.header);
    for (const hcl::Attribute& attribute : block.inside.body->attributes) {
      const auto value = run_.evaluate(*attribute.value, *block.inside.scope);
      if (!value) continue;
      const auto text = hcl::to_text(*value);
      if (text)
        member.insert_or_assign(attribute.name, *text);
      else
        run_.error(attribute.value->range, "Incorrect attribute value type",
                   fmt::format("Inappropriate value for \"{}{}.{}\": {}.", prefix_, name,
                               attribute.name, text.error().message));
    }
    for (const hcl::Block& inner : block.inside.body->blocks)
      run_.error(inner.header(), "Unsupported block type",
                 fmt::format("Blocks are not expected in \"{}{}\".", prefix_, name));
  }
}

void KeyReader::scalar(std::string_view name, json::Value& member) {
  const hcl::Attribute* attribute = body_.raw(name);
  if (attribute != nullptr && !std::holds_alternative<hcl::ObjectItems>(attribute->value->node)) {
    if (const auto value = body_.attribute(name)) {
      note(name, attribute->name_range);
      member = value->to_json();
    }
    return;
  }
  for (const hcl::BlockView& block : body_.blocks(name)) {
    note(name, block.header);
    const auto value = hcl::free_form(block.inside, run_);
    if (!value) continue;
    if (!member.as_object()) member = json::Object();
    for (const auto& [key, inner] : *value->as_map()) (*member.as_object())[key] = inner.to_json();
  }
}

/// `x { … }` once or several times, `x = { … }`, or `x = [{ … }, …]`.
void KeyReader::pieces(std::string_view name, std::vector<json::Value>& values) {
  const hcl::Attribute* attribute = body_.raw(name);
  if (attribute == nullptr || std::holds_alternative<hcl::ObjectItems>(attribute->value->node)) {
    for (const hcl::BlockView& block : body_.blocks(name)) {
      note(name, block.header);
      if (const auto value = hcl::free_form(block.inside, run_)) values.push_back(value->to_json());
    }
    return;
  }
  const auto value = body_.attribute(name);
  if (!value) return;
  note(name, attribute->name_range);
  const json::Value read = value->to_json();
  const json::Array* list = read.as_array();
  const bool is_right = list && std::ranges::all_of(*list, [](const json::Value& each) {
                          return each.as_object() != nullptr;
                        });
  if (is_right)
    values.insert(values.end(), list->begin(), list->end());
  else
    run_.error(attribute->value->range, "Incorrect attribute value type",
               fmt::format("Inappropriate value for \"{}{}\": objects are required.", prefix_, name));
}

void KeyReader::any(std::string_view name) {
  body_.allow(name);
  if (const hcl::Attribute* attribute = body_.raw(name)) note(name, attribute->name_range);
  for (const hcl::Block& block : body_.view().body->blocks)
    if (block.type == name) note(name, block.type_range);
}

std::vector<std::pair<std::string, hcl::BlockView>> KeyReader::maybe_labelled_blocks(
    std::string_view name) {
  std::vector<std::pair<std::string, hcl::BlockView>> found;
  bool any_label = false;
  for (const hcl::Block& block : body_.view().body->blocks)
    any_label = any_label || (block.type == name && !block.labels.empty());
  if (!any_label) {
    // Also the forms `consul = { … }` and JSON, whose blocks of this kind carry no label.
    for (const hcl::BlockView& block : body_.blocks(name)) found.emplace_back("default", block);
    return found;
  }
  body_.allow(name);
  for (const hcl::Block& block : body_.view().body->blocks) {
    if (block.type != name) continue;
    const hcl::BlockView view{
        block.type, block.labels, {block.body.get(), body_.view().scope}, block.header()};
    found.emplace_back(block.labels.empty() ? "default" : block.labels[0].text, view);
  }
  return found;
}

}  // namespace caravan::config
