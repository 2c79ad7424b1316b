// SPDX-License-Identifier: Apache-2.0
#include "checks/grpc_health.hpp"

#include <gtest/gtest.h>

namespace caravan::checks {
namespace {

using namespace std::string_literals;

CallAnswer saying(std::string body) { return {200, std::move(body), "0", ""}; }

TEST(GrpcHealth, asks_for_the_whole_server_or_for_one_service) {
  EXPECT_EQ(health_question(""), "\0\0\0\0\0"s);
  EXPECT_EQ(health_question("web"), "\0\0\0\0\5\x0a\3web"s);
  EXPECT_EQ(health_question(std::string(200, 'x')).substr(0, 8), "\0\0\0\0\xcb\x0a\xc8\x01"s);
}

TEST(GrpcHealth, only_serving_is_well) {
  EXPECT_EQ(health_complaint(saying("\0\0\0\0\2\x08\1"s)), "");
  EXPECT_EQ(health_complaint(saying("\0\0\0\0\2\x08\2"s)), "it says NOT_SERVING");
  EXPECT_EQ(health_complaint(saying("\0\0\0\0\0"s)), "it says UNKNOWN");
  EXPECT_EQ(health_complaint({200, "", "5", "unknown service"}), "rpc error: code 5: unknown service");
  EXPECT_EQ(health_complaint({404, "", "", ""}), "the answer has status 404");
}

TEST(GrpcHealth, an_answer_that_cannot_be_read_is_not_well) {
  EXPECT_EQ(health_complaint(saying("")), "the answer cannot be read");
  EXPECT_EQ(health_complaint(saying("\1\0\0\0\2\x08\1"s)), "the answer cannot be read");
  EXPECT_EQ(health_complaint(saying("\0\0\0\0\1\x08"s)), "the answer cannot be read");
  EXPECT_EQ(health_complaint(saying("\0\0\0\0\2\x12\1"s)), "the answer cannot be read");
}

}  // namespace
}  // namespace caravan::checks
