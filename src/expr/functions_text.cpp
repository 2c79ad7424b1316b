// SPDX-License-Identifier: Apache-2.0
// Text: consul-template's names. The text to work on comes last, so that it can be piped in.
#include <re2/re2.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/template_functions.hpp"
#include "expr/text.hpp"

namespace caravan::expr {
namespace {

using Answer = base::Result<Data>;

Answer to_lower(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  return make_data(base::to_lower(text));
}
Answer to_upper(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  return make_data(base::to_upper(text));
}

Answer to_title(const TemplateCall& call) {
  TRY(std::string text, call.text(0));
  bool begins = true;
  for (char& c : text) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '\'' ||
                        (static_cast<unsigned char>(c) & 0x80) != 0;
    if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    begins = !letter;
  }
  return make_data(std::move(text));
}

Answer trim_space(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  return make_data(base::trim(text));
}

/// trim, trimLeft, trimRight: bytes of a set off the ends.
template <bool left, bool right>
Answer trim_set(const TemplateCall& call) {
  TRY(const std::string set, call.text(0));
  TRY(const std::string text, call.text(1));
  std::string_view kept = text;
  while (left && !kept.empty() && set.find(kept.front()) != std::string::npos)
    kept.remove_prefix(1);
  while (right && !kept.empty() && set.find(kept.back()) != std::string::npos)
    kept.remove_suffix(1);
  return make_data(kept);
}

Answer trim_prefix(const TemplateCall& call) {
  TRY(const std::string prefix, call.text(0));
  TRY(const std::string text, call.text(1));
  return make_data(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
}
Answer trim_suffix(const TemplateCall& call) {
  TRY(const std::string suffix, call.text(0));
  TRY(const std::string text, call.text(1));
  return make_data(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
}

Answer replace_all(const TemplateCall& call) {
  TRY(const std::string from, call.text(0));
  TRY(const std::string to, call.text(1));
  TRY(const std::string text, call.text(2));
  std::string out;
  if (from.empty()) {
    TRY_VOID(check_text_size((text.size() + 1) * (to.size() + 1)));
    for (std::size_t at = 0; at < text.size(); at += code_point_size(text, at))
      out += to + text.substr(at, code_point_size(text, at));
    return make_data(out + to);
  }
  std::string_view left = text;
  for (std::size_t at; (at = left.find(from)) != std::string_view::npos;) {
    out += left.substr(0, at);
    out += to;
    left.remove_prefix(at + from.size());
    TRY_VOID(check_text_size(out.size()));
  }
  out += left;
  return make_data(std::move(out));
}

base::Result<std::unique_ptr<RE2>> pattern_of(const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<RE2>(text, options);
  if (!pattern->ok()) return base::invalid("error parsing regexp: " + pattern->error());
  return pattern;
}

Answer regex_match(const TemplateCall& call) {
  TRY(const std::string expression, call.text(0));
  TRY(const std::string text, call.text(1));
  TRY(const std::unique_ptr<RE2> pattern, pattern_of(expression));
  return make_data(RE2::PartialMatch(text, *pattern));
}

/// Go writes groups `$1` and `${1}`, and `$$` for a dollar; RE2 wants `\1`.
std::string rewrite_of(const std::string& go) {
  std::string out;
  for (std::size_t i = 0; i < go.size(); ++i) {
    const bool braced = go.compare(i, 2, "${") == 0;
    const std::size_t digit = i + (braced ? 2 : 1);
    if (go[i] == '$' && digit < go.size() && go[digit] >= '0' && go[digit] <= '9') {
      out += std::string("\\") + go[digit];
      i = digit + (braced ? 1 : 0);
    } else if (go.compare(i, 2, "$$") == 0) {
      out += '$';
      ++i;
    } else {
      out += go[i];
      if (go[i] == '\\') out += '\\';
    }
  }
  return out;
}

Answer regex_replace_all(const TemplateCall& call) {
  TRY(const std::string expression, call.text(0));
  TRY(const std::string to, call.text(1));
  TRY(std::string text, call.text(2));
  TRY(const std::unique_ptr<RE2> pattern, pattern_of(expression));
  const std::string rewrite = rewrite_of(to);
  std::string problem;
  if (!pattern->CheckRewriteString(rewrite, &problem)) return base::invalid(problem);
  TRY_VOID(check_text_size((text.size() + 1) * (rewrite.size() + 1)));
  RE2::GlobalReplace(&text, *pattern, rewrite);
  return make_data(std::move(text));
}

Answer split(const TemplateCall& call) {
  TRY(const std::string separator, call.text(0));
  TRY(const std::string text, call.text(1));
  json::Array parts;
  const std::string trimmed(base::trim(text));
  if (trimmed.empty()) return make_data(std::move(parts));
  std::string_view left = trimmed;
  if (separator.empty()) {
    for (std::size_t at = 0; at < left.size(); at += code_point_size(left, at))
      parts.emplace_back(left.substr(at, code_point_size(left, at)));
    return make_data(std::move(parts));
  }
  for (std::size_t at; (at = left.find(separator)) != std::string_view::npos;) {
    parts.emplace_back(left.substr(0, at));
    left.remove_prefix(at + separator.size());
  }
  parts.emplace_back(left);
  return make_data(std::move(parts));
}

/// "a:1,b:2" with "," and ":" as a map.
Answer split_to_map(const TemplateCall& call) {
  TRY(const std::string pairs, call.text(0));
  TRY(const std::string inner, call.text(1));
  TRY(const std::string text, call.text(2));
  json::Object map;
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t end = pairs.empty() ? left.size() : std::min(left.find(pairs), left.size());
    const std::string_view pair = left.substr(0, end);
    left.remove_prefix(std::min(left.size(), end + pairs.size()));
    const std::size_t middle = inner.empty() ? std::string_view::npos : pair.find(inner);
    if (middle == std::string_view::npos)
      map[pair] = "";
    else
      map[pair.substr(0, middle)] = pair.substr(middle + inner.size());
    if (map.size() > 4096) return base::invalid("too many entries");
  }
  return make_data(std::move(map));
}

Answer join(const TemplateCall& call) {
  TRY(const std::string separator, call.text(0));
  TRY(const json::Array list, call.list(1));
  std::string out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += separator;
    out += go_print(list[i]);
    TRY_VOID(check_text_size(out.size()));
  }
  return make_data(std::move(out));
}

Answer indent(const TemplateCall& call) {
  TRY(const std::int64_t spaces, call.integer(0));
  TRY(const std::string text, call.text(1));
  if (spaces < 0) return base::invalid("indent value must be a positive integer");
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  const auto width = static_cast<std::size_t>(std::min<std::int64_t>(spaces, 1 << 20));
  TRY_VOID(check_text_size(text.size() + lines * width));
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && c != '\n') out.append(width, ' ');
    at_start = c == '\n';
    out += c;
  }
  return make_data(std::move(out));
}

constexpr TemplateFunction rows[] = {
    {"indent", 2, 2, indent},
    {"join", 2, 2, join},
    {"regexMatch", 2, 2, regex_match},
    {"regexReplaceAll", 3, 3, regex_replace_all},
    {"replaceAll", 3, 3, replace_all},
    {"split", 2, 2, split},
    {"splitToMap", 3, 3, split_to_map},
    {"sprig_lower", 1, 1, to_lower},
    {"sprig_regexMatch", 2, 2, regex_match},
    {"sprig_replace", 3, 3, replace_all},
    {"sprig_title", 1, 1, to_title},
    {"sprig_trim", 1, 1, trim_space},
    {"sprig_trimAll", 2, 2, trim_set<true, true>},
    {"sprig_trimPrefix", 2, 2, trim_prefix},
    {"sprig_trimSuffix", 2, 2, trim_suffix},
    {"sprig_upper", 1, 1, to_upper},
    {"toLower", 1, 1, to_lower},
    {"toTitle", 1, 1, to_title},
    {"toUpper", 1, 1, to_upper},
    {"trim", 2, 2, trim_set<true, true>},
    {"trimLeft", 2, 2, trim_set<true, false>},
    {"trimPrefix", 2, 2, trim_prefix},
    {"trimRight", 2, 2, trim_set<false, true>},
    {"trimSpace", 1, 1, trim_space},
    {"trimSuffix", 2, 2, trim_suffix},
};

}  // namespace

std::span<const TemplateFunction> text_template_functions() { return rows; }

}  // namespace caravan::expr
