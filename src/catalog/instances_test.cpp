// SPDX-License-Identifier: Apache-2.0
#include "catalog/instances.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::catalog {
namespace {

using model::Health;

class InstancesTest : public ::testing::Test {
 protected:
  std::vector<std::string> apply(wire::ChangeCatalog change) {
    return store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = std::move(change)}));
  }
  static wire::CatalogPut node(const std::string& name) {
    wire::CatalogPut put;
    put.node.name = name;
    put.node.address = "10.0.0.1";
    return put;
  }
  static model::CatalogService service(const std::string& id, const std::string& name) {
    model::CatalogService service;
    service.id = id;
    service.name = name;
    return service;
  }
  static model::CatalogCheck check(const std::string& id, const std::string& of, Health health) {
    model::CatalogCheck check;
    check.id = id;
    check.service_id = of;
    check.status = health;
    return check;
  }
  wire::ChangeCatalog two_services() const {
    wire::ChangeCatalog change;
    change.put = {node("N1")};
    change.put[0].services = {service("web-1", "Web"), service("db-1", "db")};
    change.put[0].checks = {check("alive", "", Health::passing),
                            check("web", "web-1", Health::warning)};
    return change;
  }
  const state::Tables& tables() {
    snapshot_ = store_.snapshot();
    return *snapshot_;
  }

  state::Store store_;
  state::Snapshot snapshot_;
  std::uint64_t index_ = 0;
};

TEST_F(InstancesTest, a_service_is_as_well_as_the_worst_that_is_said_of_it_and_its_node) {
  apply(two_services());
  const std::vector<Instance> web = instances(tables(), "wEb");
  ASSERT_EQ(web.size(), 1u);
  EXPECT_EQ(web[0].health(), Health::warning);
  EXPECT_EQ(web[0].address(), "10.0.0.1");
  EXPECT_EQ(instances(tables(), "db")[0].health(), Health::passing);
  wire::ChangeCatalog silent;
  silent.put = {node("n1")};
  silent.put[0].keeps_node = true;
  silent.put[0].checks = {check("alive", "", Health::critical)};
  apply(silent);
  EXPECT_EQ(instances(tables(), "db")[0].health(), Health::critical);
}

TEST_F(InstancesTest, who_looks_at_one_service_wakes_for_it_only) {
  apply(two_services());
  const std::uint64_t web = index_of_health(tables(), "web"), db = index_of_health(tables(), "db");
  wire::ChangeCatalog change;
  change.put = {node("N1")};
  change.put[0].checks = {check("web", "web-1", Health::passing)};
  const std::vector<std::string> touched = apply(change);
  EXPECT_GT(index_of_health(tables(), "web"), web);
  EXPECT_EQ(index_of_health(tables(), "db"), db);
  EXPECT_NE(std::ranges::find(touched, state::prefix::health("web")), touched.end());
  EXPECT_EQ(std::ranges::find(touched, state::prefix::health("db")), touched.end());
}

TEST_F(InstancesTest, what_is_registered_as_it_was_changes_nothing) {
  apply(two_services());
  const auto hashes = tables().table_hash;
  EXPECT_TRUE(apply(two_services()).empty());
  EXPECT_EQ(tables().table_hash, hashes);
}

TEST_F(InstancesTest, an_index_never_goes_back_when_the_last_one_goes_and_another_comes) {
  apply(two_services());
  const std::uint64_t there = index_of_health(tables(), "web");
  wire::ChangeCatalog gone;
  gone.erase = {{"n1", "web-1", "", {}}};
  apply(gone);
  const std::uint64_t without = index_of_health(tables(), "web");
  EXPECT_GT(without, there);
  EXPECT_TRUE(instances(tables(), "web").empty());
  EXPECT_TRUE(checks_of(tables(), "web").empty());
  apply(two_services());
  EXPECT_GT(index_of_health(tables(), "web"), without);
}

TEST_F(InstancesTest, a_snapshot_reads_back_to_the_same) {
  apply(two_services());
  wire::ChangeCatalog gone;
  gone.erase = {{"n1", "", "web", {}}};
  apply(gone);
  store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = wire::SetLogVersion{2, {}}}));
  const auto read = state::load(state::dump(tables()));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->hash(), tables().hash());
  EXPECT_EQ(instances(**read, "web").size(), 1u);
  EXPECT_EQ(checks_on(**read, "n1").size(), 1u);
}

TEST_F(InstancesTest, a_node_goes_with_all_that_is_on_it_and_a_check_needs_its_service) {
  apply(two_services());
  wire::ChangeCatalog orphan;
  orphan.put = {node("N1")};
  orphan.put[0].checks = {check("x", "nobody", Health::passing)};
  apply(orphan);
  EXPECT_TRUE(tables().was_refused(index_));
  wire::ChangeCatalog gone;
  gone.erase = {{"N1", "", "", {}}};
  apply(gone);
  EXPECT_EQ(tables().catalog_nodes.size() + tables().catalog_services.size() +
                tables().catalog_checks.size() + tables().instances.size() +
                tables().checks_by_service.size(),
            0u);
}

}  // namespace
}  // namespace caravan::catalog
