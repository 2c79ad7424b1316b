// SPDX-License-Identifier: Apache-2.0
#include "client/network_order.hpp"

#include <gtest/gtest.h>

namespace caravan::client {
namespace {

model::Allocation make_alloc(const model::NetworkResource& network) {
  auto job = std::make_shared<model::Job>();
  job->id = job->name = "web";
  model::TaskGroup group;
  group.name = "g";
  group.networks = {network};
  model::Task task;
  task.name = "t";
  group.tasks.push_back(task);
  job->groups.push_back(group);
  model::Allocation alloc;
  alloc.job = job;
  alloc.group = "g";
  alloc.ports = {{"http", 20001, 80, "10.0.0.1", {}}, {"same", 20002, 0, "10.0.0.1", {}}};
  return alloc;
}

TEST(NetworkOrder, ports_lead_inside_from_every_address_or_one) {
  model::NetworkResource network;
  network.mode = "bridge";
  const NetworkOrder any = network_order(make_alloc(network), {}, "global", true);
  ASSERT_EQ(any.ports.size(), 2u);
  EXPECT_EQ(any.ports[0], (PublishedPort{20001, 80, "", {}}));
  EXPECT_EQ(any.ports[1], (PublishedPort{20002, 20002, "", {}}));
  const NetworkOrder one = network_order(make_alloc(network), {}, "global", false);
  EXPECT_EQ(one.ports[0].host_ip, "10.0.0.1");
}

TEST(NetworkOrder, names_are_interpolated) {
  model::NetworkResource network;
  network.mode = "cni/lan";
  network.hostname = "${NOMAD_JOB_NAME}-${NOMAD_ALLOC_INDEX}";
  network.dns = model::DnsConfig{{"${attr.unique.network.ip-address}"}, {}, {}, {}};
  network.cni = model::CniConfig{{{"IP", "10.0.0.${NOMAD_ALLOC_INDEX}"}}, {}};
  model::Node node;
  node.attributes["unique.network.ip-address"] = "10.0.0.1";
  const NetworkOrder order = network_order(make_alloc(network), node, "global", true);
  EXPECT_TRUE(order.has_namespace());
  EXPECT_EQ(order.hostname, "web-0");
  EXPECT_EQ(order.dns->servers, std::vector<std::string>{"10.0.0.1"});
  EXPECT_EQ(order.args.at("IP"), "10.0.0.0");
  EXPECT_EQ(order.args.at("NOMAD_JOB_ID"), "web");
}

TEST(NetworkOrder, the_hosts_network_takes_nothing_but_dns) {
  model::NetworkResource network;
  network.hostname = "ignored";
  const NetworkOrder order = network_order(make_alloc(network), {}, "global", true);
  EXPECT_FALSE(order.has_namespace());
  EXPECT_TRUE(order.ports.empty());
  EXPECT_EQ(order.hostname, "");
}

}  // namespace
}  // namespace caravan::client
