// SPDX-License-Identifier: Apache-2.0
#include "registry/own_check.hpp"

#include <gtest/gtest.h>

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using model::Health;

CheckDefinition ttl() {
  CheckDefinition definition;
  definition.id = "service:web";
  definition.service_id = "web";
  definition.ttl = 10s;
  return definition;
}

TEST(OwnCheck, a_ttl_runs_out_unless_its_owner_is_heard) {
  OwnCheck check(ttl(), 0s);
  EXPECT_EQ(check.status(), Health::critical);
  EXPECT_TRUE(check.note(Health::passing, "fine", 5s));
  EXPECT_FALSE(check.note(Health::passing, "fine", 6s));
  EXPECT_EQ(check.due(), 16s);
  EXPECT_TRUE(check.expire(16s));
  EXPECT_EQ(check.status(), Health::critical);
  EXPECT_EQ(check.output(), "TTL expired");
  EXPECT_FALSE(check.expire(26s));
}

TEST(OwnCheck, words_alone_are_told_once_in_a_while) {
  OwnCheck check(ttl(), 0s);
  EXPECT_TRUE(check.note(Health::passing, "it is 10:01", 1s));
  EXPECT_FALSE(check.note(Health::passing, "it is 10:02", 2s));
  EXPECT_EQ(check.shown("n1").output, "it is 10:02");
  EXPECT_EQ(check.told("n1").output, "it is 10:01");
  EXPECT_TRUE(check.note(Health::passing, "it is 10:06", 301s));
  EXPECT_EQ(check.told("n1").output, "it is 10:06");
  EXPECT_TRUE(check.note(Health::warning, "it is late", 302s));
  EXPECT_EQ(check.told("n1").output, "it is late");
}

TEST(OwnCheck, thresholds_count_results_in_a_row) {
  CheckDefinition definition = ttl();
  definition.kind = CheckKind::tcp;
  definition.interval = 1s;
  definition.success_before_passing = 2;
  definition.failures_before_warning = 2;
  definition.failures_before_critical = 3;
  OwnCheck check(definition, 0s);
  check.note(Health::passing, "", 1s);
  EXPECT_EQ(check.status(), Health::critical);
  check.note(Health::passing, "", 2s);
  EXPECT_EQ(check.status(), Health::passing);
  check.note(Health::critical, "", 3s);
  EXPECT_EQ(check.status(), Health::passing);
  check.note(Health::critical, "", 4s);
  EXPECT_EQ(check.status(), Health::warning);
  check.note(Health::critical, "", 5s);
  EXPECT_EQ(check.status(), Health::critical);
  check.note(Health::passing, "", 6s);
  check.note(Health::critical, "", 7s);
  check.note(Health::passing, "", 8s);
  EXPECT_EQ(check.status(), Health::critical);
}

TEST(OwnCheck, its_service_ends_when_it_was_critical_for_long_enough) {
  CheckDefinition definition = ttl();
  definition.deregister_after = 60s;
  OwnCheck check(definition, 0s);
  check.note(Health::passing, "", 1s);
  check.note(Health::critical, "", 100s);
  EXPECT_FALSE(check.wants_end(159s));
  check.note(Health::critical, "still", 150s);
  EXPECT_TRUE(check.wants_end(160s));
  check.note(Health::warning, "", 161s);
  EXPECT_FALSE(check.wants_end(1000s));
}

}  // namespace
}  // namespace caravan::registry
