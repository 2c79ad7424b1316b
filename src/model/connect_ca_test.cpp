// SPDX-License-Identifier: Apache-2.0
#include "model/connect_ca.hpp"

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

TEST(SpiffeService, is_read_as_it_is_written) {
  const SpiffeService web{"11111111-2222.consul", "dc1", "web"};
  EXPECT_EQ(web.to_uri(), "spiffe://11111111-2222.consul/ns/default/dc/dc1/svc/web");
  const SpiffeService read = *SpiffeService::parse(web.to_uri());
  EXPECT_EQ(read.trust_domain, web.trust_domain);
  EXPECT_EQ(read.datacenter, "dc1");
  EXPECT_EQ(read.service, "web");
}

TEST(SpiffeService, what_is_no_service_of_a_mesh_is_refused) {
  for (const char* uri : {"", "web", "https://x.consul/ns/default/dc/dc1/svc/web",
                          "spiffe://x.consul", "spiffe://x.consul/ns/default/dc/dc1/svc/",
                          "spiffe://x.consul/ns/other/dc/dc1/svc/web",
                          "spiffe://x.consul/ns/default/dc/dc1/svc/web/more",
                          "spiffe://x.consul/ns/default/dc/dc1/agent/web",
                          "spiffe://x.consul/ns/default/dc/d%2F1/svc/web"})
    EXPECT_FALSE(SpiffeService::parse(uri)) << uri;
}

TEST(SpiffeService, a_name_that_would_say_more_is_none) {
  EXPECT_TRUE(is_mesh_name("web-1_a.b"));
  for (const char* name : {"", "a/b", "a,DNS:b", "a b", "a\n"})
    EXPECT_FALSE(is_mesh_name(name)) << name;
  EXPECT_FALSE(is_mesh_name(std::string(257, 'a')));
}

}  // namespace
}  // namespace caravan::model
