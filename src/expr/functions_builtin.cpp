// SPDX-License-Identifier: Apache-2.0
// What every Go template has.
#include <fmt/format.h>

#include "base/text.hpp"
#include "expr/printf.hpp"
#include "expr/template_functions.hpp"

namespace caravan::expr {
namespace {

using Answer = base::Result<Data>;

Answer length(const TemplateCall& call) {
  const Data& data = call[0];
  std::size_t size = 0;
  if (data && data->as_string())
    size = data->as_string()->size();
  else if (data && data->as_array())
    size = data->as_array()->size();
  else if (data && data->as_object())
    size = data->as_object()->size();
  else
    return base::invalid(fmt::format("len of {}", data ? data->kind() : "nil"));
  return make_data(static_cast<std::int64_t>(size));
}

Answer index(const TemplateCall& call) {
  Data current = call[0];
  for (std::size_t i = 1; i < call.size(); ++i) {
    if (!current || current->is_null()) return base::invalid("index of nil");
    if (const json::Object* object = current->as_object()) {
      TRY(const std::string name, call.text(i));
      const json::Value* member = object->find(name);
      current = member == nullptr ? nullptr : part_of(current, *member);
      continue;
    }
    TRY(const std::int64_t at, call.integer(i));
    if (const json::Array* array = current->as_array()) {
      if (at < 0 || static_cast<std::size_t>(at) >= array->size())
        return base::invalid(fmt::format("index out of range: {}", at));
      current = part_of(current, (*array)[static_cast<std::size_t>(at)]);
    } else if (const std::string* text = current->as_string()) {
      if (at < 0 || static_cast<std::size_t>(at) >= text->size())
        return base::invalid(fmt::format("index out of range: {}", at));
      const auto byte = static_cast<unsigned char>((*text)[static_cast<std::size_t>(at)]);
      current = make_data(static_cast<std::int64_t>(byte));
    } else {
      return base::invalid(fmt::format("can't index {}", current->kind()));
    }
  }
  return current;
}

Answer slice(const TemplateCall& call) {
  const json::Value none;
  const json::Value& whole = call[0] ? *call[0] : none;
  const std::string* text = whole.as_string();
  const json::Array* array = whole.as_array();
  if (!text && !array) return base::invalid(fmt::format("can't slice {}", whole.kind()));
  const auto size = static_cast<std::int64_t>(text ? text->size() : array->size());
  std::int64_t from = 0;
  std::int64_t to = size;
  if (call.size() > 1) {
    TRY(from, call.integer(1));
  }
  if (call.size() > 2) {
    TRY(to, call.integer(2));
  }
  if (from < 0 || to > size || from > to)
    return base::invalid(fmt::format("slice bounds {}..{} out of range 0..{}", from, to, size));
  if (text)
    return make_data(
        text->substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
  return make_data(json::Array(array->begin() + from, array->begin() + to));
}

Answer negate(const TemplateCall& call) { return make_data(!is_true(call[0])); }

// eq takes several: equal to any of them.
Answer eq(const TemplateCall& call) {
  for (std::size_t i = 1; i < call.size(); ++i) {
    TRY(const bool same, equal_data(call[0], call[i]));
    if (same) return make_data(true);
  }
  return make_data(false);
}

Answer ne(const TemplateCall& call) {
  TRY(const bool same, equal_data(call[0], call[1]));
  return make_data(!same);
}

template <bool less, bool or_equal>
Answer ordered(const TemplateCall& call) {
  TRY(const int order, compare_data(call[0], call[1]));
  return make_data(order == 0 ? or_equal : (order < 0) == less);
}

Answer print(const TemplateCall& call) { return make_data(go_sprint(call.arguments)); }

Answer println(const TemplateCall& call) {
  std::string out;
  for (const Data& data : call.arguments) {
    if (!out.empty()) out += ' ';
    out += go_sprint(std::span(&data, 1));
  }
  return make_data(out + "\n");
}

Answer printf(const TemplateCall& call) {
  TRY(const std::string format, call.text(0));
  // Each verb may print any width, so the number of verbs bounds the size.
  const auto verbs = static_cast<std::size_t>(std::count(format.begin(), format.end(), '%'));
  TRY_VOID(check_text_size(verbs * 64 + format.size()));
  if (verbs > 512) return base::invalid("too many verbs in the format");
  return make_data(go_printf(format, call.arguments.subspan(1)));
}

/// Each byte of the printed arguments through `replace`.
template <class Replace>
std::string escaped(const TemplateCall& call, Replace replace) {
  std::string out;
  for (const char c : go_sprint(call.arguments)) out += replace(c);
  return out;
}

Answer html(const TemplateCall& call) {
  return make_data(escaped(call, [](char c) -> std::string {
    switch (c) {
      case '<':
        return "&lt;";
      case '>':
        return "&gt;";
      case '&':
        return "&amp;";
      case '"':
        return "&#34;";
      case '\'':
        return "&#39;";
      default:
        return {c};
    }
  }));
}

Answer js(const TemplateCall& call) {
  return make_data(escaped(call, [](char c) -> std::string {
    if (c == '\\' || c == '\'' || c == '"') return {'\\', c};
    const bool odd =
        c == '<' || c == '>' || c == '&' || c == '=' || static_cast<unsigned char>(c) < 0x20;
    return odd ? fmt::format("\\u{:04X}", static_cast<unsigned char>(c)) : std::string{c};
  }));
}

Answer urlquery(const TemplateCall& call) {
  return make_data(escaped(call, [](char c) -> std::string {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) return {c};
    return c == ' ' ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }));
}

constexpr TemplateFunction rows[] = {
    {"eq", 2, -1, eq},
    {"ge", 2, 2, ordered<false, true>},
    {"gt", 2, 2, ordered<false, false>},
    {"html", 1, -1, html},
    {"index", 1, -1, index},
    {"js", 1, -1, js},
    {"le", 2, 2, ordered<true, true>},
    {"len", 1, 1, length},
    {"lt", 2, 2, ordered<true, false>},
    {"ne", 2, 2, ne},
    {"not", 1, 1, negate},
    {"print", 0, -1, print},
    {"printf", 1, -1, printf},
    {"println", 0, -1, println},
    {"slice", 1, 3, slice},
    {"urlquery", 1, -1, urlquery},
};

}  // namespace

std::span<const TemplateFunction> builtin_template_functions() { return rows; }

}  // namespace caravan::expr
