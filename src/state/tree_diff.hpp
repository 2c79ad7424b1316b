// SPDX-License-Identifier: Apache-2.0
// What lies between two snapshots of a map. Subtrees that both share are skipped unseen, so the
// cost follows the number of changes and not the size: what keeps something derived from the state
// (dense arrays, counts) can follow it from snapshot to snapshot.
#pragma once

#include "state/tree.hpp"

namespace caravan::state {

template <class Key, class Value>
class TreeDiff {
 public:
  /// Calls `visit(key, before, after)` in order for every key whose value differs; the side that
  /// does not have the key is null.
  template <class Visit>
  static void each(const Tree<Key, Value>& before, const Tree<Key, Value>& after, Visit visit) {
    Cursor a(before.root_), b(after.root_);
    while (a.node && b.node) {
      if (a.node == b.node && a.at_start() && b.at_start()) {
        a.skip();
        b.skip();
      } else if (a.height > b.height) {
        a.descend();
      } else if (b.height > a.height) {
        b.descend();
      } else if (a.height > 0) {
        a.descend();
        b.descend();
      } else {
        step(a, b, visit);
      }
    }
    for (; a.node; a.next())
      if (a.to_leaf()) visit(a.key(), &a.value(), static_cast<const Value*>(nullptr));
    for (; b.node; b.next())
      if (b.to_leaf()) visit(b.key(), static_cast<const Value*>(nullptr), &b.value());
  }

 private:
  using Node = typename Tree<Key, Value>::Node;

  /// A place in the map: before a subtree that was not entered yet, or at an entry of a leaf.
  struct Cursor {
    explicit Cursor(const Node* root) : node(root) {
      for (const Node* n = root; n && !n->is_leaf(); n = n->children[0])
        ++height;
    }
    bool at_start() const { return height > 0 || index == 0; }
    const Key& key() const { return node->keys[index]; }
    const Value& value() const { return node->values[index]; }
    void descend() {
      above.emplace_back(node, 0);
      node = node->children[0];
      --height;
    }
    bool to_leaf() {
      while (height > 0)
        descend();
      return true;
    }
    void next() {
      if (++index == node->keys.size()) skip();
    }
    /// Past this whole subtree.
    void skip() {
      index = 0;
      for (; !above.empty(); above.pop_back()) {
        auto& [parent, child] = above.back();
        ++height;
        if (++child == parent->children.size()) continue;
        node = parent->children[child];
        --height;
        return;
      }
      node = nullptr;
    }

    const Node* node;
    std::size_t height = 0, index = 0;
    std::vector<std::pair<const Node*, std::size_t>> above;
  };

  template <class Visit>
  static void step(Cursor& a, Cursor& b, Visit& visit) {
    if (a.key() < b.key()) {
      visit(a.key(), &a.value(), static_cast<const Value*>(nullptr));
      a.next();
    } else if (b.key() < a.key()) {
      visit(b.key(), static_cast<const Value*>(nullptr), &b.value());
      b.next();
    } else {
      if (a.value() != b.value()) visit(a.key(), &a.value(), &b.value());
      a.next();
      b.next();
    }
  }
};

}  // namespace caravan::state
