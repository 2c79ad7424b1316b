// SPDX-License-Identifier: Apache-2.0
#include "model/prepared_query.hpp"

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

PreparedQuery web() {
  PreparedQuery query;
  query.service.service = "web";
  return query;
}

TEST(PreparedQuery, asks_for_a_service) {
  EXPECT_EQ(prepared_query_complaint(PreparedQuery()), "Must provide a Service name to query");
  EXPECT_EQ(prepared_query_complaint(web()), "");
}

TEST(PreparedQuery, is_refused_with_a_reason) {
  PreparedQuery query = web();
  query.service.failover.nearest_n = -1;
  EXPECT_EQ(prepared_query_complaint(query), "Bad NearestN '-1', must be >= 0");
  query = web();
  query.dns.ttl = "soon";
  EXPECT_TRUE(prepared_query_complaint(query).starts_with("Bad DNS TTL 'soon': "));
  query.dns.ttl = "-1s";
  EXPECT_EQ(prepared_query_complaint(query), "DNS TTL '-1s', must be >=0");
  query = web();
  query.name = "8f246b77-f3e1-ff88-5b48-8ec93abf3e05";
  EXPECT_TRUE(prepared_query_complaint(query).ends_with("looks like the id of a query"));
  query = web();
  query.token = "<hidden>";
  EXPECT_TRUE(prepared_query_complaint(query).starts_with("Bad Token '<hidden>'"));
  query = web();
  query.service.tags.assign(query_texts_max + 1, "t");
  EXPECT_EQ(prepared_query_complaint(query), "Service.Tags has too many: 65 are above 64");
}

TEST(PreparedQuery, is_a_template_of_one_type_only) {
  PreparedQuery query = web();
  query.as_template.regexp = "x";
  EXPECT_EQ(prepared_query_complaint(query),
            "Template.Regexp and Template.RemoveEmptyTags need a Template.Type");
  query.as_template.type = "suffix";
  EXPECT_EQ(prepared_query_complaint(query),
            "Bad Template.Type 'suffix': only 'name_prefix_match' is known");
  query.as_template.type = query_name_prefix_match;
  EXPECT_EQ(prepared_query_complaint(query), "");
}

}  // namespace
}  // namespace caravan::model
