// SPDX-License-Identifier: Apache-2.0
#include "catalog/query_template.hpp"

#include <gtest/gtest.h>

namespace caravan::catalog {
namespace {

model::PreparedQuery geo() {
  model::PreparedQuery query;
  query.name = "geo-db";
  query.as_template.type = model::query_name_prefix_match;
  query.as_template.regexp = "^geo-db-(.*?)-([^\\-]+?)$";
  query.service.service = "mysql-${match(1)}";
  query.service.tags = {"${match(2)}", "${match(7)}"};
  query.service.near = "${name.prefix}|${name.suffix}|${ name.full }";
  query.service.failover.datacenters = {"dc-${match(1)}"};
  query.service.node_meta = {{"rack", "${match(0)}"}};
  return query;
}

TEST(QueryTemplate, is_filled_in_for_a_name) {
  ASSERT_TRUE(check_query(geo()));
  const model::QueryService asked = rendered(geo(), "geo-db-customer-primary").service;
  EXPECT_EQ(asked.service, "mysql-customer");
  EXPECT_EQ(asked.tags, (std::vector<std::string>{"primary", ""}));
  EXPECT_EQ(asked.near, "geo-db|-customer-primary|geo-db-customer-primary");
  EXPECT_EQ(asked.failover.datacenters, std::vector<std::string>{"dc-customer"});
  EXPECT_EQ(asked.node_meta.at("rack"), "geo-db-customer-primary");
}

TEST(QueryTemplate, empty_tags_go_where_it_says_so) {
  model::PreparedQuery query = geo();
  query.as_template.remove_empty_tags = true;
  EXPECT_EQ(rendered(query, "geo-db-a-b").service.tags, std::vector<std::string>{"b"});
}

TEST(QueryTemplate, what_does_not_match_is_empty) {
  EXPECT_EQ(rendered(geo(), "geo-dbx").service.service, "mysql-");
}

TEST(QueryTemplate, what_comes_in_is_not_filled_in_again) {
  model::PreparedQuery query = geo();
  query.service.service = "${name.suffix}";
  EXPECT_EQ(rendered(query, "geo-db${name.full}").service.service, "${name.full}");
}

TEST(QueryTemplate, what_cannot_be_read_is_refused) {
  model::PreparedQuery query = geo();
  query.as_template.regexp = "(";
  EXPECT_EQ(check_query(query).error().message, "Bad Template.Regexp: missing ): (");
  query = geo();
  query.service.tags = {"${node.name}"};
  EXPECT_EQ(check_query(query).error().message,
            "Bad Template: ${node.name} is none of name.full, name.prefix, name.suffix, match(N)");
  query.service.tags = {"${name.full"};
  EXPECT_EQ(check_query(query).error().message, "Bad Template: ${ without }");
  query.as_template = {};
  EXPECT_TRUE(check_query(query));  // no template: it is only text
}

}  // namespace
}  // namespace caravan::catalog
