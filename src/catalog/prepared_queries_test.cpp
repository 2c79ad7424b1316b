// SPDX-License-Identifier: Apache-2.0
#include "catalog/prepared_queries.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::catalog {
namespace {

using model::Health;

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

class PreparedQueriesTest : public ::testing::Test {
 protected:
  PreparedQueriesTest() {
    wire::ChangeCatalog change;
    add(change, "n1", "v1", Health::passing);
    add(change, "n2", "v2", Health::warning);
    add(change, "n3", "v1", Health::critical);
    apply(change);
  }
  static void add(wire::ChangeCatalog& change, const std::string& node, const std::string& tag,
                  Health health) {
    wire::CatalogPut& put = change.put.emplace_back();
    put.node.name = node;
    put.node.meta = {{"rack", node}};
    model::CatalogService& web = put.services.emplace_back();
    web.id = web.name = "web";
    web.tags = {tag};
    web.meta = {{"on", node}};
    model::CatalogCheck& check = put.checks.emplace_back();
    check.id = "http";
    check.service_id = "web";
    check.status = health;
  }
  void apply(wire::AnyCommand body) {
    (void)store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void add_query(std::uint8_t n, const std::string& name, const std::string& service,
                 bool is_template) {
    wire::UpsertPreparedQuery command;
    command.is_new = true;
    command.query.id = id(n);
    command.query.name = name;
    command.query.service.service = service;
    if (is_template) command.query.as_template.type = model::query_name_prefix_match;
    apply(command);
  }
  /// The service that it asks for, "" when there is none.
  std::string found(const std::string& name) {
    const state::Snapshot tables = store_.snapshot();
    const auto query = find_query(*tables, name);
    return query ? query->service.service : "";
  }
  std::vector<std::string> nodes(const model::QueryService& query) {
    const state::Snapshot tables = store_.snapshot();
    std::vector<std::string> names;
    for (const Instance& instance : selected(*tables, query))
      names.push_back(instance.node->name);
    return names;
  }
  using Names = std::vector<std::string>;

  state::Store store_;
  std::uint64_t index_ = 0;
};

TEST_F(PreparedQueriesTest, a_name_comes_before_templates_and_the_longest_of_these_counts) {
  add_query(1, "Geo-Db", "exact", false);
  add_query(2, "geo-", "${name.suffix}", true);
  add_query(3, "", "any-${name.full}", true);
  EXPECT_EQ(found("geo-db"), "exact");
  EXPECT_EQ(found("GEO-web"), "web");
  EXPECT_EQ(found("other"), "any-other");
  EXPECT_EQ(found(id(1).to_string()), "exact");
  EXPECT_EQ(found(id(9).to_string()), "");
}

TEST_F(PreparedQueriesTest, without_a_template_for_it_a_name_is_nobodys) {
  add_query(2, "geo-", "${name.suffix}", true);
  EXPECT_EQ(found("web"), "");
}

TEST_F(PreparedQueriesTest, what_is_critical_is_not_selected) {
  model::QueryService query;
  query.service = "web";
  EXPECT_EQ(nodes(query), (Names{"n1", "n2"}));
  query.only_passing = true;
  EXPECT_EQ(nodes(query), Names{"n1"});
  query.ignore_check_ids = {"http"};
  EXPECT_EQ(nodes(query), (Names{"n1", "n2", "n3"}));
}

TEST_F(PreparedQueriesTest, tags_and_metadata_have_to_fit) {
  model::QueryService query;
  query.service = "web";
  query.tags = {"v1"};
  EXPECT_EQ(nodes(query), Names{"n1"});
  query.tags = {"!v1"};
  EXPECT_EQ(nodes(query), Names{"n2"});
  query.tags = {};
  query.node_meta = {{"rack", "n2"}};
  EXPECT_EQ(nodes(query), Names{"n2"});
  query.service_meta = {{"on", "n1"}};
  EXPECT_EQ(nodes(query), Names{});
}

}  // namespace
}  // namespace caravan::catalog
