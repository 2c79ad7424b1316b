// SPDX-License-Identifier: Apache-2.0
#include "registry/journal.hpp"

#include <gtest/gtest.h>

namespace caravan::registry {
namespace {

KeptChanges one(const std::string& id) {
  KeptChange change;
  change.services.emplace_back().id = id;
  change.checks.emplace_back().definition.id = "check-of-" + id;
  change.checks.back().definition.service_id = id;
  return {{change}, {}};
}

TEST(Journal, what_was_cut_off_at_the_end_was_never_acknowledged) {
  const std::string first = framed(one("a")), both = first + framed(one("b"));
  for (std::size_t cut = first.size(); cut < both.size(); ++cut) {
    const auto read = read_frames(both.substr(0, cut));
    ASSERT_TRUE(read) << cut;
    EXPECT_EQ(read->changes.size(), 1u);
    EXPECT_EQ(read->end, first.size());
  }
  EXPECT_EQ(read_frames(both)->changes.size(), 2u);
  EXPECT_EQ(read_frames(first + std::string(100, '\0'))->end, first.size());
}

TEST(Journal, damage_before_what_was_acknowledged_is_told) {
  std::string both = framed(one("a")) + framed(one("b"));
  both[14] = static_cast<char>(both[14] ^ 1);
  EXPECT_FALSE(read_frames(both));
}

TEST(Journal, changes_are_made_in_their_order) {
  KeptChange gone;
  gone.gone_service = "a";
  KeptChange less;
  less.gone_checks = {"check-of-b"};
  const Kept kept = after({}, {one("a").all[0], one("b").all[0], gone, less, one("c").all[0]});
  ASSERT_EQ(kept.services.size(), 2u);
  EXPECT_EQ(kept.services[0].id, "b");
  EXPECT_EQ(kept.services[1].id, "c");
  ASSERT_EQ(kept.checks.size(), 1u);
  EXPECT_EQ(kept.checks[0].definition.id, "check-of-c");
}

}  // namespace
}  // namespace caravan::registry
