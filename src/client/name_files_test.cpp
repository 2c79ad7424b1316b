// SPDX-License-Identifier: Apache-2.0
#include "client/name_files.hpp"

#include <gtest/gtest.h>

namespace caravan::client {
namespace {

TEST(NameFiles, a_groups_own_servers_replace_the_hosts) {
  model::DnsConfig dns;
  dns.servers = {"10.0.0.2"};
  dns.searches = {"service.consul", "example.org"};
  dns.options = {"ndots:2"};
  EXPECT_EQ(resolv_conf(dns, "nameserver 1.1.1.1\n"),
            "nameserver 10.0.0.2\nsearch service.consul example.org\noptions ndots:2\n");
}

TEST(NameFiles, a_group_without_servers_of_its_own_keeps_the_hosts) {
  model::DnsConfig dns;
  dns.searches = {"example.org"};
  EXPECT_EQ(resolv_conf(dns, "nameserver 1.1.1.1\nsearch lan\n"),
            "nameserver 1.1.1.1\nsearch example.org\n");
}

TEST(NameFiles, loopback_servers_are_of_no_use_to_another_namespace) {
  EXPECT_TRUE(serves_only_itself("nameserver 127.0.0.53\n"));
  EXPECT_FALSE(serves_only_itself("nameserver 127.0.0.53\nnameserver 10.0.0.1\n"));
  EXPECT_FALSE(serves_only_itself(""));
}

TEST(NameFiles, a_host_knows_itself_by_name) {
  EXPECT_TRUE(hosts_file("172.26.64.2", "web").ends_with("\n172.26.64.2 web\n"));
}

}  // namespace
}  // namespace caravan::client
