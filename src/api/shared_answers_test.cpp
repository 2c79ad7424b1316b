// SPDX-License-Identifier: Apache-2.0
#include "api/shared_answers.hpp"

#include <gtest/gtest.h>

namespace caravan::api {
namespace {

SharedAnswers::Entry entry(std::uint64_t index, std::string text) {
  return {index, std::make_shared<const http::SharedBody>(std::move(text)), ""};
}

TEST(SharedAnswersTest, AnAnswerIsGivenAgainUntilWhatItShowsHasChanged) {
  SharedAnswers answers;
  answers.put("/v1/jobs", entry(7, "[]"));
  ASSERT_TRUE(answers.find("/v1/jobs", 7).body);
  EXPECT_EQ(answers.find("/v1/jobs", 7).body->plain(), "[]");
  EXPECT_FALSE(answers.find("/v1/jobs", 8).body);
  EXPECT_FALSE(answers.find("/v1/nodes", 7).body);
}

TEST(SharedAnswersTest, TheNewerAnswerTakesThePlaceOfTheOlderOne) {
  SharedAnswers answers;
  answers.put("a", entry(1, "one"));
  answers.put("a", entry(2, "two"));
  EXPECT_FALSE(answers.find("a", 1).body);
  EXPECT_EQ(answers.find("a", 2).body->plain(), "two");
}

TEST(SharedAnswersTest, TheyTakeNoMoreThanTheirBytes) {
  SharedAnswers answers;
  const std::string half(SharedAnswers::bytes_max / 2, 'x');
  answers.put("a", entry(1, half));
  answers.put("b", entry(1, half));
  EXPECT_FALSE(answers.find("a", 1).body);
  EXPECT_TRUE(answers.find("b", 1).body);
  answers.put("c", entry(1, half + half));  // too large to be kept at all
  EXPECT_TRUE(answers.find("b", 1).body);
  EXPECT_FALSE(answers.find("c", 1).body);
}

TEST(SharedAnswersTest, AManyTimesReplacedAnswerCountsOnce) {
  SharedAnswers answers;
  const std::string third(SharedAnswers::bytes_max / 3, 'x');
  answers.put("kept", entry(1, "kept"));
  for (std::uint64_t index = 1; index < 10; ++index)
    answers.put("a", entry(index, third));
  EXPECT_TRUE(answers.find("kept", 1).body);
}

}  // namespace
}  // namespace caravan::api
