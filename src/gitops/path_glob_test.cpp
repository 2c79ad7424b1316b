// SPDX-License-Identifier: Apache-2.0
#include "gitops/path_glob.hpp"

#include <gtest/gtest.h>

#include <string>

namespace caravan::gitops {
namespace {

TEST(PathGlob, fits_names_and_folders) {
  EXPECT_TRUE(path_fits("**/*.nomad", "web.nomad"));
  EXPECT_TRUE(path_fits("**/*.nomad", "jobs/prod/web.nomad"));
  EXPECT_TRUE(path_fits("./**/*.nomad", "jobs/web.nomad"));
  EXPECT_TRUE(path_fits("jobs/**", "jobs/a/b"));
  EXPECT_TRUE(path_fits("jobs/**/x/**/*.hcl", "jobs/x/a.hcl"));
  EXPECT_TRUE(path_fits("jobs/**/x/**/*.hcl", "jobs/1/x/2/3/a.hcl"));
  EXPECT_TRUE(path_fits("a?c*", "abcdef"));
  EXPECT_FALSE(path_fits("*.nomad", "jobs/web.nomad"));
  EXPECT_FALSE(path_fits("**/*.nomad", "web.nomad.hcl"));
  EXPECT_FALSE(path_fits("jobs/*/web.nomad", "jobs/a/b/web.nomad"));
  EXPECT_FALSE(path_fits("a?c", "ac"));
  EXPECT_FALSE(path_fits("", "a"));
}

TEST(PathGlob, takes_no_longer_for_hostile_patterns) {
  std::string pattern, path;
  for (int i = 0; i < 200; ++i)
    pattern += "**/", path += "a/";
  EXPECT_FALSE(path_fits(pattern + "x", path + "y"));
  EXPECT_FALSE(path_fits(std::string(2000, '*') + "x", std::string(5000, 'a')));
}

}  // namespace
}  // namespace caravan::gitops
