// SPDX-License-Identifier: Apache-2.0
// An ordered map whose copies are snapshots: a B+tree with reference-counted nodes. Copying the map
// copies one pointer; a later write copies the nodes on its path that others still see, and changes
// in place those that only this map holds. One writer; any number of readers of other copies, on
// any thread.
//
// Nodes are not merged when they shrink, only dropped when empty: tables here grow and turn over,
// and a sparse leaf costs less than the code that would fill it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace caravan::state {

template <class Key, class Value>
class TreeDiff;

template <class Key, class Value>
class Tree {
  friend class TreeDiff<Key, Value>;
  struct Node;

 public:
  Tree() = default;
  Tree(const Tree& other) : root_(other.root_), size_(other.size_) { retain(root_); }
  Tree(Tree&& other) noexcept
      : root_(std::exchange(other.root_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Tree& operator=(Tree other) noexcept {
    std::swap(root_, other.root_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Tree() { release(root_); }

  std::size_t size() const { return size_; }

  /// The value under the key, or null. Valid until this map changes or goes.
  const Value* find(const Key& key) const {
    const Node* node = root_;
    if (!node) return nullptr;
    while (!node->is_leaf())
      node = node->children[child_index(*node, key)];
    const auto at = std::lower_bound(node->keys.begin(), node->keys.end(), key);
    if (at == node->keys.end() || key < *at) return nullptr;
    return &node->values[static_cast<std::size_t>(at - node->keys.begin())];
  }

  /// Adds, or replaces what the key had.
  void put(const Key& key, Value value) {
    if (!root_) root_ = new Node;
    own(root_);
    if (put_below(root_, key, value)) ++size_;
    if (root_->width() <= width_max) return;
    Node* top = new Node;
    Node* right = split(root_);
    top->keys.push_back(lowest(*right));
    top->children = {root_, right};
    root_ = top;
  }

  /// The value under the key, to be written to; made when there is none. Valid until this map
  /// changes or is copied.
  Value& at(const Key& key) {
    if (!find(key)) put(key, Value());
    Node** node = &root_;
    for (own(*node); !(*node)->is_leaf(); own(*node))
      node = &(*node)->children[child_index(**node, key)];
    const auto found = std::lower_bound((*node)->keys.begin(), (*node)->keys.end(), key);
    return (*node)->values[static_cast<std::size_t>(found - (*node)->keys.begin())];
  }

  /// Whether it was there.
  bool erase(const Key& key) {
    if (!find(key)) return false;
    own(root_);
    erase_below(root_, key);
    --size_;
    while (root_ && !root_->is_leaf() && root_->children.size() == 1) {
      Node* only = root_->children[0];
      retain(only);
      release(root_);
      root_ = only;
    }
    if (root_ && root_->width() == 0) release(std::exchange(root_, nullptr));
    return true;
  }

  /// Calls `visit(key, value)` in order, beginning with the first key not below `from`, for as long
  /// as it returns true.
  template <class Visit>
  void from(const Key& from, Visit visit) const {
    if (root_) visit_from(*root_, &from, visit);
  }
  /// All of it, in order.
  template <class Visit>
  void each(Visit visit) const {
    const auto always = [&](const Key& key, const Value& value) {
      visit(key, value);
      return true;
    };
    if (root_) visit_from(*root_, nullptr, always);
  }

 private:
  // Wide enough that a million entries are four levels deep, narrow enough that copying a node on
  // the write path stays within a few cache lines of pointers.
  static constexpr std::size_t width_max = 32;

  struct Node {
    std::atomic<std::size_t> owners{1};
    std::vector<Key> keys;  // leaf: one per value; inner: keys[i] = lowest key below children[i+1]
    std::vector<Value> values;    // leaf
    std::vector<Node*> children;  // inner

    Node() = default;
    Node(const Node& other) : keys(other.keys), values(other.values), children(other.children) {
      for (Node* child : children)
        retain(child);
    }
    ~Node() {
      for (Node* child : children)
        release(child);
    }
    bool is_leaf() const { return children.empty(); }
    std::size_t width() const { return is_leaf() ? keys.size() : children.size(); }
  };

  static void retain(Node* node) {
    if (node) node->owners.fetch_add(1, std::memory_order_relaxed);
  }
  static void release(Node* node) {
    if (node && node->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete node;
  }
  /// Makes `node` one that only this map sees.
  static void own(Node*& node) {
    if (node->owners.load(std::memory_order_acquire) == 1) return;
    Node* copy = new Node(*node);
    release(node);
    node = copy;
  }
  static std::size_t child_index(const Node& node, const Key& key) {
    return static_cast<std::size_t>(std::upper_bound(node.keys.begin(), node.keys.end(), key) -
                                    node.keys.begin());
  }
  static const Key& lowest(const Node& node) {
    const Node* n = &node;
    while (!n->is_leaf())
      n = n->children[0];
    return n->keys[0];
  }

  static bool put_below(Node* node, const Key& key, Value& value) {
    if (node->is_leaf()) {
      const auto at = std::lower_bound(node->keys.begin(), node->keys.end(), key);
      const auto index = at - node->keys.begin();
      if (at != node->keys.end() && !(key < *at)) {
        node->values[static_cast<std::size_t>(index)] = std::move(value);
        return false;
      }
      make_room(node->keys);
      make_room(node->values);
      node->keys.insert(node->keys.begin() + index, key);
      node->values.insert(node->values.begin() + index, std::move(value));
      return true;
    }
    const std::size_t index = child_index(*node, key);
    Node*& child = node->children[index];
    own(child);
    const bool added = put_below(child, key, value);
    if (child->width() > width_max) {
      Node* right = split(child);
      node->keys.insert(node->keys.begin() + static_cast<std::ptrdiff_t>(index), lowest(*right));
      node->children.insert(node->children.begin() + static_cast<std::ptrdiff_t>(index) + 1, right);
    }
    return added;
  }

  /// A vector grows by half, and never beyond what a node holds: there are millions of them.
  template <class T>
  static void make_room(std::vector<T>& list) {
    if (list.size() < list.capacity()) return;
    list.reserve(std::min(width_max + 1, list.size() + list.size() / 2 + 2));
  }

  /// Moves the upper half of an owned node into a new one.
  static Node* split(Node* node) {
    Node* right = new Node;
    if (node->is_leaf()) {
      const auto half = static_cast<std::ptrdiff_t>(node->keys.size() / 2);
      right->keys.assign(std::make_move_iterator(node->keys.begin() + half),
                         std::make_move_iterator(node->keys.end()));
      right->values.assign(std::make_move_iterator(node->values.begin() + half),
                           std::make_move_iterator(node->values.end()));
      node->keys.erase(node->keys.begin() + half, node->keys.end());
      node->values.erase(node->values.begin() + half, node->values.end());
    } else {
      const auto half = static_cast<std::ptrdiff_t>(node->children.size() / 2);
      right->children.assign(node->children.begin() + half, node->children.end());
      right->keys.assign(std::make_move_iterator(node->keys.begin() + half),
                         std::make_move_iterator(node->keys.end()));
      node->children.erase(node->children.begin() + half, node->children.end());
      node->keys.erase(node->keys.begin() + half - 1, node->keys.end());
    }
    return right;
  }

  static void erase_below(Node* node, const Key& key) {
    if (node->is_leaf()) {
      const auto at = std::lower_bound(node->keys.begin(), node->keys.end(), key);
      node->values.erase(node->values.begin() + (at - node->keys.begin()));
      node->keys.erase(at);
      return;
    }
    const std::size_t index = child_index(*node, key);
    Node*& child = node->children[index];
    own(child);
    erase_below(child, key);
    if (child->width() > 0) return;
    release(child);
    node->children.erase(node->children.begin() + static_cast<std::ptrdiff_t>(index));
    if (!node->keys.empty())
      node->keys.erase(node->keys.begin() +
                       static_cast<std::ptrdiff_t>(index == 0 ? 0 : index - 1));
  }

  template <class Visit>
  static bool visit_from(const Node& node, const Key* from, Visit& visit) {
    if (node.is_leaf()) {
      auto at = node.keys.begin();
      if (from) at = std::lower_bound(node.keys.begin(), node.keys.end(), *from);
      for (; at != node.keys.end(); ++at)
        if (!visit(*at, node.values[static_cast<std::size_t>(at - node.keys.begin())]))
          return false;
      return true;
    }
    for (std::size_t i = from ? child_index(node, *from) : 0; i < node.children.size(); ++i) {
      if (!visit_from(*node.children[i], from, visit)) return false;
      from = nullptr;
    }
    return true;
  }

  Node* root_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace caravan::state
