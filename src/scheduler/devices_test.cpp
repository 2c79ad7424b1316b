// SPDX-License-Identifier: Apache-2.0
#include "scheduler/devices.hpp"

#include <gtest/gtest.h>

#include "scheduler/plan.hpp"
#include "state/store.hpp"

namespace caravan::scheduler {
namespace {

model::NodeDeviceResource cards(const std::string& name, const std::string& memory, int count) {
  model::NodeDeviceResource group{"nvidia", "gpu", name, {}, {}, {}};
  group.attributes["memory"] = model::parse_attribute(memory);
  for (int i = 0; i < count; ++i)
    group.instances.push_back({name + "-" + std::to_string(i), true, "", {}, {}});
  return group;
}

model::RequestedDevice request(const std::string& name, std::int64_t count = 1) {
  model::RequestedDevice device;
  device.name = name;
  device.count = count;
  return device;
}

/// A group whose tasks each have these requests.
model::TaskGroup group(const std::vector<std::vector<model::RequestedDevice>>& requests) {
  model::TaskGroup group;
  group.name = "g";
  group.count = 1;
  for (const auto& of_task : requests) {
    model::Task& task = group.tasks.emplace_back();
    task.name = "t" + std::to_string(group.tasks.size());
    task.driver = "raw_exec";
    task.resources.devices = of_task;
  }
  return group;
}

model::Node node(std::vector<model::NodeDeviceResource> devices) {
  model::Node node;
  node.resources.devices = std::move(devices);
  return node;
}

/// "t1: T4-0,T4-1; t2: …", "none" when there are too few.
std::string choose(const model::TaskGroup& group, const model::Node& node,
                   const std::vector<std::string>& held = {}) {
  const auto given = DeviceChoice(group).choose(node, held);
  if (!given) return "none";
  std::string text;
  for (const model::AllocatedDevice& device : given->devices) {
    text += (text.empty() ? "" : "; ") + device.task + ":";
    for (const std::string& id : device.ids)
      text += " " + id;
  }
  return text;
}

TEST(DeviceChoiceTest, names_say_as_much_as_they_like) {
  const model::Node n = node({cards("T4", "15 GiB", 1), cards("A100", "40 GiB", 1)});
  EXPECT_EQ(choose(group({{request("gpu")}}), n), "t1: T4-0");
  EXPECT_EQ(choose(group({{request("nvidia/gpu")}}), n), "t1: T4-0");
  EXPECT_EQ(choose(group({{request("nvidia/gpu/A100")}}), n), "t1: A100-0");
  EXPECT_EQ(choose(group({{request("amd/gpu")}}), n), "none");
  EXPECT_EQ(choose(group({{request("fpga")}}), n), "none");
}

TEST(DeviceChoiceTest, all_of_a_request_are_alike) {
  const model::Node n = node({cards("T4", "15 GiB", 1), cards("A100", "40 GiB", 2)});
  EXPECT_EQ(choose(group({{request("gpu", 2)}}), n), "t1: A100-0 A100-1");
  EXPECT_EQ(choose(group({{request("gpu", 3)}}), n), "none");
}

TEST(DeviceChoiceTest, one_that_says_more_chooses_first) {
  const model::Node n = node({cards("A100", "40 GiB", 1), cards("T4", "15 GiB", 1)});
  EXPECT_EQ(choose(group({{request("gpu")}, {request("nvidia/gpu/A100")}}), n),
            "t2: A100-0; t1: T4-0");
}

TEST(DeviceChoiceTest, no_instance_is_given_twice) {
  const model::Node n = node({cards("T4", "15 GiB", 3)});
  EXPECT_EQ(choose(group({{request("gpu")}, {request("gpu"), request("gpu")}}), n),
            "t1: T4-0; t2: T4-1; t2: T4-2");
  EXPECT_EQ(choose(group({{request("gpu")}}), n, {"nvidia/gpu/T4[T4-0]"}), "t1: T4-1");
  EXPECT_EQ(choose(group({{request("gpu", 3)}}), n, {"nvidia/gpu/T4[T4-1]"}), "none");
}

TEST(DeviceChoiceTest, one_that_is_unwell_is_not_given) {
  model::Node n = node({cards("T4", "15 GiB", 2)});
  n.resources.devices[0].instances[0].healthy = false;
  EXPECT_EQ(choose(group({{request("gpu")}}), n), "t1: T4-1");
  EXPECT_EQ(choose(group({{request("gpu", 2)}}), n), "none");
}

TEST(DeviceChoiceTest, constraints_compare_with_units) {
  const model::Node n = node({cards("T4", "15360 MiB", 1), cards("A100", "40 GiB", 1)});
  const auto with = [&](const std::string& left, const std::string& op, const std::string& right) {
    model::RequestedDevice device = request("gpu");
    device.constraints.push_back({left, right, op, {}});
    return choose(group({{device}}), n);
  };
  EXPECT_EQ(with("${device.attr.memory}", ">", "15 GiB"), "t1: A100-0");
  EXPECT_EQ(with("${device.attr.memory}", "=", "15 GiB"), "t1: T4-0");
  EXPECT_EQ(with("${device.attr.memory}", ">", "15 GHz"), "none") << "not comparable";
  EXPECT_EQ(with("${device.attr.cores}", "is_set", ""), "none");
  EXPECT_EQ(with("${device.attr.cores}", "is_not_set", ""), "t1: T4-0");
  EXPECT_EQ(with("${device.attr.cores}", "!=", "7"), "t1: T4-0");
  EXPECT_EQ(with("${device.model}", "regexp", "^A"), "t1: A100-0");
  EXPECT_EQ(with("${device.vendor}", "!=", "nvidia"), "none");
  EXPECT_EQ(with("${device.ids}", "set_contains", "A100-0"), "t1: A100-0");
}

TEST(DeviceChoiceTest, ids_that_are_named_are_the_ones_that_are_given) {
  const model::Node n = node({cards("T4", "15 GiB", 4)});
  model::RequestedDevice device = request("gpu", 2);
  device.constraints.push_back({"${device.ids}", "T4-1, T4-3", "set_contains", {}});
  EXPECT_EQ(choose(group({{device}}), n), "t1: T4-1 T4-3");
  EXPECT_TRUE(DeviceChoice(group({{device}})).names_instances());
}

TEST(DeviceChoiceTest, affinities_choose_among_those_that_will_do) {
  const model::Node n = node({cards("T4", "15 GiB", 1), cards("A100", "40 GiB", 1)});
  model::RequestedDevice device = request("gpu");
  device.affinities.push_back({"${device.attr.memory}", "20 GiB", ">=", 60, {}});
  device.affinities.push_back({"${device.model}", "T4", "=", -40, {}});
  const DeviceChoice choice(group({{device}}));
  EXPECT_EQ(choice.affinity_weights(), 100);
  EXPECT_EQ(choice.choose(n, {})->devices[0].name, "A100");
  EXPECT_EQ(choice.choose(n, {})->affinity, 60);
  EXPECT_EQ(choice.choose(n, {"nvidia/gpu/A100[A100-0]"})->affinity, -40);
}

/// Nodes with cards in a store, and jobs for them.
class DevicePlanTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    store.apply(index, wire::encode_command({.time_ns = now.unix_ns, .body = std::move(body)}));
  }
  void add_node(std::uint8_t n, std::vector<model::NodeDeviceResource> devices) {
    model::Node node;
    node.id.bytes[15] = n;
    node.id.bytes[0] = 1;
    node.name = "n" + std::to_string(n);
    node.status = model::NodeStatus::ready;
    node.resources.cpu = {.shares = 4'000, .cores = 4};
    node.resources.memory.mb = 8'000;
    node.resources.disk.mb = 50'000;
    node.attributes["driver.raw_exec"] = "1";
    node.resources.devices = std::move(devices);
    apply(wire::RegisterNode{.node = node});
  }
  Outcome run(const std::string& id, model::TaskGroup group) {
    model::Job job;
    job.id = job.name = id;
    group.update.emplace().max_parallel = 0;
    job.groups.push_back(std::move(group));
    apply(wire::RegisterJob{.job = job});
    return again(id);
  }
  Outcome again(const std::string& id) {
    model::Evaluation eval;
    eval.id.bytes[15] = ++evals;
    eval.job_id = id;
    Outcome outcome = schedule(*store.snapshot(), eval, now);
    wire::ApplyPlans plans;
    plans.plans.push_back(outcome.plan.result);
    apply(plans);
    return outcome;
  }
  void end(const model::Allocation& alloc) {
    apply(wire::UpdateAllocs{
        .node_id = alloc.node_id,
        .reports = {{.alloc_id = alloc.id, .client_status = model::ClientStatus::complete}}});
  }

  state::Store store;
  std::uint64_t index = 0;
  std::uint8_t evals = 0;
  base::Instant now = base::Instant::from_seconds(1'000'000);
};

TEST_F(DevicePlanTest, copies_share_no_instance_and_what_is_left_over_is_told) {
  add_node(1, {cards("T4", "15 GiB", 2)});
  add_node(2, {});
  model::TaskGroup three = group({{request("gpu")}});
  three.count = 3;
  const Outcome outcome = run("train", three);
  std::set<std::string> ids;
  for (const model::Allocation& alloc : outcome.plan.result.placed)
    ids.insert(alloc.devices.at(0).ids.at(0));
  EXPECT_EQ(ids, (std::set<std::string>{"T4-0", "T4-1"}));
  const model::AllocMetric& why = outcome.failed_groups.at("g");
  EXPECT_EQ(why.constraint_filtered.at("missing devices"), 1);
  EXPECT_EQ(why.dimension_exhausted.at("devices: no devices match request"), 1);
}

TEST_F(DevicePlanTest, an_instance_is_free_when_its_node_says_so) {
  add_node(1, {cards("T4", "15 GiB", 1)});
  const model::Allocation first = run("one", group({{request("gpu")}})).plan.result.placed.at(0);
  EXPECT_EQ(run("two", group({{request("gpu")}})).plan.result.placed.size(), 0u);
  apply(wire::DeregisterJob{.ns = "default", .job_id = "one"});
  again("one");
  EXPECT_EQ(again("two").plan.result.placed.size(), 0u) << "it is ending, and still has the card";
  end(first);
  EXPECT_EQ(again("two").plan.result.placed.size(), 1u);
}

TEST_F(DevicePlanTest, a_new_version_takes_the_place_of_the_old_one_with_its_device) {
  add_node(1, {cards("T4", "15 GiB", 1)});
  run("one", group({{request("gpu")}}));
  model::TaskGroup other = group({{request("gpu")}});
  other.tasks[0].env["A"] = "B";
  const Outcome outcome = run("one", other);
  ASSERT_EQ(outcome.plan.result.placed.size(), 1u);
  EXPECT_EQ(outcome.plan.result.placed[0].devices[0].ids[0], "T4-0");
  EXPECT_FALSE(outcome.plan.result.placed[0].previous_allocation.is_nil());
}

TEST_F(DevicePlanTest, device_affinities_are_part_of_a_nodes_score) {
  add_node(1, {cards("T4", "15 GiB", 1)});
  add_node(2, {cards("A100", "40 GiB", 1)});
  add_node(3, {cards("T4", "15 GiB", 1)});
  model::RequestedDevice device = request("gpu");
  device.affinities.push_back({"${device.attr.memory}", "20 GiB", ">=", 50, {}});
  const Outcome outcome = run("pick", group({{device}}));
  ASSERT_EQ(outcome.plan.result.placed.size(), 1u);
  EXPECT_EQ(outcome.plan.result.placed[0].node_name, "n2");
  EXPECT_EQ(outcome.plan.result.placed[0].score.devices, 1'000'000);
}

TEST_F(DevicePlanTest, nodes_with_other_devices_are_of_another_class) {
  model::Node a = node({cards("T4", "15 GiB", 2)}), b = node({cards("T4", "15 GiB", 2)});
  b.resources.devices[0].instances[0].id = "another";
  EXPECT_EQ(model::class_signature(a), model::class_signature(b));
  b.resources.devices[0].instances[0].healthy = false;
  EXPECT_NE(model::class_signature(a), model::class_signature(b));
}

}  // namespace
}  // namespace caravan::scheduler
