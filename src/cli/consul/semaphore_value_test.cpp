// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/semaphore_value.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace caravan::cli::consul {
namespace {

json::Value entry(const char* key, std::uint64_t flags, const char* value, const char* session) {
  json::Object row{{"Key", key},
                   {"Flags", flags},
                   {"Value", base::base64_encode(value)},
                   {"ModifyIndex", 7}};
  if (*session) row["Session"] = session;
  return row;
}

json::Value contender(const char* key, const char* session) {
  return entry(key, semaphore_flags, "", session);
}

json::Value lock(const char* value) { return entry("p/.lock", semaphore_flags, value, ""); }

std::string refusal(const json::Array& rows, int limit) {
  const auto value = semaphore_value(rows, "p/.lock", limit);
  return value ? "" : value.error().message;
}

TEST(SemaphoreValue, NothingUnderThePrefixIsAFreeOne) {
  const auto value = semaphore_value({}, "p/.lock", 3);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->limit, 3);
  EXPECT_TRUE(value->holders.empty());
  EXPECT_EQ(value->index, 0);
}

TEST(SemaphoreValue, AHolderWhoseSessionHasEndedHasNoPlace) {
  const auto value = semaphore_value({lock(R"({"Limit":2,"Holders":{"a":true,"b":true,"c":true}})"),
                                      contender("p/a", "a"), contender("p/b", ""),
                                      contender("p/c", "another")},
                                     "p/.lock", 2);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->holders, std::set<std::string>{"a"});
  EXPECT_EQ(value->index, 7);
}

TEST(SemaphoreValue, HoldersMayBeAListAsInTheGuide) {
  const auto value = semaphore_value(
      {lock(R"({"Limit":2,"Holders":["a"]})"), contender("p/a", "a")}, "p/.lock", 2);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->holders, std::set<std::string>{"a"});
}

TEST(SemaphoreValue, AllWhoUseAPrefixSayTheSameLimit) {
  EXPECT_EQ(refusal({lock(R"({"Limit":3,"Holders":{}})")}, 2),
            "p/.lock is for 3 holders, and -n says 2: all who use a prefix have to say the same");
}

TEST(SemaphoreValue, AnotherKindOfLockIsNotTakenForOne) {
  EXPECT_TRUE(refusal({entry("p/.lock", 0x2ddccbc058a50c18, "", "a")}, 2).contains("is no semaphore"));
  EXPECT_TRUE(refusal({lock("mine")}, 2).contains("not that of a semaphore"));
}

TEST(SemaphoreValue, OnlyItsOwnContendersAreClearedAway) {
  const json::Array rows{lock(R"({"Limit":2,"Holders":{}})"), contender("p/a", "a"),
                         contender("p/b", ""), entry("p/data", 0, "mine", "")};
  const auto dead = dead_contenders(rows, "p/.lock");
  ASSERT_EQ(dead.size(), 1);
  EXPECT_EQ(dead[0]->text_at("Key"), "p/b");
}

TEST(SemaphoreValue, ItIsWrittenAsItIsRead) {
  SemaphoreValue value{.limit = 2, .holders = {"a", "b"}};
  EXPECT_EQ(to_text(value), R"({"Limit":2,"Holders":{"a":true,"b":true}})");
}

}  // namespace
}  // namespace caravan::cli::consul
