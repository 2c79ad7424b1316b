// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "scheduler/why.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

/// A small cluster, and a job that wants one more copy; the answer as a page.
class WhyTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.body = std::move(body)}));
  }
  model::Node node(std::uint8_t n, std::string node_class, int memory_mb) {
    model::Node node;
    node.id.bytes[0] = 1;
    node.id.bytes[15] = n;
    node.name = "n" + std::to_string(n);
    node.node_class = std::move(node_class);
    node.status = model::NodeStatus::ready;
    node.resources.cpu = {.shares = 4'000, .cores = 4};
    node.resources.memory.mb = memory_mb;
    node.resources.disk.mb = 50'000;
    node.attributes["kernel.name"] = "linux";
    node.attributes["driver.raw_exec"] = "1";
    return node;
  }
  void add(model::Node node) { apply(wire::RegisterNode{.node = std::move(node)}); }
  static model::Job job(int memory_mb) {
    model::Job job;
    job.id = job.name = "web";
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "app";
    group.ephemeral_disk.size_mb = 100;
    model::Task& task = group.tasks.emplace_back();
    task.name = "server";
    task.driver = "raw_exec";
    task.resources.memory_mb = memory_mb;
    return job;
  }
  static model::Constraint constraint(std::string left, std::string operand, std::string right) {
    model::Constraint c;
    c.left = std::move(left);
    c.operand = std::move(operand);
    c.right = std::move(right);
    return c;
  }
  /// Puts a copy of the job on a node.
  void place(const model::Job& job, const model::Node& on, std::vector<model::PortMapping> ports) {
    wire::ApplyPlans plans;
    model::Allocation& alloc = plans.plans.emplace_back().placed.emplace_back();
    alloc.id.bytes[0] = alloc.id.bytes[15] = ++allocs;
    alloc.node_id = on.id;
    alloc.job = store.snapshot()->job(job.job_id());
    alloc.group = "app";
    alloc.ports = std::move(ports);
    apply(std::move(plans));
  }
  std::string why(const model::Job& job) {
    Fleet fleet(*store.snapshot());
    const GroupWhy why =
        scheduler::explain(*store.snapshot(), fleet, job, job.groups[0], nullptr, 0);
    std::string page = fmt::format("{} of {} nodes\n", why.fitting, why.nodes);
    for (const ClassWhy& c : why.classes) {
      page += fmt::format("class {}: {} of {}\n", c.node_class, c.fitting, c.nodes);
      for (const auto& [subject, nodes] : c.obstacles)
        page += fmt::format("  {}: {}\n", subject, nodes);
    }
    for (const Scored& c : why.candidates)
      page += fmt::format("candidate {}: {:.3f}\n", c.name, c.score.norm_score);
    for (const Relaxation& r : why.relaxations)
      page += fmt::format("{} ({}): {}\n", r.node_name, r.nodes, r.text());
    return page;
  }

  state::Store store;
  std::uint64_t index = 0;
  std::uint8_t allocs = 0;
};

TEST_F(WhyTest, nodes_that_fit_are_shown_with_their_scores_and_nothing_has_to_change) {
  add(node(1, "small", 1'000));
  add(node(2, "large", 8'000));
  EXPECT_EQ(why(job(500)),
            "2 of 2 nodes\n"
            "class large: 1 of 1\n"
            "class small: 1 of 1\n"
            "candidate n1: 0.411\n"
            "candidate n2: 0.106\n");
}

TEST_F(WhyTest, the_smallest_relaxation_comes_first_and_names_what_is_too_much_and_where) {
  add(node(1, "small", 1'000));
  add(node(2, "small", 1'500));
  model::Node arm = node(3, "large", 8'000);
  arm.attributes["kernel.name"] = "darwin";
  add(arm);
  model::Job wants = job(2'000);
  wants.constraints = {constraint("${attr.kernel.name}", "=", "linux")};
  EXPECT_EQ(why(wants),
            "0 of 3 nodes\n"
            "class large: 0 of 1\n"
            "  ${attr.kernel.name} = linux: 1\n"
            "class small: 0 of 2\n"
            "  memory: 2\n"
            "n2 (2): ask for 500 MiB less memory (node n2 has 1500 of 2000 free)\n"
            "n3 (1): drop the constraint \"${attr.kernel.name} = linux\"\n");
}

TEST_F(WhyTest, every_obstacle_of_a_node_is_named_and_not_only_the_first) {
  model::Node far = node(1, "", 1'000);
  far.datacenter = "dc2";
  far.eligible = false;
  far.attributes.erase("driver.raw_exec");
  add(far);
  model::Job wants = job(500);
  wants.datacenters = {"dc1"};
  EXPECT_EQ(
      why(wants),
      "0 of 1 nodes\n"
      "class : 0 of 1\n"
      "  datacenter \"dc2\": 1\n"
      "  driver \"raw_exec\": 1\n"
      "  node is not eligible: 1\n"
      "n1 (1): make node n1 eligible, and add \"dc2\" to the datacenters of the job, and give "
      "node n1 the driver \"raw_exec\"\n");
}

TEST_F(WhyTest, a_port_that_is_taken_is_named_with_who_has_it) {
  const model::Node only = node(1, "", 4'000);
  add(only);
  model::Job wants = job(500);
  model::Port port;
  port.label = "http";
  port.value = 8'080;
  wants.groups[0].networks.emplace_back().reserved_ports = {port};
  apply(wire::RegisterJob{.job = wants});
  place(wants, only, {{"http", 8'080, 0, "", {}}});
  EXPECT_EQ(why(wants),
            "0 of 1 nodes\n"
            "class : 0 of 1\n"
            "  port 8080: 1\n"
            "n1 (1): use another port than 8080 (http), which alloc 01000000 (web.app[0]) has on "
            "node n1\n");
}

TEST_F(WhyTest, copies_that_must_not_meet_are_an_obstacle_of_their_own) {
  const model::Node only = node(1, "", 4'000);
  add(only);
  model::Job wants = job(500);
  wants.constraints = {constraint("", "distinct_hosts", "true"),
                       constraint("${node.datacenter}", "distinct_property", "1")};
  apply(wire::RegisterJob{.job = wants});
  place(wants, only, {});
  EXPECT_EQ(why(wants),
            "0 of 1 nodes\n"
            "class : 0 of 1\n"
            "  distinct_hosts: 1\n"
            "  distinct_property ${node.datacenter}: 1\n"
            "n1 (1): drop the constraint distinct_hosts, or add a node that has no copy yet, and "
            "raise the limit of the distinct_property of ${node.datacenter} above 1 (\"dc1\" has "
            "1)\n");
}

TEST_F(WhyTest, what_is_thought_away_leaves_its_room) {
  const model::Node only = node(1, "", 600);
  add(only);
  const model::Job wants = job(500);
  apply(wire::RegisterJob{.job = wants});
  place(wants, only, {});
  const state::Snapshot tables = store.snapshot();
  Fleet fleet(*tables);
  const model::TaskGroup& group = wants.groups[0];
  const state::Ref<model::Allocation> alloc = tables->allocs_of_job(wants.job_id())[0];
  EXPECT_EQ(scheduler::explain(*tables, fleet, wants, group, nullptr, 0).fitting, 0);
  EXPECT_EQ(scheduler::explain(*tables, fleet, wants, group, alloc.get(), 0).fitting, 1);
}

}  // namespace
}  // namespace caravan::scheduler
