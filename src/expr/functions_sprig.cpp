// SPDX-License-Identifier: Apache-2.0
// The common ones of the sprig collection, under the `sprig_` prefix that templates know them by.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/template_functions.hpp"
#include "expr/text.hpp"

namespace caravan::expr {
namespace {

using Answer = base::Result<Data>;

json::Value value_of(const Data& data) { return data ? *data : json::Value(nullptr); }

Answer default_value(const TemplateCall& call) {
  return call.size() > 1 && is_true(call[1]) ? call[1] : call[0];
}
Answer coalesce(const TemplateCall& call) {
  for (const Data& data : call.arguments)
    if (is_true(data)) return data;
  return Data();
}
Answer empty(const TemplateCall& call) { return make_data(!is_true(call[0])); }
Answer ternary(const TemplateCall& call) { return is_true(call[2]) ? call[0] : call[1]; }

template <char mark>
Answer quote(const TemplateCall& call) {
  std::string out;
  for (const Data& data : call.arguments) {
    if (!data || data->is_null()) continue;
    if (!out.empty()) out += ' ';
    out += mark == '"' ? go_quote(go_print(*data)) : "'" + go_print(*data) + "'";
  }
  return make_data(std::move(out));
}

Answer to_string(const TemplateCall& call) { return make_data(call[0] ? go_print(*call[0]) : ""); }

Answer contains(const TemplateCall& call) {
  TRY(const std::string part, call.text(0));
  TRY(const std::string text, call.text(1));
  return make_data(text.find(part) != std::string::npos);
}
Answer has_prefix(const TemplateCall& call) {
  TRY(const std::string part, call.text(0));
  TRY(const std::string text, call.text(1));
  return make_data(text.starts_with(part));
}
Answer has_suffix(const TemplateCall& call) {
  TRY(const std::string part, call.text(0));
  TRY(const std::string text, call.text(1));
  return make_data(text.ends_with(part));
}

Answer repeat(const TemplateCall& call) {
  TRY(const std::int64_t times, call.integer(0));
  TRY(const std::string text, call.text(1));
  if (times <= 0) return make_data("");
  TRY_VOID(check_text_size(times > 1 << 22 ? template_value_bytes_max + 1
                                           : static_cast<std::size_t>(times) * text.size()));
  std::string out;
  for (std::int64_t i = 0; i < times; ++i) out += text;
  return make_data(std::move(out));
}

Answer trunc(const TemplateCall& call) {
  TRY(const std::int64_t length, call.integer(0));
  TRY(const std::string text, call.text(1));
  const auto size = static_cast<std::int64_t>(text.size());
  if (length >= 0)
    return make_data(text.substr(0, static_cast<std::size_t>(std::min(length, size))));
  return make_data(text.substr(static_cast<std::size_t>(size + std::max(length, -size))));
}

Answer substr(const TemplateCall& call) {
  TRY(std::int64_t from, call.integer(0));
  TRY(std::int64_t to, call.integer(1));
  TRY(const std::string text, call.text(2));
  const auto size = static_cast<std::int64_t>(text.size());
  from = std::clamp<std::int64_t>(from, 0, size);
  to = to < 0 || to > size ? size : std::max(to, from);
  return make_data(
      text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

Answer indented(const TemplateCall& call, std::string begin) {
  TRY(const std::int64_t spaces, call.integer(0));
  TRY(const std::string text, call.text(1));
  const auto width = static_cast<std::size_t>(std::clamp<std::int64_t>(spaces, 0, 1 << 20));
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  TRY_VOID(check_text_size(text.size() + lines * width));
  const std::string pad(width, ' ');
  std::string out = begin + pad;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += pad;
  }
  return make_data(std::move(out));
}
Answer indent(const TemplateCall& call) { return indented(call, ""); }
Answer nindent(const TemplateCall& call) { return indented(call, "\n"); }

Answer cat(const TemplateCall& call) {
  std::string out;
  for (const Data& data : call.arguments) {
    if (!data || data->is_null()) continue;
    out += (out.empty() ? "" : " ") + go_print(*data);
  }
  return make_data(std::move(out));
}

Answer nospace(const TemplateCall& call) {
  TRY(std::string text, call.text(0));
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
  return make_data(std::move(text));
}

Answer split_list(const TemplateCall& call) {
  TRY(const std::string separator, call.text(0));
  TRY(const std::string text, call.text(1));
  json::Array parts;
  std::string_view left = text;
  for (std::size_t at;
       !separator.empty() && (at = left.find(separator)) != std::string_view::npos;) {
    parts.emplace_back(left.substr(0, at));
    left.remove_prefix(at + separator.size());
  }
  parts.emplace_back(left);
  return make_data(std::move(parts));
}

Answer list(const TemplateCall& call) {
  json::Array items;
  for (const Data& data : call.arguments) items.push_back(value_of(data));
  return make_data(std::move(items));
}

Answer dict(const TemplateCall& call) {
  json::Object map;
  for (std::size_t i = 0; i < call.size(); i += 2) {
    TRY(const std::string name, call.text(i));
    map[name] = i + 1 < call.size() ? value_of(call[i + 1]) : json::Value("");
  }
  return make_data(std::move(map));
}

Answer get(const TemplateCall& call) {
  TRY(const std::string name, call.text(1));
  TRY(Data found, field_of(call[0], name));
  return found ? found : make_data("");
}
Answer has_key(const TemplateCall& call) {
  TRY(const json::Object map, call.object(0));
  TRY(const std::string name, call.text(1));
  return make_data(map.contains(name));
}

Answer keys(const TemplateCall& call) {
  json::Array names;
  for (std::size_t i = 0; i < call.size(); ++i) {
    TRY(const json::Object map, call.object(i));
    for (const json::Member& member : map) names.emplace_back(member.name);
  }
  // sprig leaves the order open; sorted is one of the orders, and the same each time.
  std::sort(names.begin(), names.end(),
            [](auto& a, auto& b) { return *a.as_string() < *b.as_string(); });
  return make_data(std::move(names));
}
Answer values(const TemplateCall& call) {
  TRY(const json::Object map, call.object(0));
  json::Array all;
  for (const json::Member& member : map) all.push_back(member.value);
  return make_data(std::move(all));
}

template <bool want_last>
Answer end_of(const TemplateCall& call) {
  if (!is_true(call[0]) || !call[0]->as_array()) return Data();
  const json::Array& array = *call[0]->as_array();
  return part_of(call[0], want_last ? array.back() : array.front());
}

/// rest drops the first, initial the last.
template <bool drop_first>
Answer without_end(const TemplateCall& call) {
  TRY(json::Array array, call.list(0));
  if (!array.empty()) array.erase(drop_first ? array.begin() : array.end() - 1);
  return make_data(std::move(array));
}

Answer append(const TemplateCall& call) {
  TRY(json::Array array, call.list(0));
  array.push_back(value_of(call[1]));
  return make_data(std::move(array));
}
Answer prepend(const TemplateCall& call) {
  TRY(json::Array array, call.list(0));
  array.insert(array.begin(), value_of(call[1]));
  return make_data(std::move(array));
}
Answer concat(const TemplateCall& call) {
  json::Array all;
  for (std::size_t i = 0; i < call.size(); ++i) {
    TRY(const json::Array more, call.list(i));
    all.insert(all.end(), more.begin(), more.end());
  }
  return make_data(std::move(all));
}

Answer has(const TemplateCall& call) {
  TRY(const json::Array array, call.list(1));
  return make_data(std::find(array.begin(), array.end(), value_of(call[0])) != array.end());
}

Answer reverse(const TemplateCall& call) {
  TRY(json::Array array, call.list(0));
  std::reverse(array.begin(), array.end());
  return make_data(std::move(array));
}

Answer sort_alpha(const TemplateCall& call) {
  TRY(const json::Array array, call.list(0));
  std::vector<std::string> texts;
  for (const json::Value& item : array) texts.push_back(go_print(item));
  std::sort(texts.begin(), texts.end());
  return make_data(json::Array(texts.begin(), texts.end()));
}

Answer uniq(const TemplateCall& call) {
  TRY(const json::Array array, call.list(0));
  constexpr std::size_t elements_max = 4096;  // each is compared with all kept before it
  if (array.size() > elements_max)
    return base::invalid(fmt::format("over {} elements", elements_max));
  json::Array kept;
  for (const json::Value& item : array)
    if (std::find(kept.begin(), kept.end(), item) == kept.end()) kept.push_back(item);
  return make_data(std::move(kept));
}

Answer join(const TemplateCall& call) {
  const std::array swapped = {call[0], call[1]};
  return find_template_function("join")->run(TemplateCall{swapped, call.run});
}

/// The last segment of a path, or all before it.
template <bool want_last>
Answer path_part(const TemplateCall& call) {
  TRY(const std::string path, call.text(0));
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return make_data(want_last ? path : ".");
  return make_data(want_last ? path.substr(slash + 1) : slash == 0 ? "/" : path.substr(0, slash));
}

constexpr TemplateFunction rows[] = {
    {"sprig_append", 2, 2, append},
    {"sprig_base", 1, 1, path_part<true>},
    {"sprig_cat", 0, -1, cat},
    {"sprig_coalesce", 0, -1, coalesce},
    {"sprig_concat", 0, -1, concat},
    {"sprig_contains", 2, 2, contains},
    {"sprig_default", 1, 2, default_value},
    {"sprig_dict", 0, -1, dict},
    {"sprig_dir", 1, 1, path_part<false>},
    {"sprig_empty", 1, 1, empty},
    {"sprig_first", 1, 1, end_of<false>},
    {"sprig_get", 2, 2, get},
    {"sprig_has", 2, 2, has},
    {"sprig_hasKey", 2, 2, has_key},
    {"sprig_hasPrefix", 2, 2, has_prefix},
    {"sprig_hasSuffix", 2, 2, has_suffix},
    {"sprig_indent", 2, 2, indent},
    {"sprig_initial", 1, 1, without_end<false>},
    {"sprig_join", 2, 2, join},
    {"sprig_keys", 1, -1, keys},
    {"sprig_last", 1, 1, end_of<true>},
    {"sprig_list", 0, -1, list},
    {"sprig_nindent", 2, 2, nindent},
    {"sprig_nospace", 1, 1, nospace},
    {"sprig_prepend", 2, 2, prepend},
    {"sprig_quote", 0, -1, quote<'"'>},
    {"sprig_repeat", 2, 2, repeat},
    {"sprig_rest", 1, 1, without_end<true>},
    {"sprig_reverse", 1, 1, reverse},
    {"sprig_sortAlpha", 1, 1, sort_alpha},
    {"sprig_splitList", 2, 2, split_list},
    {"sprig_squote", 0, -1, quote<'\''>},
    {"sprig_substr", 3, 3, substr},
    {"sprig_ternary", 3, 3, ternary},
    {"sprig_toString", 1, 1, to_string},
    {"sprig_trunc", 2, 2, trunc},
    {"sprig_uniq", 1, 1, uniq},
    {"sprig_values", 1, 1, values},
};

}  // namespace

std::span<const TemplateFunction> sprig_template_functions() { return rows; }

}  // namespace caravan::expr
