// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/filter.hpp"
#include "expr/filter_tree.hpp"
#include "expr/text.hpp"

namespace caravan::expr {
namespace {

using Node = std::shared_ptr<const FilterNode>;

struct Token {
  enum class Kind { end, word, text, symbol };
  Kind kind = Kind::end;
  std::string text;
  std::size_t offset = 0;
};

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '/' || c == ':' || c == '.' || c == '+' || c == '*' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) {}

  base::Result<Node> run() {
    TRY_VOID(next());
    TRY(Node node, either());
    if (token_.kind != Token::Kind::end) return refuse("unexpected \"" + shown() + "\"");
    return node;
  }

 private:
  std::string shown() const { return base::printable(token_.text, 40); }

  std::unexpected<base::Error> refuse(std::string message) const {
    const std::string_view before = text_.substr(0, token_.offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    return base::invalid(fmt::format("filter: {}:{}: {}", line, column, message));
  }

  base::Status next() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
    token_ = {Token::Kind::end, "", at_};
    if (at_ >= text_.size()) return {};
    const char c = text_[at_];
    if (c == '"' || c == '`') return quoted(c);
    const std::string_view two = text_.substr(at_, 2);
    const std::size_t size = two == "==" || two == "!="                                      ? 2
                             : std::string_view("()[]{},").find(c) != std::string_view::npos ? 1
                                                                                             : 0;
    if (size > 0) {
      token_ = {Token::Kind::symbol, std::string(text_.substr(at_, size)), at_};
      at_ += size;
      return {};
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word_byte(text_[at_])) ++at_;
    token_ = {Token::Kind::word, std::string(text_.substr(begin, at_ - begin)), begin};
    if (at_ == begin) {
      token_.text = c;
      return refuse("unexpected \"" + shown() + "\"");
    }
    return {};
  }

  base::Status quoted(char mark) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != mark)
      end += mark == '"' && text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return refuse("the string has no closing quote");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    std::string value(inside);
    if (mark == '"') {
      auto decoded = go_unquote(inside);
      if (!decoded) return refuse(decoded.error().message);
      value = std::move(*decoded);
    }
    token_ = {Token::Kind::text, std::move(value), at_};
    at_ = end + 1;
    return {};
  }

  bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::word && token_.text == word;
  }
  bool is_symbol(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.text == symbol;
  }
  base::Status expect_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) return refuse(fmt::format("expected \"{}\"", symbol));
    return next();
  }

  static Node joined(FilterNode::Kind kind, std::vector<Node> parts) {
    if (parts.size() == 1) return parts[0];
    FilterNode node;
    node.kind = kind;
    node.parts = std::move(parts);
    return std::make_shared<const FilterNode>(std::move(node));
  }

  base::Result<Node> either() {
    std::vector<Node> parts;
    while (true) {
      TRY(Node part, both());
      parts.push_back(std::move(part));
      if (!is_word("or")) return joined(FilterNode::Kind::either, std::move(parts));
      TRY_VOID(next());
    }
  }

  base::Result<Node> both() {
    std::vector<Node> parts;
    while (true) {
      TRY(Node part, negation());
      parts.push_back(std::move(part));
      if (!is_word("and")) return joined(FilterNode::Kind::both, std::move(parts));
      TRY_VOID(next());
    }
  }

  base::Result<Node> negation() {
    if (++depth_ > filter_depth_max) return refuse("nesting too deep");
    Node made;
    if (is_word("not")) {
      TRY_VOID(next());
      FilterNode node;
      node.kind = FilterNode::Kind::negation;
      TRY(Node inner, negation());
      node.parts.push_back(std::move(inner));
      made = std::make_shared<const FilterNode>(std::move(node));
    } else if (is_symbol("(")) {
      TRY_VOID(next());
      TRY(made, either());
      TRY_VOID(expect_symbol(")"));
    } else {
      TRY(made, match());
    }
    --depth_;
    return made;
  }

  base::Result<std::vector<std::string>> selector(const Token& first) {
    std::vector<std::string> path;
    if (first.kind == Token::Kind::text) {  // a JSON pointer
      if (!first.text.starts_with('/')) return refuse("a selector was expected before this");
      path = base::split(std::string_view(first.text).substr(1), '/');
      return path;
    }
    path = base::split(first.text, '.');
    for (const std::string& part : path)
      if (part.empty()) return refuse("a selector has an empty part");
    while (is_symbol("[")) {
      TRY_VOID(next());
      if (token_.kind != Token::Kind::text) return refuse("a quoted key was expected");
      path.push_back(token_.text);
      TRY_VOID(next());
      TRY_VOID(expect_symbol("]"));
      // `Meta["a"].b`: the rest begins with the dot.
      if (token_.kind == Token::Kind::word && token_.text.starts_with('.')) {
        for (std::string& part : base::split(std::string_view(token_.text).substr(1), '.'))
          path.push_back(std::move(part));
        TRY_VOID(next());
      }
    }
    return path;
  }

  base::Result<std::string> value() {
    if (token_.kind != Token::Kind::word && token_.kind != Token::Kind::text)
      return refuse("a value was expected");
    std::string text = token_.text;
    TRY_VOID(next());
    return text;
  }

  base::Result<Node> match() {
    const Token first = token_;
    if (first.kind != Token::Kind::word && first.kind != Token::Kind::text)
      return refuse(first.kind == Token::Kind::end ? "unexpected end of the expression"
                                                   : "unexpected \"" + shown() + "\"");
    TRY_VOID(next());
    const bool quantified =
        first.kind == Token::Kind::word && (first.text == "any" || first.text == "all") &&
        token_.kind == Token::Kind::word && token_.text != "in" && token_.text != "not" &&
        token_.text != "is" && token_.text != "contains" && token_.text != "matches";
    if (quantified) return each_element(first.text == "any");
    FilterNode node;
    if (is_word("in") || is_word("not")) {  // value [not] in selector
      const std::size_t here = at_;
      const Token kept = token_;
      node.negated = is_word("not");
      if (node.negated) TRY_VOID(next());
      if (is_word("in")) {
        TRY_VOID(next());
        node.op = FilterNode::Operator::in;
        node.value = first.text;
        const Token name = token_;
        TRY_VOID(next());
        TRY(node.selector, selector(name));
        return std::make_shared<const FilterNode>(std::move(node));
      }
      at_ = here;
      token_ = kept;
      node.negated = false;
    }
    TRY(node.selector, selector(first));
    TRY_VOID(operation(node));
    return std::make_shared<const FilterNode>(std::move(node));
  }

  base::Status operation(FilterNode& node) {
    if (is_symbol("==") || is_symbol("!=")) {
      node.op = is_symbol("==") ? FilterNode::Operator::equal : FilterNode::Operator::unequal;
      TRY_VOID(next());
      TRY(node.value, value());
      return {};
    }
    if (is_word("is")) {
      TRY_VOID(next());
      node.negated = is_word("not");
      if (node.negated) TRY_VOID(next());
      if (!is_word("empty")) return refuse("expected \"empty\"");
      node.op = FilterNode::Operator::empty;
      return next();
    }
    node.negated = is_word("not");
    if (node.negated) TRY_VOID(next());
    if (!is_word("contains") && !is_word("matches"))
      return refuse("expected an operator (==, !=, in, contains, matches, is empty)");
    const bool pattern = is_word("matches");
    node.op = pattern ? FilterNode::Operator::matches : FilterNode::Operator::in;
    TRY_VOID(next());
    const Token where = token_;
    TRY(node.value, value());
    if (!pattern) return {};
    RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_shared<RE2>(node.value, options);
    if (!compiled->ok()) {
      token_ = where;
      return refuse("invalid regular expression: " + compiled->error());
    }
    node.pattern = std::move(compiled);
    return {};
  }

  base::Result<Node> each_element(bool any) {
    FilterNode node;
    node.kind = any ? FilterNode::Kind::any : FilterNode::Kind::all;
    const Token name = token_;
    TRY_VOID(next());
    TRY(node.selector, selector(name));
    if (!is_word("as")) return refuse("expected \"as\"");
    TRY_VOID(next());
    TRY(node.name, value());
    if (is_symbol(",")) {
      TRY_VOID(next());
      TRY(node.name2, value());
    }
    TRY_VOID(expect_symbol("{"));
    TRY(Node inner, either());
    node.parts.push_back(std::move(inner));
    TRY_VOID(expect_symbol("}"));
    return std::make_shared<const FilterNode>(std::move(node));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  int depth_ = 0;
};

}  // namespace

base::Result<Filter> Filter::parse(std::string_view text) {
  if (text.size() > filter_bytes_max)
    return base::fail(base::Code::too_large, fmt::format("filter: {} bytes; the limit is {}",
                                                         text.size(), filter_bytes_max));
  TRY(Node root, FilterParser(text).run());
  return Filter(std::move(root));
}

}  // namespace caravan::expr
