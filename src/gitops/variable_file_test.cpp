// SPDX-License-Identifier: Apache-2.0
#include "gitops/variable_file.hpp"

#include <gtest/gtest.h>

namespace caravan::gitops {
namespace {

TEST(VariableFile, has_a_path_and_items) {
  const auto file = parse_variable_file("path: nomad/jobs/web\nitems:\n  user: me\n  port: 80\n");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->ns, "default");
  EXPECT_EQ(file->path, "nomad/jobs/web");
  EXPECT_EQ(file->items, (Items{{"user", "me"}, {"port", "80"}}));
}

TEST(VariableFile, what_is_wrong_is_named) {
  EXPECT_FALSE(parse_variable_file("- a"));
  EXPECT_FALSE(parse_variable_file("path: [a"));
  EXPECT_EQ(parse_variable_file("items: {a: b}").error().message, "path is missing");
  EXPECT_EQ(parse_variable_file("path: a").error().message, "items is missing");
  EXPECT_EQ(parse_variable_file("path: a\nitems: {}").error().message, "items: there is none");
  EXPECT_FALSE(parse_variable_file("path: a\nitems: {b: [1]}"));
  EXPECT_FALSE(parse_variable_file("path: a\nitems: {nomoporator: x}"));
  EXPECT_FALSE(parse_variable_file("path: a\nitem: {b: c}"));
}

TEST(Merged, keeps_what_others_wrote) {
  const Items after = merged({{"theirs", "1"}}, {{"ours", "2"}}, true);
  EXPECT_EQ(after, (Items{{"theirs", "1"}, {"ours", "2"}, {"nomoporator", "ours"}}));
  EXPECT_EQ(merged(after, {{"ours", "2"}}, true), after);  // nothing to write
}

TEST(Merged, takes_away_what_the_repository_no_longer_has) {
  const Items before = {{"theirs", "1"}, {"a", "2"}, {"b", "3"}, {"nomoporator", "a,b"}};
  EXPECT_EQ(merged(before, {{"a", "2"}}, true), (Items{{"theirs", "1"},
                                                       {"a", "2"},
                                                       {"nomoporator", "a"},
                                                       {"nomoporatorOldKeys", "a,b"}}));
  EXPECT_EQ(merged(before, {{"a", "2"}}, false), before);
  EXPECT_EQ(merged(before, {}, true), (Items{{"theirs", "1"}}));
  EXPECT_EQ(merged({{"a", "2"}, {"nomoporator", "a"}}, {}, true), Items());
}

}  // namespace
}  // namespace caravan::gitops
