// SPDX-License-Identifier: Apache-2.0
#include "model/user_event.hpp"

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

TEST(UserEvent, has_the_index_that_was_recorded_of_its_id) {
  const auto id = base::Uuid::parse("896e954e-dae1-993a-497f-742d76e6f901");
  ASSERT_TRUE(id);
  EXPECT_EQ(user_event_index(*id), 13840090948090421307U);
}

TEST(UserEvent, is_refused_with_a_reason) {
  UserEvent event;
  EXPECT_EQ(user_event_complaint(event), "Missing event name");
  event.name = "_leader";
  EXPECT_EQ(user_event_complaint(event), "Event names that begin with _ are reserved");
  event.name = "deploy";
  EXPECT_EQ(user_event_complaint(event), "");
  event.tag_filter = "v1";
  EXPECT_EQ(user_event_complaint(event), "Cannot provide tag filter without service filter");
  event.service_filter = "web";
  event.payload.assign(user_event_payload_max, 'x');
  EXPECT_EQ(user_event_complaint(event), "");
  event.payload += 'x';
  EXPECT_EQ(user_event_complaint(event), "Event payload is too large: 4097 bytes are above 4096");
}

}  // namespace
}  // namespace caravan::model
