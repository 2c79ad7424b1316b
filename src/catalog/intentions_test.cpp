// SPDX-License-Identifier: Apache-2.0
#include "catalog/intentions.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::catalog {
namespace {

class IntentionsTest : public testing::Test {
 protected:
  void add(const std::string& source, const std::string& destination, bool allows) {
    const auto before =
        store.snapshot()->config_entry({model::ConfigKind::service_intentions, destination});
    std::vector<model::Intention> all;
    if (before) all = model::intentions_of(*before);
    model::Intention& one = all.emplace_back();
    one.source = source;
    one.destination = destination;
    one.allows = allows;
    one.id.bytes[15] = static_cast<std::uint8_t>(++index);
    wire::PutConfigEntry command{model::entry_of(destination, all, before.get()), {}, {}};
    (void)store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(command)}));
  }
  /// "web>db+", with a minus for what denies.
  static std::string said(const model::Intention& one) {
    return one.source + ">" + one.destination + (one.allows ? "+" : "-");
  }
  static std::vector<std::string> said(const std::vector<model::Intention>& all) {
    std::vector<std::string> words;
    for (const model::Intention& one : all)
      words.push_back(said(one));
    return words;
  }
  std::string decides(const std::string& source, const std::string& destination) {
    const auto one = deciding_intention(*store.snapshot(), source, destination);
    return one ? said(*one) : "";
  }

  state::Store store;
  std::uint64_t index = 0;
};

TEST_F(IntentionsTest, the_most_exact_one_decides) {
  EXPECT_EQ(decides("web", "db"), "");
  add("*", "*", false);
  EXPECT_EQ(decides("web", "db"), "*>*-");
  add("web", "*", true);
  EXPECT_EQ(decides("web", "db"), "web>*+");
  add("*", "db", false);
  EXPECT_EQ(decides("web", "db"), "*>db-") << "a named destination counts before a named source";
  add("web", "db", true);
  EXPECT_EQ(decides("web", "db"), "web>db+");
  EXPECT_EQ(decides("api", "db"), "*>db-");
  EXPECT_EQ(decides("web", "cache"), "web>*+");
  EXPECT_EQ(decides("api", "cache"), "*>*-");
}

TEST_F(IntentionsTest, those_about_a_service_come_in_the_order_in_which_they_count) {
  add("*", "*", false);
  add("web", "*", true);
  add("*", "db", false);
  add("web", "db", true);
  add("api", "cache", true);
  const state::Snapshot tables = store.snapshot();
  using Words = std::vector<std::string>;
  EXPECT_EQ(said(intentions_to(*tables, "db")), (Words{"web>db+", "*>db-", "web>*+", "*>*-"}));
  EXPECT_EQ(said(intentions_from(*tables, "web")), (Words{"web>db+", "*>db-", "web>*+", "*>*-"}));
  EXPECT_EQ(said(intentions_from(*tables, "api")),
            (Words{"api>cache+", "*>db-", "*>*-"}));
  EXPECT_EQ(all_intentions(*tables).size(), 5U);
}

TEST_F(IntentionsTest, one_is_found_by_its_id_and_by_its_ends) {
  add("*", "db", false);
  add("web", "db", true);
  const state::Snapshot tables = store.snapshot();
  base::Uuid id;
  EXPECT_FALSE(intention_of(*tables, id));
  id.bytes[15] = 2;
  EXPECT_EQ(said(*intention_of(*tables, id)), "web>db+");
  EXPECT_EQ(said(*intention_between(*tables, "*", "db")), "*>db-");
  EXPECT_FALSE(intention_between(*tables, "api", "db"));
}

}  // namespace
}  // namespace caravan::catalog
