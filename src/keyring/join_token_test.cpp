// SPDX-License-Identifier: Apache-2.0
#include "keyring/join_token.hpp"

#include <gtest/gtest.h>

namespace caravan::keyring {
namespace {

JoinToken sample() {
  return {true, {1'795'184'015'000'000'000}, std::string(16, 'a'), std::string(4, 'n')};
}

TEST(JoinToken, says_what_it_is_for) {
  const std::string text = mint(sample(), "secret");
  const auto read = read_join_token(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->is_server);
  EXPECT_EQ(read->expires.unix_ns, sample().expires.unix_ns);
  EXPECT_EQ(read->authority, sample().authority);
  EXPECT_TRUE(is_genuine(text, "secret"));
  EXPECT_FALSE(is_genuine(text, "another"));
}

TEST(JoinToken, every_changed_letter_is_noticed) {
  const std::string text = mint(sample(), "secret");
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(is_genuine(changed, "secret")) << i;
  }
}

TEST(JoinToken, what_is_none) {
  for (const char* text :
       {"", "caravan-join-", "caravan-join-!!!!", "hello", "caravan-join-AAAA"}) {
    EXPECT_FALSE(read_join_token(text)) << text;
    EXPECT_FALSE(is_genuine(text, "secret")) << text;
  }
  EXPECT_FALSE(read_join_token("caravan-join-" + std::string(10'000, 'A')));
}

}  // namespace
}  // namespace caravan::keyring
