// SPDX-License-Identifier: Apache-2.0
#include "server/children.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "server/periodic.hpp"

namespace caravan::server {
namespace {

model::Job work() {
  model::Job job;
  job.id = job.name = "work";
  job.type = model::JobType::batch;
  job.version = 3;
  job.meta["who"] = "nobody";
  job.parameterized.emplace();
  job.parameterized->meta_required = {"who"};
  job.parameterized->meta_optional = {"when"};
  return job;
}

std::string answer(const model::Job& job, const DispatchRequest& request) {
  const base::Status checked = check_dispatch(job, request);
  return checked ? "" : checked.error().message;
}

TEST(Children, ADispatchIsNamedByTimeAndNumber) {
  DispatchRequest request;
  request.meta = {{"who", "ann"}};
  request.payload = "in the box\n";
  EXPECT_EQ(answer(work(), request), "");
  model::Job child =
      dispatched_child(work(), request, base::Instant::from_seconds(1795183990), 0x55dcddc9);
  EXPECT_EQ(child.id, "work/dispatch-1795183990-55dcddc9");
  EXPECT_EQ(child.parent_id, "work");
  EXPECT_EQ(child.payload, base::base64_encode("in the box\n"));
  EXPECT_EQ(child.meta.at("who"), "ann");
  EXPECT_EQ(child.version, 0u);
  EXPECT_FALSE(child.is_parent());
  request.id_prefix = "vip";
  child = dispatched_child(work(), request, base::Instant::from_seconds(1), 0xf);
  EXPECT_EQ(child.id, "work/dispatch-vip-1-0000000f");
}

TEST(Children, WhatADispatchLacksOrHasTooMuchIsSaid) {
  EXPECT_EQ(answer(work(), {}), "Dispatch did not provide required meta keys: [who]");
  EXPECT_EQ(answer(work(), {.meta = {{"who", "x"}, {"colour", "red"}}}),
            "Dispatch request included unpermitted metadata keys: [colour]");
  model::Job job = work();
  job.parameterized->payload = "forbidden";
  EXPECT_EQ(answer(job, {.payload = "x", .meta = {{"who", "x"}}}),
            "Payload provided but forbidden by parameterized job");
  EXPECT_EQ(answer(work(), {.payload = std::string(16385, 'x'), .meta = {{"who", "x"}}}),
            "Payload exceeds maximum size; 16385 > 16384");
  job.parameterized.reset();
  EXPECT_EQ(answer(job, {}), "Specified job \"work\" is not a parameterized job");
}

TEST(Children, APeriodicOneIsNamedByItsLaunch) {
  model::Job job = work();
  job.parameterized.reset();
  job.periodic.emplace().spec = "@daily";
  const model::Job child = periodic_child(job, base::Instant::from_seconds(1795183991));
  EXPECT_EQ(child.id, "work/periodic-1795183991");
  EXPECT_FALSE(child.is_parent());
}

TEST(Periodic, SeveralMissedLaunchesAreOne) {
  LaunchSchedule hourly;
  hourly.crons.push_back(base::Cron::parse("@hourly").value());
  const auto at = [](std::int64_t minutes) { return base::Instant::from_seconds(minutes * 60); };
  EXPECT_EQ(due_launch(hourly, at(60), at(59)), std::nullopt);
  EXPECT_EQ(due_launch(hourly, at(60), at(60)), at(60));
  EXPECT_EQ(due_launch(hourly, at(60), at(119)), at(60));
  EXPECT_EQ(due_launch(hourly, at(60), at(200)), at(200));
}

}  // namespace
}  // namespace caravan::server
