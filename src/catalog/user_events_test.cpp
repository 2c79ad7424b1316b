// SPDX-License-Identifier: Apache-2.0
#include "catalog/user_events.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::catalog {
namespace {

class UserEventsTest : public ::testing::Test {
 protected:
  UserEventsTest() {
    wire::ChangeCatalog change;
    wire::CatalogPut& put = change.put.emplace_back();
    put.node.name = "Web-1";
    model::CatalogService& web = put.services.emplace_back();
    web.id = web.name = "web";
    web.tags = {"v1"};
    model::CatalogService& db = put.services.emplace_back();
    db.id = db.name = "db";
    db.tags = {"primary"};
    (void)store_.apply(1, wire::encode_command({.time_ns = 1, .body = std::move(change)}));
  }
  bool hears(std::string node, std::string service, std::string tag) {
    model::UserEvent event;
    event.name = "deploy";
    event.node_filter = std::move(node);
    event.service_filter = std::move(service);
    event.tag_filter = std::move(tag);
    EXPECT_TRUE(check_event(event));
    const state::Snapshot tables = store_.snapshot();
    return Hearing(*tables, patterns_, "Web-1").hears(event);
  }

  state::Store store_;
  Patterns patterns_;
};

TEST_F(UserEventsTest, without_filters_all_hear) { EXPECT_TRUE(hears("", "", "")); }

TEST_F(UserEventsTest, filters_are_expressions_that_match_anywhere) {
  EXPECT_TRUE(hears("eb", "", ""));
  EXPECT_FALSE(hears("^db", "", ""));
  EXPECT_TRUE(hears("^Web-[0-9]$", "^web$", ""));
  EXPECT_FALSE(hears("", "^we$", ""));
}

TEST_F(UserEventsTest, the_service_itself_has_to_have_the_tag) {
  EXPECT_TRUE(hears("", "web|db", "^primary$"));
  EXPECT_FALSE(hears("", "web", "primary"));
}

TEST_F(UserEventsTest, what_is_known_of_filters_is_still_right_after_many) {
  for (int i = 0; i < 2'500; ++i)
    EXPECT_EQ(hears(std::to_string(i), "", ""), i == 1) << i;
  EXPECT_TRUE(hears("Web-1", "", ""));
  EXPECT_FALSE(patterns_.find("(").has_value());
  EXPECT_FALSE(patterns_.find("(").has_value());
}

TEST_F(UserEventsTest, a_filter_that_is_too_large_to_compile_is_refused) {
  model::UserEvent event;
  event.name = "deploy";
  event.node_filter = "\\pL{200}";
  EXPECT_EQ(check_event(event).error().message,
            "Invalid node filter: pattern too large - compile failed");
}

TEST_F(UserEventsTest, a_filter_that_is_no_expression_is_refused) {
  model::UserEvent event;
  event.name = "deploy";
  event.service_filter = "web(";
  EXPECT_EQ(check_event(event).error().message, "Invalid service filter: missing ): web(");
}

}  // namespace
}  // namespace caravan::catalog
