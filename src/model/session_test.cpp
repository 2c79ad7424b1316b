// SPDX-License-Identifier: Apache-2.0
#include "model/session.hpp"

#include <gtest/gtest.h>

#include "model/kv.hpp"

namespace caravan::model {
namespace {

std::string complaint_of_ttl(std::string ttl) {
  Session session;
  session.ttl = std::move(ttl);
  return session_complaint(session);
}

TEST(Session, a_time_to_live_is_none_or_between_ten_seconds_and_a_day) {
  for (const char* fine : {"", "0s", "10s", "24h", "90s"})
    EXPECT_EQ(complaint_of_ttl(fine), "") << fine;
  // The words are those that clients compare.
  EXPECT_EQ(complaint_of_ttl("5s"),
            "Invalid Session TTL '5000000000', must be between [10s=24h0m0s]");
  EXPECT_TRUE(complaint_of_ttl("25h").starts_with("Invalid Session TTL '90000000000000'"));
  EXPECT_TRUE(complaint_of_ttl("soon").starts_with("Session TTL 'soon' invalid: "));
}

TEST(Session, a_lock_delay_is_at_most_a_minute) {
  Session session;
  session.lock_delay = session_lock_delay_max;
  EXPECT_EQ(session_complaint(session), "");
  session.lock_delay += base::Duration(1);
  EXPECT_TRUE(session_complaint(session).starts_with("Invalid lock delay '1m0.000000001s'"));
}

TEST(Session, what_it_depends_on_and_how_it_is_written_have_limits) {
  Session session;
  session.node_checks.assign(65, node_check);
  EXPECT_EQ(session_complaint(session), "Session depends on too many checks: 65 are above 64");
  EXPECT_NE(complaint_of_ttl(std::string(80, '0') + "10s"), "");
}

TEST(Kv, a_key_has_one_byte_to_a_thousand) {
  EXPECT_EQ(kv_key_complaint(""), "Missing key name");
  EXPECT_EQ(kv_key_complaint(std::string(kv_key_max, 'k')), "");
  EXPECT_EQ(kv_key_complaint(std::string(kv_key_max + 1, 'k')),
            "Key name is too long: 1025 bytes are above 1024");
  EXPECT_EQ(kv_key_complaint("//a/\x01/"), "");
}

}  // namespace
}  // namespace caravan::model
