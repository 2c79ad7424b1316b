// SPDX-License-Identifier: Apache-2.0
#include "wire/binary.hpp"

#include <gtest/gtest.h>

#include "model/evaluation.hpp"
#include "wire/json_in.hpp"
#include "wire/json_out.hpp"

namespace caravan::wire {
namespace {

struct Yesterday {
  int count = 1;
  std::string name;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Yesterday& y) {
  v(1, "Count", y.count);
  v(3, "Name", y.name);
  v.unknown(y.unknown);
}

struct Today {
  int count = 1;
  std::vector<std::string> tags;
  std::string name;
  std::optional<bool> flag;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Today& t) {
  v(1, "Count", t.count);
  v(2, "Tags", t.tags);
  v(3, "Name", t.name);
  v(4, "Flag", t.flag);
  v.unknown(t.unknown);
}

TEST(Binary, defaults_take_no_room_and_zero_is_not_the_default) {
  EXPECT_EQ(encode(Today{}), "");
  Today zero;
  zero.count = 0;
  EXPECT_EQ(decode<Today>(encode(zero))->count, 0);
}

TEST(Binary, an_empty_optional_differs_from_a_false_one) {
  Today today;
  today.flag = false;
  EXPECT_EQ(decode<Today>(encode(today))->flag, false);
  EXPECT_EQ(decode<Today>(encode(Today{}))->flag, std::nullopt);
}

TEST(Binary, an_older_version_keeps_what_it_does_not_know) {
  Today today{.count = 7, .tags = {"a", ""}, .name = "web", .flag = true};
  Yesterday yesterday = decode<Yesterday>(encode(today)).value();
  EXPECT_EQ(yesterday.name, "web");
  yesterday.count = 8;
  const Today back = decode<Today>(encode(yesterday)).value();
  EXPECT_EQ(back.count, 8);
  EXPECT_EQ(back.tags, today.tags);
  EXPECT_EQ(back.flag, true);
}

TEST(Binary, damaged_bytes_are_refused_at_every_length) {
  const std::string bytes = encode(Today{.count = 300, .tags = {"abc"}, .name = "x"});
  for (std::size_t n = 1; n < bytes.size(); ++n) {
    const auto cut = decode<Today>(bytes.substr(0, n));
    if (cut) EXPECT_NE(encode(*cut), bytes) << n;
  }
  EXPECT_FALSE(decode<Today>("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").has_value());
}

TEST(Binary, a_job_survives_and_so_do_its_types) {
  model::Job job;
  job.id = "web";
  model::TaskGroup& group = job.groups.emplace_back();
  group.count = 0;
  group.reschedule.emplace();
  model::Task& task = group.tasks.emplace_back();
  task.config["args"] = json::Array{1, "two", nullptr};
  task.env["A"] = "";
  task.kill_timeout = base::Duration(0);
  EXPECT_EQ(decode<model::Job>(encode(job)).value(), job);
}

TEST(JsonIn, wrong_types_are_refused_with_their_path) {
  const auto value = json::parse(R"({"TaskGroups":[{"Tasks":[{"Resources":{"CPU":"fast"}}]}]})");
  EXPECT_EQ(from_json<model::Job>(*value, "Job").error().message,
            "Job.TaskGroups[0].Tasks[0].Resources.CPU: a string instead of a whole number");
  EXPECT_EQ(from_json<model::Job>(*json::parse(R"({"Type":"servce"})"), "Job").error().message,
            "Job.Type: \"servce\" is none of service, batch, system, sysbatch");
  EXPECT_FALSE(from_json<model::Job>(*json::parse(R"({"Priority":1.5})"), "Job").has_value());
  EXPECT_FALSE(from_json<model::Job>(*json::parse(R"({"Priority":9223372036854775808})"), "Job")
                   .has_value());
}

TEST(JsonIn, keys_match_in_any_case_and_null_means_default) {
  const auto job =
      from_json<model::Job>(*json::parse(R"({"id":"a","PRIORITY":null,"Other":1})"), "Job");
  EXPECT_EQ(job->id, "a");
  EXPECT_EQ(job->priority, 50);
}

TEST(JsonOut, a_noun_reads_back_from_its_own_json) {
  model::Evaluation eval;
  eval.triggered_by = "job-register";
  eval.status = model::EvalStatus::blocked;
  eval.wait_until = base::Instant::from_seconds(1'700'000'000);
  eval.failed_groups["g"].nodes_filtered = 3;
  EXPECT_EQ(from_json<model::Evaluation>(*json::parse(to_json(eval)), "Evaluation").value(), eval);
}

}  // namespace
}  // namespace caravan::wire
