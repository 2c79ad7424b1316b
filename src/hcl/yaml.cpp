// SPDX-License-Identifier: Apache-2.0
#include "hcl/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <fmt/core.h>

#include "hcl/limits.hpp"
#include "json/writer.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

class Reader {
 public:
  Result<Value> read(const YAML::Node& node, int depth) {
    if (depth > depth_max) return base::invalid(fmt::format("more than {} levels", depth_max));
    if (++visited_ > elements_max)
      return base::invalid(fmt::format("more than {} elements", elements_max));
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
      Value::List items;
      for (const YAML::Node& item : node) {
        TRY(Value value, read(item, depth + 1));
        items.push_back(std::move(value));
      }
      return Value::list(std::move(items));
    }
    if (!node.IsMap()) return Value();
    Value::Map members;
    for (const auto& member : node) {
      if (!member.first.IsScalar()) return base::invalid("a mapping key must be a scalar");
      TRY(Value value, read(member.second, depth + 1));
      if (!members.emplace(member.first.Scalar(), std::move(value)).second)
        return base::invalid("duplicate key \"" + member.first.Scalar() + "\"");
    }
    return Value::map(std::move(members));
  }

 private:
  static Result<Value> scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return Value(text);
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
      return Value();
    if (text == "true" || text == "True" || text == "TRUE") return Value(true);
    if (text == "false" || text == "False" || text == "FALSE") return Value(false);
    if (text.starts_with("0x"))
      if (auto n = Number::parse_int(std::string_view(text).substr(2), 16)) return Value(*n);
    if (text.starts_with("0o"))
      if (auto n = Number::parse_int(std::string_view(text).substr(2), 8)) return Value(*n);
    if (auto number = Number::parse(text)) return Value(std::move(*number));
    return Value(text);
  }

  std::size_t visited_ = 0;
};

std::string scalar_text(const Value& value) {
  if (const Number* number = value.as_number()) return number->to_string();
  return json::to_string(value.to_json());  // a JSON string is a YAML double-quoted one
}

void write(std::string& out, const Value& value, std::size_t indent, bool after_dash) {
  const std::string margin(indent, ' ');
  bool first = true;
  const auto begin_line = [&] {
    if (!first || !after_dash) out += margin;
    first = false;
  };
  const auto nested = [&](const Value& inner, std::size_t deeper) {
    const bool empty = (inner.as_list() && inner.as_list()->empty()) ||
                       (inner.as_map() && inner.as_map()->empty());
    if (inner.as_list() && !empty) {
      out += "\n";
      write(out, inner, indent, false);
    } else if (inner.as_map() && !empty) {
      out += "\n";
      write(out, inner, deeper, false);
    } else {
      out += " ";
      write(out, inner, 0, true);
    }
  };
  if (value.as_list() && !value.as_list()->empty()) {
    for (const Value& item : *value.as_list()) {
      begin_line();
      out += "- ";
      write(out, item, indent + 2, true);
    }
  } else if (value.as_map() && !value.as_map()->empty()) {
    for (const auto& [name, member] : *value.as_map()) {
      begin_line();
      out += json::to_string(json::Value(name)) + ":";
      nested(member, indent + 2);
    }
  } else {
    out += value.as_list() ? "[]" : value.as_map() ? "{}" : scalar_text(value);
    out += "\n";
  }
}

}  // namespace

Result<Value> read_yaml(const std::string& text) {
  // yaml-cpp speaks in exceptions; none may leave this chapter.
  try {
    return Reader().read(YAML::Load(text), 0);
  } catch (const YAML::Exception& problem) {
    return base::invalid(problem.what());
  }
}

std::string write_yaml(const Value& value) {
  std::string out;
  write(out, value, 0, false);
  return out;
}

}  // namespace caravan::hcl
