// SPDX-License-Identifier: Apache-2.0
#include "cli/debug_bundle.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"

namespace caravan::cli {
namespace {

json::Value index_of(const DebugBundle& bundle) {
  return json::parse(bundle.files({}).at("b/index.json")).value();
}

TEST(DebugBundle, has_its_files_in_a_folder_and_an_index_of_them) {
  DebugBundle bundle("b");
  bundle.add("server/s1/monitor.log", "one\n");
  bundle.add("server/s1/monitor.log", "two\n");
  bundle.miss("client/n1", "it hung up");
  const consensus::Files files = bundle.files({{"Duration", "2m"}});
  EXPECT_EQ(files.at("b/server/s1/monitor.log"), "one\ntwo\n");
  const json::Value index = json::parse(files.at("b/index.json")).value();
  EXPECT_EQ(*index.at("Duration").as_string(), "2m");
  EXPECT_EQ(*index.at("Files").at("server/s1/monitor.log").as_int(), 8);
  EXPECT_EQ(*index.at("Missing").as_array()->front().at("Error").as_string(), "it hung up");
  EXPECT_TRUE(index.at("CutOff").as_array()->empty());
}

TEST(DebugBundle, a_file_and_all_of_them_have_a_limit_and_the_index_says_what_was_cut) {
  DebugBundle bundle("b");
  const std::string much(DebugBundle::file_bytes_max - 1, 'x');
  bundle.add("a", much);
  bundle.add("a", "12");
  bundle.add("a", "3");
  EXPECT_EQ(bundle.files({}).at("b/a").size(), DebugBundle::file_bytes_max);
  EXPECT_EQ(index_of(bundle).at("CutOff").as_array()->size(), 1u);
  for (int i = 0; i < 8; ++i)
    bundle.add("more" + std::to_string(i), much);
  std::size_t all = 0;
  for (const auto& [name, content] : bundle.files({}))
    if (name != "b/index.json") all += content.size();
  EXPECT_EQ(all, DebugBundle::all_bytes_max);
}

TEST(DebugBundle, names_of_others_are_made_harmless) {
  EXPECT_EQ(file_part("web-1.eu_x"), "web-1.eu_x");
  EXPECT_EQ(file_part("../../etc/passwd"), "_._.._etc_passwd");
  EXPECT_EQ(file_part(".."), "_.");
  EXPECT_EQ(file_part(""), "_");
  EXPECT_EQ(file_part(std::string(500, 'a')).size(), 40u);
  EXPECT_EQ(comma_list(" a, ,b,"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace caravan::cli
