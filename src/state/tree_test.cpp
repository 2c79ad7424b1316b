// SPDX-License-Identifier: Apache-2.0
#include "state/tree.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "state/tree_diff.hpp"

namespace caravan::state {
namespace {

std::map<int, int> content(const Tree<int, int>& tree) {
  std::map<int, int> all;
  tree.each([&](int key, int value) { all[key] = value; });
  return all;
}

TEST(Tree, behaves_like_a_map_and_its_copies_do_not_change) {
  std::mt19937 random(7);
  Tree<int, int> tree;
  std::map<int, int> model;
  std::vector<std::pair<Tree<int, int>, std::map<int, int>>> snapshots;
  for (int step = 0; step < 20'000; ++step) {
    const int key = static_cast<int>(random() % 3'000);
    if (random() % 3 == 0) {
      EXPECT_EQ(tree.erase(key), model.erase(key) == 1);
    } else if (random() % 2 == 0) {
      tree.at(key) += step;
      model[key] += step;
    } else {
      tree.put(key, step);
      model[key] = step;
    }
    if (step % 1'000 == 0) snapshots.emplace_back(tree, model);
  }
  EXPECT_EQ(tree.size(), model.size());
  EXPECT_EQ(content(tree), model);
  for (const auto& [snapshot, expected] : snapshots)
    EXPECT_EQ(content(snapshot), expected);
}

TEST(Tree, shrinks_to_nothing) {
  Tree<int, int> tree;
  for (int i = 0; i < 1'000; ++i)
    tree.put(i, i);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_TRUE(tree.erase((i * 7) % 1'000));
  EXPECT_EQ(tree.size(), 0u);
  EXPECT_EQ(tree.find(1), nullptr);
  tree.put(1, 1);
  EXPECT_EQ(*tree.find(1), 1);
}

TEST(Tree, from_begins_at_the_first_key_not_below) {
  Tree<int, int> tree;
  for (int i = 0; i < 500; i += 5)
    tree.put(i, i);
  for (int start = -1; start < 500; ++start) {
    int seen = -1;
    tree.from(start, [&](int key, int) {
      seen = key;
      return false;
    });
    EXPECT_EQ(seen, start > 495 ? -1 : (std::max(start, 0) + 4) / 5 * 5);
  }
}

using Pairs = std::map<int, std::pair<int, int>>;  // key → before, after; -1 = not there

Pairs differences(const Tree<int, int>& before, const Tree<int, int>& after) {
  Pairs found;
  TreeDiff<int, int>::each(before, after, [&](int key, const int* was, const int* is) {
    found[key] = {was ? *was : -1, is ? *is : -1};
  });
  return found;
}

TEST(TreeDiff, names_exactly_what_changed_between_any_two_snapshots) {
  std::mt19937 random(11);
  Tree<int, int> tree;
  std::vector<Tree<int, int>> snapshots(1);
  for (int step = 0; step < 30'000; ++step) {
    const int key = static_cast<int>(random() % 2'000);
    const bool shrinking = step % 10'000 > 6'000;
    if (random() % 10 < (shrinking ? 8u : 2u))
      tree.erase(key);
    else
      tree.put(key, step);
    if (random() % 700 == 0) snapshots.push_back(tree);
  }
  for (const Tree<int, int>& before : snapshots)
    for (const Tree<int, int>& after : snapshots) {
      Pairs expected;
      for (const auto& [key, value] : content(before))
        expected[key] = {value, -1};
      for (const auto& [key, value] : content(after))
        expected.try_emplace(key, -1, -1).first->second.second = value;
      std::erase_if(expected, [](const auto& e) { return e.second.first == e.second.second; });
      ASSERT_EQ(differences(before, after), expected);
    }
}

}  // namespace
}  // namespace caravan::state
