// SPDX-License-Identifier: Apache-2.0
#include "ingress/traefik_rule.hpp"

#include <fmt/core.h>
#include <re2/re2.h>

#include "base/text.hpp"
#include "ingress/fabio_tag.hpp"

namespace caravan::ingress {
namespace {

using Kind = Rule::Kind;

/// Expressions are carried out by the data plane; ours proves that they mean the same everywhere
/// and that they need linear time with a small program.
base::Result<std::string> checked_regexp(const std::string& text) {
  TRY(const std::string visible, checked_text(text, "expression"));
  // What backtracks without bound there, or does not exist here, is refused by RE2.
  const re2::RE2 read(visible, re2::RE2::Quiet);
  if (!read.ok())
    return base::invalid(fmt::format("expression: {}", base::printable(read.error(), 100)));
  int repeats = 0;
  for (const char c : visible)
    if (c == '*' || c == '+' || c == '{') ++repeats;
  constexpr int repeats_max = 3;
  if (repeats > repeats_max)
    return base::invalid(
        fmt::format("an expression has at most {} repetitions (*, +, {{}})", repeats_max));
  return visible;
}

struct Matcher {
  const char* name;
  Kind kind;
  std::size_t arguments;  // of one question; 1 may be given more, joined by "or"
};
constexpr Matcher matchers[] = {
    {"host", Kind::host, 1},           {"hostregexp", Kind::host_regexp, 1},
    {"path", Kind::path, 1},           {"pathprefix", Kind::path_prefix, 1},
    {"pathregexp", Kind::path_regexp, 1}, {"method", Kind::method, 1},
    {"header", Kind::header, 2},       {"headers", Kind::header, 2},
    {"headerregexp", Kind::header_regexp, 2}, {"headersregexp", Kind::header_regexp, 2},
    {"query", Kind::query, 2},         {"clientip", Kind::client_ip, 1},
};

base::Result<std::string> checked_token(const std::string& text, std::string_view what) {
  constexpr std::size_t token_max = 128;
  if (text.empty() || text.size() > token_max)
    return base::invalid(fmt::format("{}: has 1 to {} characters", what, token_max));
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
          c == '_'))
      return base::invalid(
          fmt::format("{}: \"{}\" is no name", what, base::printable(text, token_max)));
  return text;
}

base::Result<Rule> question(Kind kind, const std::vector<std::string>& arguments) {
  Rule rule{kind, "", "", {}};
  const std::string& last = arguments.back();
  switch (kind) {
    case Kind::host: {
      TRY(rule.text, checked_host(last, "Host", 0));
      return rule;
    }
    case Kind::path:
    case Kind::path_prefix: {
      TRY(rule.text, checked_path(last, "Path"));
      return rule;
    }
    case Kind::host_regexp:
    case Kind::path_regexp: {
      TRY(rule.text, checked_regexp(last));
      return rule;
    }
    case Kind::method: {
      TRY(rule.text, checked_token(base::to_upper(last), "Method"));
      return rule;
    }
    case Kind::header:
    case Kind::query: {
      TRY(rule.name, checked_token(arguments[0], "name"));
      TRY(rule.text, checked_text(last, "value"));
      return rule;
    }
    case Kind::header_regexp: {
      TRY(rule.name, checked_token(arguments[0], "name"));
      TRY(rule.text, checked_regexp(last));
      return rule;
    }
    case Kind::client_ip: {
      TRY(rule.text, checked_network(last, "ClientIP"));
      return rule;
    }
    default: return base::invalid("no matcher");
  }
}

/// or = and ("||" and)*; and = unary ("&&" unary)*; unary = "!" unary | "(" or ")" | Name(args)
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  base::Result<Rule> whole() {
    if (text_.size() > rule_bytes_max)
      return base::invalid(fmt::format("the rule is longer than {} characters", rule_bytes_max));
    TRY(Rule rule, either(0));
    skip();
    if (at_ != text_.size()) return wrong("something follows the end of the rule");
    return rule;
  }

  /// Name(`a`, `b`), or the name alone when it is not one.
  base::Result<std::pair<std::string, std::vector<std::string>>> call() {
    skip();
    std::string name;
    while (at_ < text_.size() && ((text_[at_] | 32) >= 'a' && (text_[at_] | 32) <= 'z'))
      name += text_[at_++];
    if (name.empty()) return wrong("a matcher such as Host(`…`) is expected");
    if (!take("(")) return wrong("\"(\" is missing");
    std::vector<std::string> arguments;
    do {
      TRY(std::string argument, quoted());
      arguments.push_back(std::move(argument));
    } while (take(","));
    if (!take(")")) return wrong("\")\" is missing");
    return std::pair(name, std::move(arguments));
  }
  bool is_done() {
    skip();
    return at_ == text_.size();
  }
  bool take(std::string_view word) {
    skip();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  std::unexpected<base::Error> wrong(std::string_view what) const {
    return base::invalid(fmt::format("rule, character {}: {}", at_ + 1, what));
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
      ++at_;
  }
  base::Result<std::string> quoted() {
    skip();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '`' && quote != '"' && quote != '\'') return wrong("a text in `…` is expected");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return wrong("the text does not end");
    std::string found(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return found;
  }

  base::Result<Rule> either(std::size_t depth) { return joined(depth, "||", Kind::any); }
  base::Result<Rule> joined(std::size_t depth, std::string_view word, Kind kind) {
    if (depth > rule_depth_max)
      return wrong(fmt::format("deeper than {} levels", rule_depth_max));
    std::vector<Rule> parts;
    do {
      base::Result<Rule> part =
          kind == Kind::any ? joined(depth, "&&", Kind::all) : unary(depth);
      if (!part) return part;
      parts.push_back(*std::move(part));
    } while (take(word));
    if (parts.size() == 1) return std::move(parts[0]);
    return Rule{kind, "", "", std::move(parts)};
  }
  base::Result<Rule> unary(std::size_t depth) {
    if (depth > rule_depth_max)
      return wrong(fmt::format("deeper than {} levels", rule_depth_max));
    if (take("!")) {
      TRY(Rule inner, unary(depth + 1));
      return Rule{Kind::none, "", "", {std::move(inner)}};
    }
    if (take("(")) {
      TRY(Rule inner, either(depth + 1));
      if (!take(")")) return wrong("\")\" is missing");
      return inner;
    }
    TRY(const auto called, call());
    return matcher(called.first, called.second);
  }

  base::Result<Rule> matcher(const std::string& name, const std::vector<std::string>& arguments) {
    const std::string lower = base::to_lower(name);
    for (const Matcher& known : matchers) {
      if (lower != known.name) continue;
      if (++matchers_seen_ + arguments.size() > rule_matchers_max)
        return wrong(fmt::format("more than {} matchers", rule_matchers_max));
      if (known.arguments == 2) {
        if (arguments.size() != 2) return wrong(fmt::format("{} takes a name and a value", name));
        return question(known.kind, arguments);
      }
      std::vector<Rule> parts;
      for (const std::string& argument : arguments) {
        TRY(Rule part, question(known.kind, {argument}));
        parts.push_back(std::move(part));
      }
      matchers_seen_ += parts.size();
      if (parts.size() == 1) return std::move(parts[0]);
      return Rule{Kind::any, "", "", std::move(parts)};
    }
    return base::fail(base::Code::unsupported,
                      fmt::format("rule: there is no matcher \"{}\"", base::printable(name, 40)));
  }

  std::string_view text_;
  std::size_t at_ = 0, matchers_seen_ = 0;
};

}  // namespace

base::Result<Rule> parse_rule(std::string_view text) { return Parser(text).whole(); }

base::Result<std::vector<std::string>> parse_sni_rule(std::string_view text) {
  if (text.size() > rule_bytes_max)
    return base::invalid(fmt::format("the rule is longer than {} characters", rule_bytes_max));
  Parser parser(text);
  std::vector<std::string> hosts;
  do {
    TRY(const auto called, parser.call());
    if (base::to_lower(called.first) != "hostsni")
      return base::fail(base::Code::unsupported,
                        fmt::format("rule: of tcp routers only HostSNI is known, not \"{}\"",
                                    base::printable(called.first, 40)));
    for (const std::string& argument : called.second) {
      if (argument == "*") {
        hosts.push_back("*");
        continue;
      }
      TRY(std::string host, checked_host(argument, "HostSNI", 0));
      hosts.push_back(std::move(host));
    }
  } while (parser.take("||"));
  if (!parser.is_done()) return parser.wrong("something follows the end of the rule");
  return hosts;
}

std::vector<std::string> hosts_of(const Rule& rule) {
  std::vector<std::string> found;
  if (rule.kind == Kind::host) found.push_back(rule.text);
  if (rule.kind == Kind::all || rule.kind == Kind::any)
    for (const Rule& part : rule.parts) {
      const std::vector<std::string> inner = hosts_of(part);
      found.insert(found.end(), inner.begin(), inner.end());
    }
  return found;
}

}  // namespace caravan::ingress
