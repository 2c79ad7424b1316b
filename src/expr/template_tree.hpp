// SPDX-License-Identifier: Apache-2.0
// The tree of a template. Private to this chapter; template.hpp is the door.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "expr/template.hpp"
#include "json/value.hpp"

namespace caravan::expr {

struct TemplatePosition {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

struct Pipeline;

/// One word of a command: a literal, `.`, `$x`, a function's name or a bracketed pipeline, followed
/// by a chain of field names.
struct Operand {
  struct Dot {};
  struct Nil {};
  struct Variable {
    std::string name;  // "$" is the data that the template began with
  };
  struct Function {
    std::string name;
  };
  std::variant<json::Value, Dot, Nil, Variable, Function, std::shared_ptr<const Pipeline>> what;
  std::vector<std::string> fields;
  TemplatePosition at;
};

struct Command {
  std::vector<Operand> words;
};

struct Pipeline {
  std::vector<std::string> variables;  // `$x := …`, or two in a range
  bool declares = false;               // := and not =
  std::vector<Command> commands;
  TemplatePosition at;
};

struct TemplateNode;
using TemplateNodes = std::vector<TemplateNode>;

struct TemplateNode {
  struct Action {
    Pipeline pipeline;
  };
  struct Branch {  // if, with, range
    enum class Kind { condition, with, range } kind;
    Pipeline pipeline;
    std::shared_ptr<const TemplateNodes> body;
    std::shared_ptr<const TemplateNodes> otherwise;  // may be null
  };
  struct Invoke {  // {{ template "name" pipeline }}
    std::string name;
    Pipeline argument;
  };
  struct Break {};
  struct Continue {};
  std::variant<std::string, Action, Branch, Invoke, Break, Continue> what;
  TemplatePosition at;
};

struct ParsedTemplate {
  TemplateNodes nodes;
  std::map<std::string, std::shared_ptr<const TemplateNodes>, std::less<>> defined;
  TemplateOptions options;
};

}  // namespace caravan::expr
