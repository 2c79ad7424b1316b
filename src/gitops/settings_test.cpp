// SPDX-License-Identifier: Apache-2.0
#include "gitops/settings.hpp"

#include <gtest/gtest.h>

namespace caravan::gitops {
namespace {

using namespace std::chrono_literals;

TEST(Settings, come_from_the_items_of_a_variable) {
  const auto s = settings_from({{"url", "https://git.example/infra.git"},
                                {"branch", "prod"},
                                {"delete", "false"},
                                {"interval", "1m"},
                                {"password", "p"}});
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->branch, "prod");
  EXPECT_FALSE(s->prune);
  EXPECT_EQ(s->interval, 1min);
  EXPECT_EQ(s->path, "**/*.nomad");
}

TEST(Settings, what_is_wrong_is_named) {
  const auto said = [](std::map<std::string, std::string> items) {
    const auto s = settings_from(items);
    return s ? "" : s.error().message;
  };
  EXPECT_EQ(said({}), "either url (of a git repository) or folder (of files) is needed");
  EXPECT_EQ(said({{"url", "u"}, {"folder", "/f"}}),
            "either url (of a git repository) or folder (of files) is needed");
  EXPECT_NE(said({{"url", "--upload-pack=touch /tmp/x"}}), "");
  EXPECT_NE(said({{"url", "ext::sh -c id"}}), "");
  EXPECT_NE(said({{"url", "https://x/y"}, {"branch", "-x"}}), "");
  EXPECT_NE(said({{"url", "https://x/y"}, {"branch", "a b"}}), "");
  EXPECT_EQ(said({{"url", "/x"}, {"interval", "10ms"}}), "interval: at least 1s");
  EXPECT_EQ(said({{"url", "/x"}, {"delete", "yes"}}), "delete: true or false, not \"yes\"");
  EXPECT_EQ(said({{"url", "/x"}, {"colour", "red"}}), "\"colour\" is nothing that gitops knows");
  EXPECT_EQ(said({{"url", "git@git.example:infra.git"}}), "");
}

TEST(Settings, show_no_password) {
  Settings s;
  s.url = "https://me:secret@git.example/infra.git";
  EXPECT_EQ(shown_source(s), "https://git.example/infra.git");
}

}  // namespace
}  // namespace caravan::gitops
