// SPDX-License-Identifier: Apache-2.0
#include "expr/interpolate.hpp"

#include <algorithm>

namespace caravan::expr {
namespace {

/// Longer ones are taken for text, so that a text of openings is not searched again for each.
constexpr std::size_t reference_bytes_max = 512;

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '/' || c == ':' || (static_cast<unsigned char>(c) & 0x80);
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// "env[\"A\"]" to "env.A"; nothing when it is no reference.
std::optional<std::string> name_of(std::string_view inside) {
  inside = without_blanks(inside);
  std::string name;
  while (!inside.empty()) {
    if (inside.starts_with("[\"")) {
      const std::size_t end = inside.find("\"]", 2);
      if (end == std::string_view::npos || name.empty()) return std::nullopt;
      name += '.';
      name += inside.substr(2, end - 2);
      inside.remove_prefix(end + 2);
    } else if (is_name_byte(inside[0])) {
      name += inside[0];
      inside.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  if (name.empty()) return std::nullopt;
  return name;
}

/// The brace that ends the reference begun before `from`; quoted keys may hold braces.
std::size_t end_of_reference(std::string_view text, std::size_t from) {
  bool quoted = false;
  text = text.substr(0, from + reference_bytes_max);
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\n') return std::string_view::npos;
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '}' && !quoted) return i;
  }
  return std::string_view::npos;
}

/// Calls `on_text` and `on_reference(name, as written)` over the whole text.
template <class OnText, class OnReference>
void scan(std::string_view text, OnText on_text, OnReference on_reference) {
  while (!text.empty()) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) return on_text(text);
    if (at > 0 && text[at - 1] == '$') {
      on_text(text.substr(0, at - 1));
      on_text(std::string_view("${"));
      text.remove_prefix(at + 2);
      continue;
    }
    on_text(text.substr(0, at));
    text.remove_prefix(at);
    const std::size_t end = end_of_reference(text, 2);
    const auto name =
        end == std::string_view::npos ? std::nullopt : name_of(text.substr(2, end - 2));
    if (!name) {
      on_text(text.substr(0, 2));
      text.remove_prefix(2);
      continue;
    }
    on_reference(*name, text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string interpolate(std::string_view text, const Lookup& lookup) {
  std::string out;
  scan(
      text, [&](std::string_view piece) { out += piece; },
      [&](const std::string& name, std::string_view written) {
        const auto value = out.size() < interpolated_bytes_max ? lookup(name) : std::nullopt;
        out += value ? *value : written;
      });
  return out;
}

std::vector<std::string> references(std::string_view text) {
  std::vector<std::string> names;
  scan(
      text, [](std::string_view) {},
      [&](const std::string& name, std::string_view) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      });
  return names;
}

}  // namespace caravan::expr
