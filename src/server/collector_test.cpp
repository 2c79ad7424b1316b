// SPDX-License-Identifier: Apache-2.0
#include "server/collector.hpp"

#include <gtest/gtest.h>

namespace caravan::server {
namespace {

TEST(ExpiredTokens, go_some_time_after_their_end) {
  state::Store store;
  model::AclToken token;
  token.accessor.bytes[15] = 1;
  token.secret_digest = "one";
  token.expiration_time_ns = base::Instant::from_seconds(1'000).unix_ns;
  model::AclToken eternal = token;
  eternal.accessor.bytes[15] = 2;
  eternal.secret_digest = "two";
  eternal.expiration_time_ns = 0;
  const wire::UpsertAclTokens command{.tokens = {token, eternal}};
  (void)store.apply(1, wire::encode_command({.time_ns = 1, .body = command}));
  const auto count = [&](std::int64_t seconds, bool force) {
    return expired_tokens(*store.snapshot(), CollectorConfig(),
                          base::Instant::from_seconds(seconds), force)
        .accessors.size();
  };
  EXPECT_EQ(count(1'000, false), 0u);
  EXPECT_EQ(count(1'000 + 3'600, false), 1u);
  EXPECT_EQ(count(999, true), 0u);
  EXPECT_EQ(count(1'000, true), 1u);
}

}  // namespace
}  // namespace caravan::server
