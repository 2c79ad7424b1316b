// SPDX-License-Identifier: Apache-2.0
#include "expr/template_lexer.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/text.hpp"

namespace caravan::expr {
namespace {

using Kind = TemplateToken::Kind;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class TemplateLexer {
 public:
  TemplateLexer(std::string_view text, const TemplateOptions& options)
      : text_(text), left_(options.left_delimiter), right_(options.right_delimiter) {}

  base::Result<std::vector<TemplateToken>> run() {
    while (!rest().empty()) {
      if (rest().starts_with(left_)) {
        TRY_VOID(action());
      } else {
        plain();
      }
    }
    push(Kind::finish, "");
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return text_.substr(offset_); }

  void skip(std::size_t bytes) {
    for (; bytes > 0 && offset_ < text_.size(); --bytes) {
      const char c = text_[offset_++];
      if (c == '\n') {
        ++at_.line;
        at_.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
        ++at_.column;
      }
    }
  }

  std::unexpected<base::Error> refuse(std::string message) {
    return std::unexpected(template_error(at_, std::move(message)));
  }

  void push(Kind kind, std::string text) {
    TemplateToken token{kind, std::move(text), {}, glued_, at_};
    tokens_.push_back(std::move(token));
  }

  void plain() {
    const std::size_t end = std::min(rest().find(left_), rest().size());
    std::string_view piece = rest().substr(0, end);
    const std::string_view after = rest().substr(end);
    const TemplatePosition begin = at_;
    skip(end);
    if (trim_next_) {
      while (!piece.empty() && is_blank(piece[0])) piece.remove_prefix(1);
      trim_next_ = false;
    }
    const std::string_view inside = after.substr(std::min(after.size(), left_.size()));
    if (inside.size() > 1 && inside[0] == '-' && is_blank(inside[1]))
      while (!piece.empty() && is_blank(piece.back())) piece.remove_suffix(1);
    if (piece.empty()) return;
    push(Kind::text, std::string(piece));
    tokens_.back().at = begin;
  }

  base::Status action() {
    const TemplatePosition begin = at_;
    skip(left_.size());
    trim_next_ = false;
    if (rest().size() > 1 && rest()[0] == '-' && is_blank(rest()[1])) skip(1);
    std::string_view ahead = rest();
    while (!ahead.empty() && is_blank(ahead[0])) ahead.remove_prefix(1);
    if (ahead.starts_with("/*")) return comment();
    push(Kind::begin, "");
    tokens_.back().at = begin;
    while (true) {
      glued_ = true;
      while (!rest().empty() && is_blank(rest()[0])) {
        glued_ = false;
        if (rest().size() > 1 && rest()[1] == '-' && rest().substr(2).starts_with(right_)) {
          skip(2);
          trim_next_ = true;
          break;
        }
        skip(1);
      }
      if (rest().empty()) return std::unexpected(template_error(begin, "unclosed action"));
      if (rest().starts_with(right_)) {
        push(Kind::end, "");
        skip(right_.size());
        return {};
      }
      TRY_VOID(word());
    }
  }

  base::Status comment() {
    while (!rest().starts_with("/*")) skip(1);
    const std::size_t end = rest().find("*/");
    if (end == std::string_view::npos) return refuse("unclosed comment");
    skip(end + 2);
    if (rest().size() > 1 && is_blank(rest()[0]) && rest()[1] == '-') {
      skip(2);
      trim_next_ = true;
    }
    while (!rest().empty() && is_blank(rest()[0])) skip(1);
    if (!rest().starts_with(right_)) return refuse("comment ends before closing delimiter");
    skip(right_.size());
    return {};
  }

  base::Status word() {
    const char c = rest()[0];
    const char next = rest().size() > 1 ? rest()[1] : '\0';
    if (c == '"') return quoted();
    if (c == '`') return raw();
    if (c == '\'') return character();
    if (is_digit(c) || ((c == '-' || c == '+') && (is_digit(next) || next == '.')) ||
        (c == '.' && is_digit(next)))
      return number();
    if (c == '.' && is_word_byte(next)) return named(Kind::field, 1);
    if (c == '.') return take(Kind::dot, 1);
    if (c == '$') return named(Kind::variable, 0);
    if (rest().starts_with(":=")) return take(Kind::symbol, 2);
    if (c == '(' || c == ')' || c == '|' || c == ',' || c == '=') return take(Kind::symbol, 1);
    if (is_word_byte(c)) return named(Kind::word, 0);
    return refuse(fmt::format("unexpected \"{}\" in command", base::printable({&c, 1}, 4)));
  }

  base::Status take(Kind kind, std::size_t bytes) {
    push(kind, std::string(rest().substr(0, bytes)));
    skip(bytes);
    return {};
  }

  base::Status named(Kind kind, std::size_t prefix) {
    std::size_t end = prefix + (kind == Kind::variable ? 1 : 0);
    while (end < rest().size() && is_word_byte(rest()[end])) ++end;
    push(kind, std::string(rest().substr(prefix, end - prefix)));
    skip(end);
    return {};
  }

  base::Status number() {
    std::size_t end = 1;
    while (end < rest().size() && (is_word_byte(rest()[end]) || rest()[end] == '.' ||
                                   ((rest()[end] == '-' || rest()[end] == '+') &&
                                    (rest()[end - 1] | 32) == 'e' && !rest().starts_with("0x"))))
      ++end;
    const auto value = parse_go_number(rest().substr(0, end));
    if (!value)
      return refuse("bad number syntax: \"" + base::printable(rest().substr(0, end), 40) + "\"");
    push(Kind::number, std::string(rest().substr(0, end)));
    tokens_.back().number = *value;
    skip(end);
    return {};
  }

  base::Status quoted() {
    std::size_t end = 1;
    while (end < rest().size() && rest()[end] != '"' && rest()[end] != '\n')
      end += rest()[end] == '\\' ? 2 : 1;
    if (end >= rest().size() || rest()[end] != '"') return refuse("unterminated quoted string");
    auto text = go_unquote(rest().substr(1, end - 1));
    if (!text) return refuse(text.error().message);
    push(Kind::string, std::move(*text));
    skip(end + 1);
    return {};
  }

  base::Status raw() {
    const std::size_t end = rest().find('`', 1);
    if (end == std::string_view::npos) return refuse("unterminated raw quoted string");
    push(Kind::string, std::string(rest().substr(1, end - 1)));
    skip(end + 1);
    return {};
  }

  base::Status character() {
    std::size_t end = 1;
    while (end < rest().size() && rest()[end] != '\'' && rest()[end] != '\n')
      end += rest()[end] == '\\' ? 2 : 1;
    if (end >= rest().size() || rest()[end] != '\'')
      return refuse("unterminated character constant");
    const auto text = go_unquote(rest().substr(1, end - 1));
    const auto code = text ? single_code_point(*text) : std::nullopt;
    if (!code) return refuse("malformed character constant");
    push(Kind::number, std::string(rest().substr(0, end + 1)));
    tokens_.back().number = json::Value(static_cast<std::int64_t>(*code));
    skip(end + 1);
    return {};
  }

  std::string_view text_;
  std::string_view left_;
  std::string_view right_;
  std::size_t offset_ = 0;
  TemplatePosition at_;
  bool trim_next_ = false;
  bool glued_ = false;
  std::vector<TemplateToken> tokens_;
};

}  // namespace

base::Error template_error(const TemplatePosition& at, std::string message) {
  return {base::Code::invalid,
          fmt::format("template: {}:{}: {}", at.line, at.column, std::move(message))};
}

base::Result<std::vector<TemplateToken>> template_tokens(std::string_view text,
                                                         const TemplateOptions& options) {
  return TemplateLexer(text, options).run();
}

}  // namespace caravan::expr
