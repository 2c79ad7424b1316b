// SPDX-License-Identifier: Apache-2.0
#include "ingress/silent_servers.hpp"

#include <gtest/gtest.h>

namespace caravan::ingress {
namespace {

Slot slot(Slot::State state) { return {state, "id", "10.0.0.1", 80, 10, base::Duration(7)}; }

const Slot free_slot, ready = slot(Slot::State::ready), leaving = slot(Slot::State::leaving);

TEST(SilentServers, only_backends_that_somebody_leaves_are_asked_about) {
  EXPECT_TRUE(questions_about_leaving({{"a", {ready, free_slot}}}).empty());
  EXPECT_EQ(questions_about_leaving({{"a", {ready}}, {"b", {ready, leaving}}}),
            std::vector<std::string>{"show stat b 4 -1"});
}

TEST(SilentServers, who_leaves_and_does_not_answer_is_silent) {
  const Placement placement{{"b", {leaving, leaving, ready, leaving, leaving}}};
  // Shortened answers of HAProxy 2.6.
  const char* stat =
      "# pxname,svname,qcur,status,check_status,last_chk\n"
      "b,s1,0,DOWN,* L4TOUT,\n"
      "b,s2,0,DOWN,L4CON,Connection refused\n"
      "b,s3,0,DOWN,L4TOUT,\n"
      "b,s4,0,DRAIN,L4OK,\n"
      "b,s5,0,DOWN,L4CON,No route to host\n\n";
  const base::Duration since(7);
  EXPECT_EQ(silent_servers(placement, stat),
            (std::vector<SilentServer>{{"b/s1", since}, {"b/s5", since}}))
      << "s2 ends in order, s3 stays, s4 answers";
  EXPECT_TRUE(silent_servers(placement, "No such proxy.\n").empty());
}

}  // namespace
}  // namespace caravan::ingress
