// SPDX-License-Identifier: Apache-2.0
#include "server/silent_agents.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

/// A node in the registry, whose agent is as it is said to be since then.
wire::CatalogPut node(const char* name, model::Health health, std::int64_t since_s,
                      bool has_agent = true) {
  wire::CatalogPut put;
  put.node.name = name;
  put.node.has_agent = has_agent;
  model::CatalogService& service = put.services.emplace_back();
  service.id = service.name = "web";
  model::CatalogCheck& check = put.checks.emplace_back();
  check.id = model::alive_check;
  check.status = health;
  if (since_s > 0) check.definition = silent_since(base::Instant::from_seconds(since_s));
  return put;
}

class OverdueAgents : public testing::Test {
 protected:
  void apply(wire::ChangeCatalog change) {
    (void)store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = std::move(change)}));
  }
  std::vector<std::string> overdue(std::int64_t at_s, std::size_t most = 100) {
    return overdue_agents(*store_.snapshot(), base::Instant::from_seconds(at_s), 72h, most);
  }

  static constexpr std::int64_t begun = 1'000'000, kept = 72 * 3600;
  state::Store store_;
  std::uint64_t index_ = 0;
};

TEST_F(OverdueAgents, AreNamedWhenTheirTimeIsOver) {
  apply({.put = {node("Dead", model::Health::critical, begun)}});
  EXPECT_TRUE(overdue(begun + kept).empty());
  EXPECT_EQ(overdue(begun + kept + 1), std::vector<std::string>{"Dead"});
}

TEST_F(OverdueAgents, WhoLivesOrHasNoAgentIsNeverOverdue) {
  apply({.put = {node("alive", model::Health::passing, begun),
                 node("foreign", model::Health::critical, begun, false),
                 node("undated", model::Health::critical, 0)}});
  EXPECT_TRUE(overdue(begun + 10 * kept).empty());
}

TEST_F(OverdueAgents, WhoCameBackHasAllItsTimeAgain) {
  apply({.put = {node("n", model::Health::critical, begun)}});
  apply({.put = {node("n", model::Health::passing, 0)}});
  apply({.put = {node("n", model::Health::critical, begun + kept)}});
  EXPECT_TRUE(overdue(begun + kept + 1).empty());
  EXPECT_EQ(overdue(begun + 2 * kept + 1).size(), 1);
}

TEST_F(OverdueAgents, GoWithAllThatIsOnThem) {
  apply({.put = {node("n", model::Health::critical, begun)}});
  apply({.erase = {{.node = "n"}}});
  EXPECT_FALSE(store_.snapshot()->catalog_nodes.find("n"));
  EXPECT_FALSE(store_.snapshot()->catalog_services.find({"n", "web"}));
}

TEST_F(OverdueAgents, ManyGoInPortions) {
  apply({.put = {node("a", model::Health::critical, begun), node("b", model::Health::critical, begun),
                 node("c", model::Health::critical, begun)}});
  EXPECT_EQ(overdue(begun + 2 * kept, 2).size(), 2);
}

}  // namespace
}  // namespace caravan::server
