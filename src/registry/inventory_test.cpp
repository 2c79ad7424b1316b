// SPDX-License-Identifier: Apache-2.0
#include "registry/inventory.hpp"

#include <gtest/gtest.h>

#include "registry/told.hpp"

namespace caravan::registry {
namespace {

using namespace std::chrono_literals;
using model::Health;

model::CatalogService service(const std::string& id, std::vector<std::string> tags = {}) {
  model::CatalogService made;
  made.id = made.name = id;
  made.tags = std::move(tags);
  return made;
}

CheckDefinition check(const std::string& id, const std::string& of) {
  CheckDefinition made;
  made.id = id;
  made.service_id = of;
  made.ttl = 10s;
  return made;
}

class ToldTest : public ::testing::Test {
 protected:
  ToldTest() { self.node.name = "n1"; }

  /// What is told of what changed, as "+service", "-service", "+check:…", "-check:…".
  std::vector<std::string> news() {
    const wire::ChangeCatalog change = told.catch_up(self, inventory, inventory.take_touched());
    std::vector<std::string> said;
    for (const wire::CatalogErase& gone : change.erase)
      said.push_back(gone.check_id.empty() ? "-" + gone.service_id : "-check:" + gone.check_id);
    for (const wire::CatalogPut& put : change.put) {
      for (const model::CatalogService& each : put.services)
        said.push_back("+" + each.id);
      for (const model::CatalogCheck& each : put.checks)
        said.push_back("+check:" + each.id);
    }
    return said;
  }
  using Words = std::vector<std::string>;

  Self self;
  Inventory inventory{"n1"};
  Told told{wire::CatalogOf{}};
};

TEST_F(ToldTest, only_what_changed_is_told) {
  inventory.put(service("a"));
  inventory.put(service("b"));
  inventory.put(check("c", "a"), 0s);
  EXPECT_EQ(news(), (Words{"+a", "+b", "+check:c"}));
  EXPECT_EQ(news(), Words());
  inventory.put(service("b"));  // as it was
  EXPECT_EQ(news(), Words());
  inventory.own_check("c")->note(Health::passing, "", 1s);
  inventory.touch_check("c");
  EXPECT_EQ(news(), Words{"+check:c"});
}

TEST_F(ToldTest, checks_follow_the_tags_of_their_service_and_go_with_it) {
  inventory.put(service("a"));
  inventory.put(check("c", "a"), 0s);
  (void)news();
  inventory.put(service("a", {"new"}));
  EXPECT_EQ(news(), (Words{"+a", "+check:c"}));
  EXPECT_EQ(inventory.check("c", Inventory::Words::newest)->service_tags, Words{"new"});
  EXPECT_TRUE(inventory.erase_service("a"));
  EXPECT_EQ(news(), (Words{"-check:c", "-a"}));
  EXPECT_FALSE(inventory.erase_service("a"));
}

TEST_F(ToldTest, what_the_servers_have_and_nobody_knows_goes) {
  wire::CatalogOf known;
  known.services = {service("stray"), service("a")};
  known.services[1].node = "n1";
  known.checks.emplace_back().id = model::alive_check;
  told = Told(known);
  inventory.put(service("a"));
  const wire::ChangeCatalog change = told.catch_up(self, inventory);
  ASSERT_EQ(change.erase.size(), 1u);
  EXPECT_EQ(change.erase[0].service_id, "stray");
  ASSERT_EQ(change.put.size(), 1u);  // the node
  EXPECT_TRUE(change.put[0].services.empty());
}

TEST_F(ToldTest, a_guest_hides_behind_an_own_service_of_its_id) {
  inventory.set_guests("alloc", {service("a", {"guest"}), service("g")}, {});
  EXPECT_EQ(news(), (Words{"+a", "+g"}));
  inventory.put(service("a", {"own"}));
  EXPECT_EQ(inventory.service("a")->tags, Words{"own"});
  (void)news();
  inventory.erase_service("a");
  EXPECT_EQ(news(), Words{"+a"});
  EXPECT_EQ(inventory.service("a")->tags, Words{"guest"});
  inventory.set_guests("alloc", {}, {});
  EXPECT_EQ(news(), (Words{"-a", "-g"}));
}

TEST_F(ToldTest, other_words_of_a_guests_check_are_not_told) {
  model::CatalogCheck found;
  found.id = "c";
  found.service_id = "g";
  found.status = Health::passing;
  found.output = "10:01";
  inventory.set_guests("alloc", {service("g")}, {found});
  (void)news();
  found.output = "10:02";
  inventory.set_guests("alloc", {service("g")}, {found});
  EXPECT_EQ(news(), Words());
  found.status = Health::critical;
  inventory.set_guests("alloc", {service("g")}, {found});
  EXPECT_EQ(news(), Words{"+check:c"});
}

TEST_F(ToldTest, the_first_words_of_a_guests_check_are_told) {
  model::CatalogCheck waits;
  waits.id = "c";
  waits.service_id = "g";
  waits.status = Health::critical;
  inventory.set_guests("alloc", {service("g")}, {waits});
  (void)news();
  waits.output = "nobody listens";
  inventory.set_guests("alloc", {service("g")}, {waits});
  EXPECT_EQ(news(), Words{"+check:c"});
}

}  // namespace
}  // namespace caravan::registry
