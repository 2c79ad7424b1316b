// SPDX-License-Identifier: Apache-2.0
#include "server/session_clock.hpp"

#include <gtest/gtest.h>

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

class SessionClockTest : public testing::Test {
 protected:
  SessionClockTest() { tables.sessions.put(session()->id, session()); }
  static state::Ref<model::Session> session(std::string ttl = "10s") {
    auto session = std::make_shared<model::Session>();
    session->id.bytes[0] = 1;
    session->ttl = std::move(ttl);
    return session;
  }
  /// Looks at every interval until `until`, and says whether the session was over then.
  bool is_over_at(base::Duration until) {
    std::vector<base::Uuid> over;
    for (; uptime <= until; uptime += session_look_interval)
      over = clock.look(tables, uptime);
    return !over.empty();
  }

  state::Tables tables;
  SessionClock clock;
  base::Duration uptime{100s};
};

TEST_F(SessionClockTest, twice_its_time_begins_when_it_is_first_seen) {
  EXPECT_FALSE(is_over_at(119s));
  EXPECT_TRUE(is_over_at(120s));
}

TEST_F(SessionClockTest, a_renewal_begins_anew) {
  EXPECT_FALSE(is_over_at(115s));
  clock.renew(*session(), uptime);
  EXPECT_FALSE(is_over_at(135s));
  EXPECT_TRUE(is_over_at(136s));
}

TEST_F(SessionClockTest, a_new_leader_lets_the_whole_time_pass) {
  EXPECT_FALSE(is_over_at(119s));
  clock.clear();
  EXPECT_FALSE(is_over_at(139s));
  EXPECT_TRUE(is_over_at(140s));
}

TEST_F(SessionClockTest, time_in_which_nobody_looked_does_not_count) {
  EXPECT_FALSE(is_over_at(119s));
  uptime += 1h;
  EXPECT_FALSE(is_over_at(1h + 119s));
  EXPECT_TRUE(is_over_at(1h + 121s));
}

TEST_F(SessionClockTest, without_a_time_to_live_it_lives) {
  tables.sessions.put(session()->id, session(""));
  EXPECT_FALSE(is_over_at(1000s));
}

TEST_F(SessionClockTest, what_has_ended_is_forgotten) {
  EXPECT_TRUE(is_over_at(120s));
  tables.sessions.erase(session()->id);
  EXPECT_FALSE(is_over_at(130s));
}

}  // namespace
}  // namespace caravan::server
