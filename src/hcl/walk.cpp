// SPDX-License-Identifier: Apache-2.0
#include "hcl/walk.hpp"

namespace caravan::hcl {
namespace {

class Walker {
 public:
  explicit Walker(const OnReference& visit) : visit_(visit) {}

  void tree(const Tree& tree) {
    if (tree) std::visit([&](const auto& node) { walk(node, tree->range); }, tree->node);
  }

 private:
  void walk(const Literal&, const Range&) {}
  void walk(const Access& node, const Range& range) {
    if (node.base) {
      tree(node.base);
    } else {
      const auto* first =
          node.steps.empty() ? nullptr : std::get_if<Access::Attribute>(&node.steps[0].what);
      visit_({node.root, first == nullptr ? "" : std::string_view(first->name), range});
    }
    for (const Access::Step& step : node.steps)
      if (const auto* index = std::get_if<Access::Index>(&step.what)) tree(index->key);
  }
  void walk(const Unary& node, const Range&) { tree(node.operand); }
  void walk(const Binary& node, const Range&) {
    tree(node.left);
    tree(node.right);
  }
  void walk(const Conditional& node, const Range&) {
    tree(node.condition);
    tree(node.when_true);
    tree(node.when_false);
  }
  void walk(const TupleItems& node, const Range&) {
    for (const Tree& item : node.items) tree(item);
  }
  void walk(const ObjectItems& node, const Range&) {
    for (const ObjectItem& item : node.items) {
      tree(item.key);
      tree(item.value);
    }
  }
  void walk(const For& node, const Range&) {
    tree(node.collection);
    tree(node.key);
    tree(node.value);
    tree(node.condition);
  }
  void walk(const Call& node, const Range&) {
    for (const Tree& argument : node.arguments) tree(argument);
  }
  void walk(const Template& node, const Range&) { parts(node.parts); }
  void parts(const Template::Parts& list) {
    for (const Template::Part& part : list) {
      if (const auto* value = std::get_if<Tree>(&part.what)) {
        tree(*value);
      } else if (const auto* choice = std::get_if<std::shared_ptr<Template::If>>(&part.what)) {
        tree((*choice)->condition);
        parts((*choice)->when_true);
        parts((*choice)->when_false);
      } else if (const auto* loop = std::get_if<std::shared_ptr<Template::Loop>>(&part.what)) {
        tree((*loop)->collection);
        parts((*loop)->body);
      }
    }
  }

  const OnReference& visit_;
};

}  // namespace

void for_each_reference(const Expression& expression, const OnReference& visit) {
  // The walker wants shared trees; this one borrows.
  Walker(visit).tree(Tree(Tree(), &expression));
}

void for_each_reference(const Body& body, const OnReference& visit) {
  for (const Attribute& attribute : body.attributes) for_each_reference(*attribute.value, visit);
  for (const Block& block : body.blocks) for_each_reference(*block.body, visit);
}

}  // namespace caravan::hcl
