// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

#include <gtest/gtest.h>

namespace caravan::state {
namespace {

template <class Noun>
base::Id<Noun> id(std::uint8_t n) {
  base::Id<Noun> id;
  id.bytes[15] = n;
  return id;
}

class StoreTest : public testing::Test {
 protected:
  template <class Body>
  std::vector<std::string> apply(Body body) {
    ++index;
    return store.apply(
        index, wire::encode_command(
                   {.time_ns = 1'000 * static_cast<std::int64_t>(index), .body = std::move(body)}));
  }
  model::Job web() {
    model::Job job;
    job.id = job.name = "web";
    job.groups.emplace_back().name = "app";
    return job;
  }
  void add_node() {
    model::Node node;
    node.id = id<base::NodeNoun>(1);
    node.status = model::NodeStatus::ready;
    apply(wire::RegisterNode{.node = node});
  }
  model::Allocation placed(std::uint8_t n) {
    model::Allocation alloc;
    alloc.id = id<base::AllocNoun>(n);
    alloc.node_id = id<base::NodeNoun>(1);
    alloc.job = store.snapshot()->job({"default", "web"});
    alloc.group = "app";
    return alloc;
  }
  void place(model::Allocation alloc) {
    wire::ApplyPlans plans;
    plans.plans.emplace_back().placed.push_back(std::move(alloc));
    apply(plans);
  }

  /// A rollout of the newest version, with one canary on its node.
  void begin_rollout() {
    wire::ApplyPlans plans;
    wire::PlanResult& plan = plans.plans.emplace_back();
    model::Deployment& deployment = plan.deployment.emplace();
    deployment.id = id<base::DeploymentNoun>(1);
    deployment.job_id = "web";
    deployment.job_version = store.snapshot()->job({"default", "web"})->version;
    deployment.groups["app"].desired_canaries = deployment.groups["app"].desired_total = 1;
    model::Allocation canary = placed(1);
    canary.deployment_id = deployment.id;
    canary.deployment_status.emplace().canary = true;
    plan.placed.push_back(canary);
    apply(plans);
  }
  model::Deployment rollout() { return *store.snapshot()->deployment(id<base::DeploymentNoun>(1)); }

  Store store;
  std::uint64_t index = 0;
};

TEST_F(StoreTest, an_unchanged_job_keeps_its_version) {
  apply(wire::RegisterJob{.job = web()});
  apply(wire::RegisterJob{.job = web()});
  EXPECT_EQ(store.snapshot()->job({"default", "web"})->version, 0u);
  model::Job changed = web();
  changed.groups[0].count = 3;
  apply(wire::RegisterJob{.job = changed});
  EXPECT_EQ(store.snapshot()->job({"default", "web"})->version, 1u);
  EXPECT_EQ(store.snapshot()->job_version({"default", "web"}, 0)->groups[0].count, 1);
}

TEST_F(StoreTest, a_launch_happens_once_however_many_leaders_propose_it) {
  model::Job parent = web();
  parent.type = model::JobType::batch;
  parent.periodic.emplace().spec = "@daily";
  apply(wire::RegisterJob{.job = parent});
  const base::JobId parent_id = parent.job_id();
  const base::Instant registered = store.snapshot()->last_launch(parent_id);
  EXPECT_FALSE(registered.is_zero());
  const auto child = [&](const char* name, base::Instant launch) {
    wire::RegisterJob command{.job = parent};
    command.job.id = std::string("web/") + name;
    command.job.parent_id = "web";
    command.job.periodic.reset();
    command.birth = wire::Birth{registered, launch, {}};
    return command;
  };
  apply(child("first", {5'000'000}));
  apply(child("second", {6'000'000}));
  EXPECT_EQ(store.snapshot()->children_of(parent_id).size(), 1u);
  EXPECT_EQ(store.snapshot()->last_launch(parent_id).unix_ns, 5'000'000);
  EXPECT_EQ(store.snapshot()->summary(parent_id)->children.pending, 1);

  apply(wire::DeregisterJob{.ns = "default", .job_id = "web/first", .purge = true});
  EXPECT_EQ(store.snapshot()->summary(parent_id)->children,
            (model::JobChildren{.pending = 0, .running = 0, .dead = 1}));
  const auto copy = load(dump(*store.snapshot()));
  ASSERT_TRUE(copy);
  EXPECT_EQ((*copy)->last_launch(parent_id).unix_ns, 5'000'000);
  EXPECT_EQ((*copy)->hash(), store.snapshot()->hash());

  apply(wire::DeregisterJob{.ns = "default", .job_id = "web"});
  wire::RegisterJob late = child("late", {7'000'000});
  late.birth->last_launch = {5'000'000};
  apply(late);
  EXPECT_TRUE(store.snapshot()->children_of(parent_id).empty());
}

TEST_F(StoreTest, the_summary_follows_the_allocations) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  place(placed(1));
  EXPECT_EQ(store.snapshot()->summary({"default", "web"})->groups.at("app").starting, 1);
  wire::AllocReport report{.alloc_id = id<base::AllocNoun>(1),
                           .client_status = model::ClientStatus::running};
  apply(wire::UpdateAllocs{.node_id = id<base::NodeNoun>(1), .reports = {report}});
  EXPECT_EQ(store.snapshot()->summary({"default", "web"})->groups.at("app").running, 1);
  EXPECT_EQ(store.snapshot()->job({"default", "web"})->status, model::JobStatus::running);
}

TEST_F(StoreTest, what_has_ended_stays_ended_whatever_report_comes_late) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  place(placed(1));
  const auto say = [&](model::ClientStatus status) {
    wire::AllocReport report{.alloc_id = id<base::AllocNoun>(1), .client_status = status};
    apply(wire::UpdateAllocs{.node_id = id<base::NodeNoun>(1), .reports = {report}});
  };
  say(model::ClientStatus::complete);
  say(model::ClientStatus::running);
  EXPECT_EQ(store.snapshot()->alloc(id<base::AllocNoun>(1))->client_status,
            model::ClientStatus::complete);
}

TEST_F(StoreTest, what_was_given_up_as_lost_stays_lost_when_its_node_is_back) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  place(placed(1));
  wire::ApplyPlans plans;
  plans.plans.emplace_back().stopped = {{.alloc_id = id<base::AllocNoun>(1),
                                         .description = "its node is down",
                                         .client_status = model::ClientStatus::lost}};
  apply(plans);
  for (const auto status : {model::ClientStatus::running, model::ClientStatus::complete}) {
    wire::AllocReport report{.alloc_id = id<base::AllocNoun>(1), .client_status = status};
    apply(wire::UpdateAllocs{.node_id = id<base::NodeNoun>(1), .reports = {report}});
    EXPECT_EQ(store.snapshot()->alloc(id<base::AllocNoun>(1))->client_status,
              model::ClientStatus::lost);
  }
}

TEST_F(StoreTest, services_are_in_the_catalog_while_their_allocation_runs_and_no_longer) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  place(placed(1));
  const auto register_from = [&](std::uint8_t node) {
    wire::SetAllocServices command{.alloc_id = id<base::AllocNoun>(1),
                                   .node_id = id<base::NodeNoun>(node)};
    model::ServiceRegistration& service = command.services.emplace_back();
    service.id = service.service_name = "www";
    service.ns = "default";
    service.alloc_id = command.alloc_id;
    apply(command);
    return store.snapshot()->services.size();
  };
  EXPECT_EQ(register_from(2), 0u) << "it is not that node's";
  EXPECT_EQ(register_from(1), 1u);
  wire::AllocReport report{.alloc_id = id<base::AllocNoun>(1),
                           .client_status = model::ClientStatus::complete};
  apply(wire::UpdateAllocs{.node_id = id<base::NodeNoun>(1), .reports = {report}});
  EXPECT_EQ(store.snapshot()->services.size(), 0u) << "nobody answers there any more";
  EXPECT_EQ(register_from(1), 0u) << "it was on its way";
}

TEST_F(StoreTest, a_node_cannot_report_for_another_ones_allocation) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  place(placed(1));
  wire::AllocReport report{.alloc_id = id<base::AllocNoun>(1),
                           .client_status = model::ClientStatus::failed};
  apply(wire::UpdateAllocs{.node_id = id<base::NodeNoun>(2), .reports = {report}});
  EXPECT_EQ(store.snapshot()->alloc(id<base::AllocNoun>(1))->client_status,
            model::ClientStatus::pending);
}

TEST_F(StoreTest, a_promotion_makes_canaries_ordinary_and_tells_their_node) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  begin_rollout();
  EXPECT_EQ(rollout().groups["app"].placed_canaries.size(), 1u);
  apply(wire::PromoteDeployment{.deployment_id = id<base::DeploymentNoun>(1), .groups = {"app"}});
  EXPECT_TRUE(rollout().groups["app"].promoted);
  EXPECT_EQ(rollout().status_description, "Deployment is running");
  const Ref<model::Allocation> canary = store.snapshot()->alloc(id<base::AllocNoun>(1));
  EXPECT_FALSE(canary->is_canary());
  EXPECT_EQ(canary->alloc_modify_index, index);
}

TEST_F(StoreTest, health_said_by_hand_is_counted_once) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  begin_rollout();
  const wire::SetAllocHealth well{.deployment_id = id<base::DeploymentNoun>(1),
                                  .healthy = {id<base::AllocNoun>(1)}};
  apply(well);
  apply(well);
  EXPECT_EQ(rollout().groups["app"].healthy_allocs, 1);
}

TEST_F(StoreTest, a_failed_rollout_goes_back_unless_something_newer_came_meanwhile) {
  apply(wire::RegisterJob{.job = web()});
  model::Job second = web();
  second.groups[0].count = 2;
  wire::UpdateDeployment failure;
  failure.update = {id<base::DeploymentNoun>(1), model::DeploymentStatus::failed, "", {}};
  failure.revert = wire::RegisterJob{.job = web()};
  add_node();
  for (const bool newer : {false, true}) {
    apply(wire::RegisterJob{.job = second});
    begin_rollout();
    model::Job third = web();
    third.groups[0].count = 3;
    if (newer) apply(wire::RegisterJob{.job = third});
    apply(failure);
    EXPECT_EQ(rollout().status, model::DeploymentStatus::failed);
    EXPECT_EQ(store.snapshot()->job({"default", "web"})->groups[0].count, newer ? 3 : 1);
  }
}

TEST_F(StoreTest, a_snapshot_reads_back_to_the_same_hash_even_with_a_purged_job) {
  apply(wire::RegisterJob{.job = web(), .source = "job \"web\" {}", .source_format = "hcl2"});
  add_node();
  place(placed(1));
  apply(wire::DeregisterJob{.ns = "default", .job_id = "web", .purge = true});
  const Snapshot before = store.snapshot();
  Store other;
  ASSERT_TRUE(other.restore(dump(*before)).has_value());
  EXPECT_EQ(other.snapshot()->hash(), before->hash());
  EXPECT_EQ(other.snapshot()->alloc(id<base::AllocNoun>(1))->job->id, "web");
  EXPECT_EQ(dump(*other.snapshot()), dump(*before));
}

TEST_F(StoreTest, a_cut_or_flipped_snapshot_is_refused_or_read_without_a_crash) {
  apply(wire::RegisterJob{.job = web()});
  add_node();
  place(placed(1));
  const std::string whole = dump(*store.snapshot());
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(load(whole.substr(0, n)).has_value()) << n;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    std::string flipped = whole;
    flipped[n] = static_cast<char>(flipped[n] ^ 0x55);
    (void)load(flipped);
  }
}

TEST_F(StoreTest, a_node_is_shown_what_the_servers_changed_since_it_asked) {
  add_node();
  apply(wire::RegisterJob{.job = web()});
  place(placed(1));
  const std::uint64_t seen = index;
  place(placed(2));
  const base::NodeId node = id<base::NodeNoun>(1);
  ASSERT_EQ(store.snapshot()->allocs_of_node(node, seen).size(), 1u);
  EXPECT_EQ(store.snapshot()->allocs_of_node(node, seen)[0]->id, id<base::AllocNoun>(2));
  wire::UpdateAllocs report;  // what the node itself says is no news to it
  report.node_id = node;
  report.reports.emplace_back().alloc_id = id<base::AllocNoun>(1);
  report.reports[0].client_status = model::ClientStatus::running;
  apply(report);
  EXPECT_EQ(store.snapshot()->allocs_of_node(node, seen).size(), 1u);
  wire::ApplyPlans stops;
  stops.plans.emplace_back().stopped = {{id<base::AllocNoun>(1), "stopped", {}, {}, {}, {}}};
  apply(stops);
  EXPECT_EQ(store.snapshot()->allocs_of_node(node, seen).size(), 2u);
  EXPECT_EQ(store.snapshot()->allocs_of_node(node).size(), 2u);
  EXPECT_TRUE(store.snapshot()->allocs_of_node(node, index).empty());
}

TEST_F(StoreTest, a_node_that_missed_a_collection_is_asked_what_it_knows) {
  add_node();
  apply(wire::RegisterJob{.job = web()});
  place(placed(1));
  const std::uint64_t seen = index;
  const base::NodeId node = id<base::NodeNoun>(1);
  EXPECT_FALSE(store.snapshot()->collected_after(node, seen));
  wire::Collect collect;
  collect.allocs = {id<base::AllocNoun>(1)};
  apply(collect);
  EXPECT_TRUE(store.snapshot()->collected_after(node, seen));
  EXPECT_FALSE(store.snapshot()->collected_after(node, index));
  EXPECT_FALSE(store.snapshot()->collected_after(id<base::NodeNoun>(2), seen));
  const auto copy = load(dump(*store.snapshot()));  // which of them is not known any more
  ASSERT_TRUE(copy);
  EXPECT_TRUE((*copy)->collected_after(id<base::NodeNoun>(2), seen));
  EXPECT_FALSE((*copy)->collected_after(node, index));
}

TEST_F(StoreTest, a_plan_counts_its_placements_in_summary_and_rollout) {
  add_node();
  apply(wire::RegisterJob{.job = web()});
  begin_rollout();
  wire::ApplyPlans plans;
  for (const std::uint8_t n : {2, 3, 4}) {
    plans.plans.resize(1);
    plans.plans[0].placed.push_back(placed(n));
    plans.plans[0].placed.back().deployment_id = id<base::DeploymentNoun>(1);
  }
  apply(plans);
  EXPECT_EQ(store.snapshot()->summary({"default", "web"})->groups.at("app").starting, 4);
  EXPECT_EQ(rollout().groups.at("app").placed_allocs, 4);
  EXPECT_EQ(rollout().groups.at("app").placed_canaries.size(), 1u);
  EXPECT_EQ(rollout().modify_index, index);
  EXPECT_EQ(store.snapshot()->job({"default", "web"})->status, model::JobStatus::running);
}

TEST_F(StoreTest, only_the_touched_keys_are_reported) {
  const std::vector<std::string> touched = apply(wire::RegisterJob{.job = web()});
  EXPECT_EQ(std::ranges::count(touched, "job/default/web") > 0, true);
  EXPECT_EQ(std::ranges::count(touched, "job/default/other"), 0);
  EXPECT_EQ(std::ranges::count(touched, "nodes"), 0);
}

TEST_F(StoreTest, bytes_nobody_wrote_change_nothing_but_the_index) {
  apply(wire::RegisterJob{.job = web()});
  const auto job_hash = store.snapshot()->table_hash;
  store.apply(++index, "\xff\xff\xff");
  EXPECT_EQ(store.snapshot()->table_hash, job_hash);
  EXPECT_EQ(store.snapshot()->index, index);
}

TEST(Dump, reads_what_earlier_formats_wrote) {
  Tables newest;
  newest.log_version = wire::log_version;
  Store eighth;
  EXPECT_TRUE(eighth.restore(dump(newest)));
  EXPECT_EQ(eighth.snapshot()->log_version, wire::log_version);
  // What servers of the version before can read. Of an empty state everything but the version is 0:
  // an index and a table fewer for each that came since, and two indexes of restores.
  std::string older = dump(Tables());
  EXPECT_EQ(older[0], 7);
  Store seventh;
  EXPECT_TRUE(seventh.restore(older));
  older.resize(older.size() - 6);
  older[0] = 6;
  Store sixth;
  EXPECT_TRUE(sixth.restore(older));
  older.resize(older.size() - 4);
  older[0] = 5;
  Store fifth;
  EXPECT_TRUE(fifth.restore(older));
  older.resize(older.size() - 8);
  older[0] = 4;
  Store fourth;
  EXPECT_TRUE(fourth.restore(older));
  older.resize(older.size() - 2);
  older[0] = 3;
  Store third;
  EXPECT_TRUE(third.restore(older));
  older.resize(older.size() - 10);
  older[0] = 2;
  Store second;
  EXPECT_TRUE(second.restore(older));
  EXPECT_EQ(second.snapshot()->hash(), Tables().hash());
  older.resize(older.size() - 2);
  older[0] = 1;
  Store store;
  EXPECT_TRUE(store.restore(older));
  older[0] = 99;
  EXPECT_EQ(store.restore(older).error().code, base::Code::unsupported);
}

}  // namespace
}  // namespace caravan::state
