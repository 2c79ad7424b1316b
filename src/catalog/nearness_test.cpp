// SPDX-License-Identifier: Apache-2.0
#include "catalog/nearness.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::catalog {
namespace {

class NearnessTest : public ::testing::Test {
 protected:
  NearnessTest() {
    wire::ChangeCatalog nodes;
    wire::UpdateCoordinates places;
    for (const auto& [name, x] : {std::pair("A", 0.0), std::pair("b", 0.02), std::pair("c", 0.01)}) {
      nodes.put.emplace_back().node.name = name;
      model::NodeCoordinate& place = places.coordinates.emplace_back();
      place.node = name;
      place.coordinate.vec[0] = x;
      place.coordinate.height = 0;
    }
    nodes.put.emplace_back().node.name = "nowhere";
    apply(nodes);
    apply(places);
    tables_ = store_.snapshot();
  }
  void apply(wire::AnyCommand body) {
    (void)store_.apply(++index_, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  std::vector<std::string> sorted(const std::string& from) {
    std::vector<std::string> names = {"nowhere", "b", "unknown", "a", "c"};
    Nearness(*tables_, from).sort(names, [](const std::string& name) { return name; });
    return names;
  }
  using Names = std::vector<std::string>;

  state::Store store_;
  state::Snapshot tables_;
  std::uint64_t index_ = 0;
};

TEST_F(NearnessTest, the_nearest_come_first_and_what_has_no_place_last_in_its_order) {
  EXPECT_EQ(sorted("a"), (Names{"a", "c", "b", "nowhere", "unknown"}));
  EXPECT_EQ(sorted("B"), (Names{"b", "c", "a", "nowhere", "unknown"}));
}

TEST_F(NearnessTest, from_a_node_without_a_place_only_itself_is_near) {
  EXPECT_EQ(sorted("nowhere"), (Names{"nowhere", "b", "unknown", "a", "c"}));
  EXPECT_EQ(sorted(""), (Names{"nowhere", "b", "unknown", "a", "c"}));
}

TEST_F(NearnessTest, a_distance_is_in_seconds) {
  EXPECT_DOUBLE_EQ(Nearness(*tables_, "a").to("b"), 0.02);
  EXPECT_TRUE(std::isinf(Nearness(*tables_, "a").to("nowhere")));
}

TEST_F(NearnessTest, a_place_goes_with_its_node) {
  wire::ChangeCatalog gone;
  gone.erase.push_back({"B", "", "", {}});
  apply(gone);
  EXPECT_EQ(store_.snapshot()->coordinates.size(), 2U);
  wire::UpdateCoordinates late;
  late.coordinates.push_back({"b", {}, {}});
  apply(late);
  EXPECT_EQ(store_.snapshot()->coordinates.size(), 2U);
}

}  // namespace
}  // namespace caravan::catalog
