// SPDX-License-Identifier: Apache-2.0
// The tree of an expression. Built once by a parser, never changed, shared where a part stands for
// several things (a JSON object may be an expression to one reader and blocks to another).
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "hcl/source.hpp"
#include "hcl/value.hpp"

namespace caravan::hcl {

struct Expression;
using Tree = std::shared_ptr<const Expression>;

struct Literal {
  Value value;
};

/// `root.step[step]`, or `base.step` when the base is no plain name.
struct Access {
  struct Attribute {
    std::string name;  // also legacy `.0`
  };
  struct Index {
    Tree key;
  };
  struct Splat {  // what follows applies to each element,
    bool full;    // all of it after `[*]`, only attributes after `.*`
  };
  struct Step {
    std::variant<Attribute, Index, Splat> what;
    Range range;
  };
  std::string root;  // empty when `base` is set
  Tree base;
  std::vector<Step> steps;
  std::string written;  // as in the source, when every step is constant: kept for runtime names
};

struct Unary {
  char op;  // - or !
  Tree operand;
};

struct Binary {
  enum class Op { add, subtract, multiply, divide, modulo, eq, ne, lt, le, gt, ge, both, either };
  Op op;
  Tree left;
  Tree right;
};

struct Conditional {
  Tree condition;
  Tree when_true;
  Tree when_false;
};

struct TupleItems {
  std::vector<Tree> items;
};

struct ObjectItem {
  Tree key;  // a bare name is a literal
  Tree value;
};
struct ObjectItems {
  std::vector<ObjectItem> items;
};

/// `[for k, v in c : value if cond]` or `{for … : key => value... }`.
struct For {
  std::string key_name;  // empty when only the value is named
  std::string value_name;
  Tree collection;
  Tree key;  // set for the object form
  Tree value;
  Tree condition;  // may be null
  bool grouping = false;
};

struct Call {
  std::string name;
  Range name_range;
  std::vector<Tree> arguments;
  bool expand_last = false;  // f(list...)
};

/// A quoted string or heredoc with at least one sequence in it.
struct Template {
  struct Part;
  using Parts = std::vector<Part>;
  struct If {
    Tree condition;
    Parts when_true;
    Parts when_false;
  };
  struct Loop {
    std::string key_name;
    std::string value_name;
    Tree collection;
    Parts body;
  };
  struct Part {
    std::variant<std::string, Tree, std::shared_ptr<If>, std::shared_ptr<Loop>> what;
    Range range;
  };
  Parts parts;
};

struct Expression {
  Range range;
  std::variant<Literal, Access, Unary, Binary, Conditional, TupleItems, ObjectItems, For, Call,
               Template>
      node;
};

template <class Node>
Tree make_tree(const Range& range, Node node) {
  return std::make_shared<const Expression>(Expression{range, std::move(node)});
}

/// The whole expression when it is one bare name, such as a keyword or a type; else "".
std::string bare_name(const Expression& expression);

}  // namespace caravan::hcl
