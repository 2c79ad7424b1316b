// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/functions.hpp"
#include "hcl/yaml.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

Result<Value> base64encode(const Arguments& a) { return Value(base::base64_encode(a.text(0))); }

Result<Value> base64decode(const Arguments& a) {
  TRY(std::string bytes, base::base64_decode(a.text(0)));
  if (!base::is_utf8(bytes)) return base::invalid("the result is not valid UTF-8 text");
  return Value(std::move(bytes));
}

// Other implementations of this function escape the characters that matter to HTML, and people
// compare or hash what comes out.
std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&')
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

// Written here and not through json::Value, because numbers must keep all their digits.
void write_json(std::string& out, const Value& value) {
  if (const Value::List* list = value.as_list()) {
    out += '[';
    for (const Value& item : *list) {
      if (&item != list->data()) out += ',';
      write_json(out, item);
    }
    out += ']';
  } else if (const Value::Map* map = value.as_map()) {
    out += '{';
    const char* separator = "";
    for (const auto& [name, member] : *map) {
      out += separator + escape_html(json::to_string(json::Value(name))) + ":";
      separator = ",";
      write_json(out, member);
    }
    out += '}';
  } else if (const Number* number = value.as_number()) {
    out += number->to_string();
  } else {
    out += escape_html(json::to_string(value.to_json()));
  }
}

Result<Value> jsonencode(const Arguments& a) {
  std::string out;
  write_json(out, a[0]);
  return Value(std::move(out));
}

Result<Value> jsondecode(const Arguments& a) {
  TRY(const json::Value value, json::parse(a.text(0)));
  return Value::from_json(value);
}

Result<Value> yamldecode(const Arguments& a) { return read_yaml(a.text(0)); }
Result<Value> yamlencode(const Arguments& a) { return Value(write_yaml(a[0])); }

/// Fields of one record; leaves `text` after its line end.
Result<std::vector<std::string>> csv_record(std::string_view& text) {
  std::vector<std::string> fields(1);
  while (!text.empty()) {
    if (fields.back().empty() && text[0] == '"') {
      text.remove_prefix(1);
      while (!text.starts_with('"') || text.starts_with("\"\"")) {
        if (text.empty()) return base::invalid("a quoted field has no closing quote");
        fields.back() += text[0];
        text.remove_prefix(text.starts_with("\"\"") ? 2 : 1);
      }
      text.remove_prefix(1);
      if (!text.empty() && text[0] != ',' && text[0] != '\n' && text[0] != '\r')
        return base::invalid("extra characters after a quoted field");
      if (text.empty()) break;
    }
    const char c = text[0];
    text.remove_prefix(1);
    if (c == '\n') break;
    if (c == '\r' && text.starts_with('\n')) continue;
    if (c == ',')
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

Result<Value> csvdecode(const Arguments& a) {
  std::string_view text = a.text(0);
  if (text.empty()) return base::invalid("missing header line");
  TRY(const std::vector<std::string> header, csv_record(text));
  Value::List rows;
  while (!text.empty()) {
    if (text[0] == '\n') {  // empty lines are skipped
      text.remove_prefix(1);
      continue;
    }
    TRY(const std::vector<std::string> fields, csv_record(text));
    if (fields.size() != header.size())
      return base::invalid(fmt::format("row {} has {} fields, the header has {}", rows.size() + 1,
                                       fields.size(), header.size()));
    Value::Map row;
    for (std::size_t i = 0; i < header.size(); ++i)
      if (!row.emplace(header[i], Value(fields[i])).second)
        return base::invalid("duplicate column name \"" + header[i] + "\"");
    rows.push_back(Value::map(std::move(row)));
  }
  return Value::list(std::move(rows));
}

constexpr Function rows[] = {
    {"base64decode", "str:s", base64decode}, {"base64encode", "str:s", base64encode},
    {"csvdecode", "str:s", csvdecode},       {"jsondecode", "str:s", jsondecode},
    {"jsonencode", "val:x", jsonencode},     {"yamldecode", "src:s", yamldecode},
    {"yamlencode", "value:x", yamlencode},
};

}  // namespace

std::span<const Function> encoding_functions() { return rows; }

}  // namespace caravan::hcl
