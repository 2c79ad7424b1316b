// SPDX-License-Identifier: Apache-2.0
#include "registry/vivaldi.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace caravan::registry {
namespace {

/// Machines with the times between them; each asks the next ones in turn.
class Crowd {
 public:
  explicit Crowd(std::vector<std::vector<double>> times) : times_(std::move(times)) {
    for (std::size_t i = 0; i < times_.size(); ++i)
      all_.emplace_back(i + 1);
  }
  void run(int rounds) {
    for (int round = 1; round <= rounds; ++round)
      for (std::size_t i = 0; i < all_.size(); ++i)
        ask(i, (i + static_cast<std::size_t>(round)) % all_.size());
  }
  void ask(std::size_t i, std::size_t j) {
    if (i != j) all_[i].observe(std::to_string(j), all_[j].place(), times_[i][j]);
  }
  double estimate(std::size_t i, std::size_t j) const {
    return model::distance(all_[i].place(), all_[j].place());
  }
  const Vivaldi& one(std::size_t i) const { return all_[i]; }

 private:
  std::vector<std::vector<double>> times_;
  std::vector<Vivaldi> all_;
};

/// Two places 50 ms apart, with two machines in each that are 1 ms apart.
std::vector<std::vector<double>> two_places() {
  return {{0, 0.001, 0.05, 0.05}, {0.001, 0, 0.05, 0.05}, {0.05, 0.05, 0, 0.001},
          {0.05, 0.05, 0.001, 0}};
}

TEST(Vivaldi, estimates_come_to_what_was_measured) {
  Crowd crowd(two_places());
  crowd.run(400);
  EXPECT_NEAR(crowd.estimate(0, 2), 0.05, 0.005);
  EXPECT_NEAR(crowd.estimate(1, 3), 0.05, 0.005);
  EXPECT_LT(crowd.estimate(0, 1), 0.005);
  EXPECT_LT(crowd.one(0).place().error, 0.3);
}

TEST(Vivaldi, who_asks_servers_only_is_near_whom_he_never_asked) {
  // 0, 1 and 2 are servers in three places; 3 and 4 stand beside server 0 and ask servers only.
  const double far = 0.04, near = 0.001;
  Crowd crowd({{0, far, far, near, near}, {far, 0, far, far, far}, {far, far, 0, far, far},
               {near, far, far, 0, near}, {near, far, far, near, 0}});
  for (int round = 0; round < 600; ++round) {
    const auto turn = static_cast<std::size_t>(round);
    for (std::size_t i = 0; i < 5; ++i)
      crowd.ask(i, (i < 3 ? i + 1 + turn % 2 : turn) % 3);
  }
  EXPECT_LT(crowd.estimate(3, 4), crowd.estimate(3, 1) / 3);
}

TEST(Vivaldi, one_time_that_is_far_off_does_not_count) {
  Crowd crowd(two_places());
  crowd.run(400);
  const double before = crowd.estimate(0, 1);
  Vivaldi one = crowd.one(0);
  one.observe("1", crowd.one(1).place(), 2.0);
  EXPECT_NEAR(model::distance(one.place(), crowd.one(1).place()), before, 0.002);
}

TEST(Vivaldi, what_cannot_be_is_ignored) {
  Vivaldi one(1);
  const model::Coordinate before = one.place();
  model::Coordinate nowhere;
  nowhere.vec[0] = std::nan("");
  one.observe("a", nowhere, 0.01);
  one.observe("a", model::Coordinate(), 0);
  one.observe("a", model::Coordinate(), -1);
  one.observe("a", model::Coordinate(), 11);
  EXPECT_EQ(one.place(), before);
}

TEST(Vivaldi, the_same_seed_and_times_give_the_same_place) {
  Vivaldi a(7), b(7);
  for (const double seconds : {0.01, 0.02, 0.015}) {
    a.observe("s", model::Coordinate(), seconds);
    b.observe("s", model::Coordinate(), seconds);
  }
  EXPECT_EQ(a.place(), b.place());
  EXPECT_NE(a.place(), model::Coordinate());
}

}  // namespace
}  // namespace caravan::registry
