// SPDX-License-Identifier: Apache-2.0
#include "catalog/query_template.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "catalog/pattern.hpp"

namespace caravan::catalog {
namespace {

constexpr std::string_view opening = "${", match_begin = "match(", match_end = ")";

/// What the words in a template stand for.
struct Words {
  std::string full, prefix, suffix;
  std::vector<std::string> matches;
};

base::Result<std::string> value_of(std::string_view word, const Words& words) {
  if (word == "name.full") return words.full;
  if (word == "name.prefix") return words.prefix;
  if (word == "name.suffix") return words.suffix;
  if (word == "agent.segment") return std::string();  // there are none here
  if (word.starts_with(match_begin) && word.ends_with(match_end)) {
    const auto inside =
        word.substr(match_begin.size(), word.size() - match_begin.size() - match_end.size());
    const base::Result<long long> number = base::parse_int(base::trim(inside));
    if (number && *number >= 0) {
      const auto n = static_cast<std::size_t>(*number);
      return n < words.matches.size() ? words.matches[n] : std::string();
    }
  }
  return base::invalid(
      fmt::format("Bad Template: ${{{}}} is none of name.full, name.prefix, name.suffix, match(N)",
                  base::printable(word, 64)));
}

/// The text with all words replaced; what stands for a word is not looked at again.
base::Result<std::string> replaced(std::string_view text, const Words& words) {
  std::string out;
  while (true) {
    const std::size_t at = text.find(opening);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return base::invalid("Bad Template: ${ without }");
    const std::size_t begin = at + opening.size();
    TRY(const std::string value, value_of(base::trim(text.substr(begin, end - begin)), words));
    out += value;
    text.remove_prefix(end + 1);
  }
}

base::Status replace_in(model::QueryService& service, const Words& words) {
  const auto one = [&](std::string& text) -> base::Status {
    TRY(text, replaced(text, words));
    return {};
  };
  TRY_VOID(one(service.service));
  TRY_VOID(one(service.near));
  for (auto* list : {&service.tags, &service.ignore_check_ids, &service.failover.datacenters})
    for (std::string& text : *list)
      TRY_VOID(one(text));
  for (auto* map : {&service.node_meta, &service.service_meta})
    for (auto& [key, text] : *map)
      TRY_VOID(one(text));
  return {};
}

}  // namespace

base::Status check_query(const model::PreparedQuery& query) {
  if (const std::string wrong = model::prepared_query_complaint(query); !wrong.empty())
    return base::invalid(wrong);
  if (!query.is_template()) return {};
  if (const auto read = Pattern::parse(query.as_template.regexp); !read)
    return base::invalid("Bad Template.Regexp: " + read.error().message);
  model::QueryService tried = query.service;
  return replace_in(tried, Words());
}

model::PreparedQuery rendered(const model::PreparedQuery& query, const std::string& name) {
  model::PreparedQuery made = query;
  if (!query.is_template()) return made;
  Words words{name, query.name, name.substr(std::min(query.name.size(), name.size())), {}};
  const base::Result<Pattern> pattern = Pattern::parse(query.as_template.regexp);
  if (pattern && !query.as_template.regexp.empty())
    words.matches = pattern->groups(name).value_or(std::vector<std::string>());
  (void)replace_in(made.service, words);  // it was tried when the query was written
  if (made.as_template.remove_empty_tags) std::erase(made.service.tags, std::string());
  return made;
}

}  // namespace caravan::catalog
