// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <gtest/gtest.h>

namespace caravan::http {
namespace {

TEST(Url, has_a_host_a_port_and_a_target) {
  const Url url = Url::parse("https://id.example/realms/a?x=1#top").value();
  EXPECT_TRUE(url.is_secure);
  EXPECT_EQ(url.address, (io::Address{"id.example", 443}));
  EXPECT_EQ(url.target, "/realms/a?x=1");
  EXPECT_EQ(Url::parse("http://[::1]:8080")->address, (io::Address{"::1", 8080}));
  EXPECT_EQ(Url::parse("http://127.0.0.1:81?x")->target, "/?x");
}

TEST(Url, what_is_none_is_refused) {
  for (const char* text :
       {"", "id.example", "ftp://id.example/", "http://", "https:///x", "http://me:pw@host/",
        "http://host:x/", "http://ho st/", "http://host/\r\nX: 1", "http://unix:/run/x/"})
    EXPECT_FALSE(Url::parse(text)) << text;
}

}  // namespace
}  // namespace caravan::http
