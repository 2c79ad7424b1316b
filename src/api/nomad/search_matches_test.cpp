// SPDX-License-Identifier: Apache-2.0
#include "api/nomad/search_matches.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"
#include "state/store.hpp"

namespace caravan::api::nomad {
namespace {

class SearchTest : public testing::Test {
 protected:
  template <class Body>
  void apply(Body body) {
    ++index;
    (void)store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
  void add_eval(std::uint8_t first, std::uint8_t last) {
    model::Evaluation eval;
    eval.id.bytes[0] = first;
    eval.id.bytes[15] = last;
    eval.job_id = "web";
    apply(wire::UpsertEvals{.evals = {eval}});
  }
  void add_job(std::string ns, std::string id) {
    model::Job job;
    job.ns = std::move(ns);
    job.id = job.name = std::move(id);
    model::TaskGroup& group = job.groups.emplace_back();
    group.name = "front";
    model::Task& task = group.tasks.emplace_back();
    task.name = "server";
    task.config["image"] = "redis:7";
    apply(wire::RegisterJob{.job = job});
  }
  json::Value ask(auto find, std::string text, std::string context, std::string ns = "default") {
    const base::Result<acl::Authorized> caller =
        acl::Gate().admit("", acl::Capability::list_jobs, ns);
    const std::string members =
        find(*store.snapshot(), SearchQuestion{std::move(text), std::move(context), ns, &*caller});
    return json::parse("{" + members + "}").value();
  }
  std::size_t found(const json::Value& answer, std::string_view kind) {
    const json::Array* list = answer.at("Matches").at(kind).as_array();
    return list ? list->size() : 0;
  }

  state::Store store;
  std::uint64_t index = 0;
};

TEST_F(SearchTest, ids_are_found_by_any_number_of_their_first_digits) {
  add_eval(0xab, 1);
  add_eval(0xab, 2);
  add_eval(0xac, 3);
  EXPECT_EQ(found(ask(prefix_matches, "ab", "evals"), "evals"), 2u);
  EXPECT_EQ(found(ask(prefix_matches, "a", "evals"), "evals"), 3u);
  EXPECT_EQ(found(ask(prefix_matches, "ac000000-0", "evals"), "evals"), 1u);
  EXPECT_EQ(found(ask(prefix_matches, "", "evals"), "evals"), 3u);
  EXPECT_EQ(found(ask(prefix_matches, "web", "all"), "evals"), 0u);
}

TEST_F(SearchTest, what_is_left_out_is_said) {
  for (int n = 0; n < 21; ++n)
    add_job("default", "web-" + std::to_string(n));
  const json::Value answer = ask(prefix_matches, "web", "jobs");
  EXPECT_EQ(found(answer, "jobs"), matches_max);
  EXPECT_EQ(answer.at("Truncations").at("jobs"), json::Value(true));
}

TEST_F(SearchTest, a_namespace_shows_its_own) {
  add_job("default", "web-1");
  add_job("dev", "web-2");
  EXPECT_EQ(found(ask(prefix_matches, "web", "jobs"), "jobs"), 1u);
  EXPECT_EQ(found(ask(prefix_matches, "web", "jobs", "dev"), "jobs"), 1u);
  EXPECT_EQ(found(ask(prefix_matches, "web", "jobs", "*"), "jobs"), 2u);
}

TEST_F(SearchTest, fuzzy_search_looks_into_jobs_and_says_where) {
  add_job("default", "web");
  const json::Value answer = ask(fuzzy_matches, "REDIS", "all");
  const json::Array* images = answer.at("Matches").at("images").as_array();
  ASSERT_TRUE(images && images->size() == 1);
  EXPECT_EQ((*images)[0].at("ID"), json::Value("redis:7"));
  EXPECT_EQ((*images)[0].at("Scope").as_array()->size(), 4u);
  EXPECT_EQ(found(ask(fuzzy_matches, "ron", "jobs"), "groups"), 1u);
}

}  // namespace
}  // namespace caravan::api::nomad
