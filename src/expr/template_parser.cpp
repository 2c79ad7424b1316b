// SPDX-License-Identifier: Apache-2.0
#include "expr/template_parser.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/template_functions.hpp"

namespace caravan::expr {
namespace {

using Kind = TemplateToken::Kind;
using Branch = TemplateNode::Branch;

class TemplateParser {
 public:
  TemplateParser(std::vector<TemplateToken> tokens, const TemplateOptions& options)
      : tokens_(std::move(tokens)) {
    parsed_.options = options;
    variables_.push_back("$");
  }

  base::Result<ParsedTemplate> run() {
    TRY(parsed_.nodes, list());
    if (peek().kind != Kind::finish) return refuse("unexpected {{" + keyword_ + "}}");
    return std::move(parsed_);
  }

 private:
  const TemplateToken& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const TemplateToken& take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  bool take_symbol(std::string_view symbol) {
    if (peek().kind != Kind::symbol || peek().text != symbol) return false;
    take();
    return true;
  }
  std::unexpected<base::Error> refuse(std::string message) const {
    return std::unexpected(template_error(peek().at, std::move(message)));
  }
  std::unexpected<base::Error> unexpected(std::string_view where) const {
    const TemplateToken& token = peek();
    if (token.kind == Kind::finish) return refuse("unexpected end of the template");
    if (token.kind == Kind::end) return refuse(fmt::format("missing value for {}", where));
    return refuse(fmt::format("unexpected \"{}\" in {}", base::printable(token.text, 40), where));
  }

  /// Nodes up to `end`, `else` or the end; stops inside that action, after its keyword.
  base::Result<TemplateNodes> list() {
    TemplateNodes nodes;
    const std::size_t visible = variables_.size();
    keyword_.clear();
    while (peek().kind != Kind::finish) {
      if (peek().kind == Kind::text) {
        const TemplateToken& token = take();
        nodes.push_back({token.text, token.at});
        continue;
      }
      const TemplatePosition at = take().at;  // begin
      if (peek().kind == Kind::word && (peek().text == "end" || peek().text == "else")) {
        keyword_ = take().text;
        variables_.resize(visible);
        return nodes;
      }
      TRY_VOID(action(nodes, at));
    }
    variables_.resize(visible);
    return nodes;
  }

  base::Status action(TemplateNodes& nodes, const TemplatePosition& at) {
    const std::string word = peek().kind == Kind::word ? peek().text : "";
    if (word == "if" || word == "with" || word == "range") {
      take();
      TRY(TemplateNode node, branch(word, at));
      nodes.push_back(std::move(node));
      return {};
    }
    if (word == "define") return define();
    if (word == "block" || word == "template") return invoke(nodes, word == "block", at);
    if (word == "break" || word == "continue") {
      take();
      if (loops_ == 0) return refuse("{{" + word + "}} outside {{range}}");
      if (word == "break")
        nodes.push_back({TemplateNode::Break{}, at});
      else
        nodes.push_back({TemplateNode::Continue{}, at});
      return close();
    }
    TRY(Pipeline pipeline, this->pipeline("command", false));
    nodes.push_back({TemplateNode::Action{std::move(pipeline)}, at});
    return close();
  }

  base::Status close() {
    if (peek().kind != Kind::end) return unexpected("command");
    take();
    return {};
  }

  base::Result<TemplateNode> branch(const std::string& word, const TemplatePosition& at) {
    if (++depth_ > template_depth_max) return refuse("nesting too deep");
    const std::size_t visible = variables_.size();
    Branch made;
    made.kind = word == "if"     ? Branch::Kind::condition
                : word == "with" ? Branch::Kind::with
                                 : Branch::Kind::range;
    const bool is_range = made.kind == Branch::Kind::range;
    TRY(made.pipeline, pipeline(word, is_range));
    TRY_VOID(close());
    loops_ += is_range ? 1 : 0;
    TRY(TemplateNodes body, list());
    loops_ -= is_range ? 1 : 0;
    made.body = std::make_shared<const TemplateNodes>(std::move(body));
    if (keyword_ == "else") {
      TRY(TemplateNodes otherwise, else_part(at));
      made.otherwise = std::make_shared<const TemplateNodes>(std::move(otherwise));
    } else if (keyword_ == "end") {
      TRY_VOID(close());
    } else {
      return refuse(fmt::format("{{{{{}}}}} of line {} has no {{{{end}}}}", word, at.line));
    }
    variables_.resize(visible);
    --depth_;
    return TemplateNode{std::move(made), at};
  }

  /// `else if`, `else with` are a branch of their own that shares the `end`.
  base::Result<TemplateNodes> else_part(const TemplatePosition& at) {
    TemplateNodes nodes;
    const std::string word = peek().kind == Kind::word ? peek().text : "";
    if (word == "if" || word == "with") {
      take();
      TRY(TemplateNode node, branch(word, at));
      nodes.push_back(std::move(node));
      return nodes;
    }
    TRY_VOID(close());
    TRY(nodes, list());
    if (keyword_ != "end") return refuse("expected {{end}} after {{else}}");
    TRY_VOID(close());
    return nodes;
  }

  base::Result<std::string> name_text() {
    if (peek().kind != Kind::string) return unexpected("template clause");
    return take().text;
  }

  base::Result<TemplateNodes> definition_body() {
    const std::vector<std::string> outside = std::exchange(variables_, {"$"});
    const int loops = std::exchange(loops_, 0);
    if (++depth_ > template_depth_max) return refuse("nesting too deep");
    TRY(TemplateNodes nodes, list());
    if (keyword_ != "end") return refuse("expected {{end}} after the definition");
    TRY_VOID(close());
    --depth_;
    variables_ = outside;
    loops_ = loops;
    return nodes;
  }

  base::Status define() {
    take();
    TRY(const std::string name, name_text());
    TRY_VOID(close());
    TRY(TemplateNodes nodes, definition_body());
    parsed_.defined[name] = std::make_shared<const TemplateNodes>(std::move(nodes));
    return {};
  }

  base::Status invoke(TemplateNodes& nodes, bool is_block, const TemplatePosition& at) {
    take();
    TemplateNode::Invoke made;
    TRY(made.name, name_text());
    if (peek().kind != Kind::end) {
      TRY(made.argument, pipeline("template clause", false));
    }
    TRY_VOID(close());
    if (is_block) {
      TRY(TemplateNodes body, definition_body());
      parsed_.defined[made.name] = std::make_shared<const TemplateNodes>(std::move(body));
    }
    nodes.push_back({std::move(made), at});
    return {};
  }

  base::Result<Pipeline> pipeline(std::string_view where, bool is_range) {
    Pipeline made;
    made.at = peek().at;
    TRY_VOID(declaration(made, is_range));
    while (true) {
      TRY(Command command, this->command(where));
      made.commands.push_back(std::move(command));
      if (!take_symbol("|")) break;
      if (made.commands.size() > 256) return refuse("pipeline too long");
    }
    constexpr std::size_t variables_max = 1000;  // names are looked up by walking
    if (variables_.size() > variables_max) return refuse("too many variables");
    // Visible only after the pipeline that gives them their value.
    if (made.declares)
      for (const std::string& name : made.variables) variables_.push_back(name);
    return made;
  }

  base::Status declaration(Pipeline& made, bool is_range) {
    if (peek().kind != Kind::variable) return {};
    const TemplateToken& after = peek(1);
    const bool two = is_range && after.kind == Kind::symbol && after.text == ",";
    const TemplateToken& sign = peek(two ? 3 : 1);
    if (sign.kind != Kind::symbol || (sign.text != ":=" && sign.text != "=")) return {};
    made.declares = sign.text == ":=";
    made.variables.push_back(take().text);
    if (two) {
      take();
      if (peek().kind != Kind::variable) return unexpected("range");
      made.variables.push_back(take().text);
    }
    take();
    if (!made.declares)
      for (const std::string& name : made.variables)
        if (!is_known(name)) return refuse("undefined variable \"" + name + "\"");
    return {};
  }

  bool is_known(const std::string& variable) const {
    return std::find(variables_.begin(), variables_.end(), variable) != variables_.end();
  }

  base::Result<Command> command(std::string_view where) {
    Command made;
    while (true) {
      const TemplateToken& token = peek();
      const bool ends = token.kind == Kind::end || token.kind == Kind::finish ||
                        (token.kind == Kind::symbol && token.text != "(");
      if (ends) break;
      if (!made.words.empty() && token.glued && token.kind != Kind::field)
        return unexpected("operand");
      TRY(Operand word, operand());
      made.words.push_back(std::move(word));
    }
    if (made.words.empty()) return unexpected(where);
    return made;
  }

  base::Result<Operand> operand() {
    const TemplateToken token = take();
    Operand made;
    made.at = token.at;
    switch (token.kind) {
      case Kind::string:
        made.what = json::Value(token.text);
        break;
      case Kind::number:
        made.what = token.number;
        break;
      case Kind::dot:
        made.what = Operand::Dot{};
        break;
      case Kind::field:
        made.what = Operand::Dot{};
        made.fields.push_back(token.text);
        break;
      case Kind::variable:
        if (!is_known(token.text))
          return std::unexpected(
              template_error(token.at, "undefined variable \"" + token.text + "\""));
        made.what = Operand::Variable{token.text};
        break;
      case Kind::word:
        TRY_VOID(word(made, token));
        break;
      default: {
        --at_;
        if (!take_symbol("(")) return unexpected("operand");
        if (++depth_ > template_depth_max) return refuse("nesting too deep");
        TRY(Pipeline inner, pipeline("parentheses", false));
        --depth_;
        if (!take_symbol(")")) return unexpected("parentheses");
        made.what = std::make_shared<const Pipeline>(std::move(inner));
      }
    }
    while (peek().kind == Kind::field && peek().glued) made.fields.push_back(take().text);
    return made;
  }

  base::Status word(Operand& made, const TemplateToken& token) {
    if (token.text == "true" || token.text == "false") {
      made.what = json::Value(token.text == "true");
    } else if (token.text == "nil") {
      made.what = Operand::Nil{};
    } else {
      if (!is_template_function(token.text))
        return std::unexpected(template_error(
            token.at, fmt::format("function \"{}\" not defined", base::printable(token.text, 80))));
      made.what = Operand::Function{token.text};
    }
    return {};
  }

  std::vector<TemplateToken> tokens_;
  std::size_t at_ = 0;
  ParsedTemplate parsed_;
  std::vector<std::string> variables_;
  std::string keyword_;  // what ended the last list
  int loops_ = 0;
  int depth_ = 0;
};

}  // namespace

base::Result<ParsedTemplate> parse_template(std::string_view text, const TemplateOptions& options) {
  TRY(std::vector<TemplateToken> tokens, template_tokens(text, options));
  return TemplateParser(std::move(tokens), options).run();
}

}  // namespace caravan::expr
