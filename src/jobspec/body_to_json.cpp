// SPDX-License-Identifier: Apache-2.0
#include "jobspec/body_to_json.hpp"

#include <fmt/core.h>

#include "base/time.hpp"
#include "hcl/limits.hpp"

namespace caravan::jobspec {
namespace {

base::Result<json::Value> whole(const hcl::Value& value) {
  TRY(const hcl::Number number, hcl::to_number(value));
  const auto n = number.as_int();
  if (!n) return base::invalid("a whole number is required");
  return json::Value(*n);
}

base::Result<json::Value> duration(const hcl::Value& value) {
  if (value.as_number()) return whole(value);
  const std::string* text = value.as_string();
  if (text == nullptr) return base::invalid("a duration such as \"30s\" is required");
  // A bare number in quotes is nanoseconds too, as in the JSON form.
  if (text->find_first_not_of("0123456789") == std::string::npos && !text->empty())
    return whole(value);
  TRY(const base::Duration parsed, base::parse_duration(*text));
  return json::Value(std::int64_t{parsed.count()});
}

template <class Convert>
base::Result<json::Value> list_of(const hcl::Value& value, std::string_view wanted,
                                  Convert convert) {
  if (value.as_list() == nullptr) return base::invalid(std::string(wanted) + " is required");
  json::Array items;
  for (const hcl::Value& item : *value.as_list()) {
    TRY(json::Value converted, convert(item));
    items.push_back(std::move(converted));
  }
  return json::Value(std::move(items));
}

base::Result<json::Value> text(const hcl::Value& value) {
  TRY(std::string converted, hcl::to_text(value));
  return json::Value(std::move(converted));
}

base::Result<json::Value> converted(const hcl::Value& value, Kind kind) {
  switch (kind) {
    case Kind::text:
      return text(value);
    case Kind::whole:
      return whole(value);
    case Kind::boolean: {
      TRY(const bool b, hcl::to_bool(value));
      return json::Value(b);
    }
    case Kind::duration:
      return duration(value);
    case Kind::texts:
      return list_of(value, "list of string", text);
    case Kind::wholes:
      return list_of(value, "list of number", whole);
  }
  return json::Value();
}

std::string indexed(const std::string& path, std::string_view key, std::size_t index) {
  return fmt::format("{}.{}[{}]", path, key, index);
}

}  // namespace

std::optional<json::Value> BodyToJson::convert(const hcl::Value& value, Kind kind,
                                               std::string_view name, const hcl::Range& where) {
  auto made = converted(value, kind);
  if (made) return std::move(*made);
  run_.error(
      where, "Incorrect attribute value type",
      fmt::format("Inappropriate value for attribute \"{}\": {}.", name, made.error().message));
  return std::nullopt;
}

json::Object BodyToJson::read(const Schema& schema, const hcl::View& view,
                              const std::string& path) {
  json::Object object;
  hcl::BodyReader reader(view, run_);
  for (const AttributeRow& row : schema.attributes) {
    const hcl::Attribute* attribute = reader.raw(row.name);
    if (attribute == nullptr) continue;
    places_.insert_or_assign(fmt::format("{}.{}", path, row.key), attribute->value->range);
    const auto value = reader.attribute(row.name);
    if (!value) continue;
    if (auto made = convert(*value, row.kind, row.name, attribute->value->range))
      object[row.key] = std::move(*made);
  }
  for (const BlockRow& row : schema.blocks) read_block(row, reader, object, path);
  reader.finish();
  return object;
}

void BodyToJson::read_block(const BlockRow& row, hcl::BodyReader& reader, json::Object& object,
                            const std::string& path) {
  if (row.shape == Shape::text_map || row.shape == Shape::texts_map ||
      row.shape == Shape::free_form)
    return read_map(row, reader, object, path);
  const bool labelled = row.shape == Shape::labelled_list || row.shape == Shape::labelled_map;
  json::Array list;
  json::Object map;
  std::vector<hcl::BlockView> blocks = reader.blocks(row.name, labelled ? 1 : 0);
  if (row.shape == Shape::object && blocks.size() > 1) {
    run_.error(blocks[1].header, fmt::format("Duplicate {} block", row.name),
               fmt::format("Only one {} block is allowed here.", row.name));
    blocks.resize(1);
  }
  if (blocks.size() > hcl::members_max) {
    run_.error(blocks[hcl::members_max].header, fmt::format("Too many {} blocks", row.name),
               fmt::format("The limit is {}.", hcl::members_max));
    blocks.resize(hcl::members_max);
  }
  for (const hcl::BlockView& block : blocks) {
    const std::string inner_path =
        row.shape == Shape::object ? fmt::format("{}.{}", path, row.key)
        : row.shape == Shape::labelled_map
            ? fmt::format("{}.{}.{}", path, row.key, block.labels[0].text)
            : indexed(path, row.key, list.size());
    places_.insert_or_assign(inner_path, block.header);
    json::Object inner = read(*row.inner, block.inside, inner_path);
    if (labelled) inner[row.label_key] = block.labels[0].text;
    if (row.inner->finish != nullptr && !row.inner->finish(inner)) continue;
    if (row.shape == Shape::object) {
      object[row.key] = std::move(inner);
    } else if (row.shape == Shape::labelled_map) {
      if (map.contains(block.labels[0].text))
        run_.error(block.header, fmt::format("Duplicate {} block", row.name),
                   fmt::format("There is a {} \"{}\" already.", row.name, block.labels[0].text));
      map[block.labels[0].text] = std::move(inner);
    } else {
      list.push_back(std::move(inner));
    }
  }
  if (!list.empty()) object[row.key] = std::move(list);
  if (!map.empty()) object[row.key] = std::move(map);
}

// `meta { a = 1 }` and `meta = { a = 1 }`; in the JSON form only the second can be written.
void BodyToJson::read_map(const BlockRow& row, hcl::BodyReader& reader, json::Object& object,
                          const std::string& path) {
  json::Object members;
  bool found = false;
  const hcl::Attribute* attribute = reader.raw(row.name);
  if (attribute != nullptr) {
    const auto value = reader.attribute(row.name);
    found = value && add_members(members, *value, row.shape, attribute->value->range);
    places_.insert_or_assign(fmt::format("{}.{}", path, row.key), attribute->value->range);
  }
  // The reader must not make blocks of the attribute that was just read.
  const bool json_body = reader.view().body->json;
  const std::vector<hcl::BlockView> blocks =
      json_body ? std::vector<hcl::BlockView>() : reader.blocks(row.name);
  for (const hcl::BlockView& block : blocks) {
    if (found || attribute != nullptr) {
      run_.error(
          block.header, fmt::format("Duplicate {} block", row.name),
          fmt::format("{} is given already; only one block or argument is allowed.", row.name));
      break;
    }
    places_.insert_or_assign(fmt::format("{}.{}", path, row.key), block.header);
    const auto value = hcl::free_form(block.inside, run_);
    found = value && add_members(members, *value, row.shape, block.header);
  }
  if (found) object[row.key] = std::move(members);
}

bool BodyToJson::add_members(json::Object& into, const hcl::Value& value, Shape shape,
                             const hcl::Range& where) {
  // JSON job files write a block's list form too: [{"a": 1}].
  if (value.as_list() && !value.as_list()->empty()) {
    for (const hcl::Value& item : *value.as_list())
      if (!add_members(into, item, shape, where)) return false;
    return true;
  }
  if (!value.as_map()) {
    run_.error(where, "Incorrect attribute value type", "A map is required here.");
    return false;
  }
  for (const auto& [name, member] : *value.as_map()) {
    if (shape == Shape::free_form) {
      into[name] = member.to_json();
      continue;
    }
    if (member.is_null()) continue;
    const bool single = shape == Shape::texts_map && member.is_primitive();
    const hcl::Value listed = single ? hcl::Value::list({member}) : member;
    auto made = convert(listed, shape == Shape::texts_map ? Kind::texts : Kind::text, name, where);
    if (!made) return false;
    into[name] = std::move(*made);
  }
  return true;
}

}  // namespace caravan::jobspec
