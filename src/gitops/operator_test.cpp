// SPDX-License-Identifier: Apache-2.0
// The operator against an API that is a few maps.
#include "gitops/operator.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::gitops {
namespace {

using json::Object;

class FakeSource : public Source {
 public:
  explicit FakeSource(const base::Result<Sources>& now) : now_(now) {}
  io::Task<base::Result<Sources>> read() override { co_return now_; }

 private:
  const base::Result<Sources>& now_;
};

class StillClock : public io::Clock {
 public:
  base::Instant now() const override { return {1}; }
  base::Duration uptime() const override { return base::Duration(1); }
  io::Task<void> sleep(base::Duration) override { co_return; }
};

/// A job's text is "<id>" or "bad"; a change of its meta is all that a plan sees.
class FakeApi : public Api {
 public:
  io::Task<base::Result<Reply>> ask(std::string method, std::string target,
                                    std::string body) override {
    co_return answer(method, target.substr(0, target.find('?')), target, body);
  }

  struct Kept {
    std::string text;
    std::uint64_t index = 0;
    bool stopped = false, ours = true;
  };
  std::map<std::string, Kept> jobs;
  std::map<std::string, Items> variables;
  std::vector<std::string> calls;

 private:
  static Reply ok(json::Value value) { return {200, json::to_string(value)}; }

  Reply answer(const std::string& method, const std::string& path, const std::string& target,
               const std::string& body) {
    if (path == "/v1/jobs" && method == "GET") return list();
    if (path == "/v1/jobs/parse") {
      const std::string text = *json::parse(body)->at("JobHCL").as_string();
      if (text.starts_with("bad")) return {400, "web.nomad:1:1: not a job"};
      return ok(Object{{"ID", text.substr(0, text.find(' '))}, {"Name", text}});
    }
    if (path.starts_with("/v1/var")) return variable(method, path, body);
    calls.push_back(method + " " + target.substr(0, target.find("namespace") - 1));
    if (path.ends_with("/plan")) {
      const json::Value job = json::parse(body)->at("Job");
      const auto known = jobs.find(*job.at("ID").as_string());
      const bool same = known != jobs.end() && known->second.text == *job.at("Name").as_string();
      return ok(Object{{"Diff", Object{{"Type", same ? "None" : "Edited"}}}});
    }
    if (path == "/v1/jobs") {
      const json::Value job = json::parse(body)->at("Job");
      jobs[*job.at("ID").as_string()] = {*job.at("Name").as_string(), ++index_};
      return ok(Object{{"JobModifyIndex", index_}});
    }
    if (method == "DELETE") jobs.erase(path.substr(std::string("/v1/job/").size()));
    return ok(Object{});
  }

  Reply list() const {
    json::Array stubs;
    for (const auto& [id, job] : jobs) {
      Object meta;
      if (job.ours) meta = Object{{"nomoporater", "true"}, {"uid", "nomoporator"}};
      stubs.push_back(Object{{"ID", id},
                             {"Namespace", "default"},
                             {"JobModifyIndex", job.index},
                             {"Stop", job.stopped},
                             {"Meta", meta}});
    }
    return ok(std::move(stubs));
  }

  Reply variable(const std::string& method, const std::string& path, const std::string& body) {
    if (path == "/v1/vars") {
      json::Array stubs;
      for (const auto& [name, items] : variables)
        stubs.push_back(Object{{"Namespace", "default"}, {"Path", name}, {"ModifyIndex", 7}});
      return ok(std::move(stubs));
    }
    const std::string name = *base::percent_decode(path.substr(std::string("/v1/var/").size()));
    if (method == "DELETE") variables.erase(name);
    if (method == "PUT") {
      Items items;
      const json::Value sent = json::parse(body)->at("Items");
      for (const json::Member& member : *sent.as_object())
        items[member.name] = *member.value.as_string();
      variables[name] = items;
    }
    if (!variables.contains(name)) return {404, "variable not found"};
    Object items;
    for (const auto& [key, value] : variables[name])
      items[key] = value;
    return ok(Object{{"Items", items}, {"ModifyIndex", 7}});
  }

  std::uint64_t index_ = 0;
};

class OperatorTest : public testing::Test {
 protected:
  OperatorTest() : sources(Sources()) {
    Settings settings;
    settings.folder = "/jobs";
    operator_ = std::make_unique<Operator>(settings, std::make_unique<FakeSource>(sources), api,
                                           clock, [this](const std::string& line) {
                                             said.push_back(line);
                                           });
  }
  Report run() {
    said.clear();
    api.calls.clear();
    Report report;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, operator_->run_once(), [&](std::exception_ptr, Report done) {
      report = std::move(done);
    });
    io.run();
    return report;
  }
  void files(std::vector<SourceFile> jobs) { sources->jobs = std::move(jobs); }

  base::Result<Sources> sources;
  FakeApi api;
  StillClock clock;
  std::vector<std::string> said;
  std::unique_ptr<Operator> operator_;
};

TEST_F(OperatorTest, applies_what_is_new_and_asks_nothing_while_nothing_changes) {
  files({{"db.nomad", "db"}, {"web.nomad", "web"}});
  EXPECT_EQ(run().applied, 2u);
  EXPECT_EQ(said[0], "Applying job [db][db.nomad]");
  EXPECT_EQ(run().applied, 0u);
  EXPECT_TRUE(api.calls.empty());
  files({{"db.nomad", "db"}, {"web.nomad", "web 2"}});
  EXPECT_EQ(run().applied, 1u);
  EXPECT_EQ(api.jobs["web"].text, "web 2");
}

TEST_F(OperatorTest, mends_what_others_changed_or_stopped) {
  files({{"web.nomad", "web"}});
  run();
  api.jobs["web"].stopped = true;
  EXPECT_EQ(run().applied, 1u);
  EXPECT_FALSE(api.jobs["web"].stopped);
  api.jobs["web"] = {"web by hand", 99};
  EXPECT_EQ(run().applied, 1u);
  EXPECT_EQ(api.jobs["web"].text, "web");
}

TEST_F(OperatorTest, a_bad_file_takes_nothing_down_not_even_its_own_job) {
  files({{"db.nomad", "db"}, {"web.nomad", "web"}});
  run();
  files({{"db.nomad", "db 2"}, {"web.nomad", "bad"}});
  const Report report = run();
  EXPECT_EQ(report.applied, 1u);
  EXPECT_EQ(report.deleted, 0u);
  EXPECT_TRUE(api.jobs.contains("web"));
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].file, "web.nomad");
  EXPECT_EQ(report.problems[0].message, "Failed to parse file: web.nomad:1:1: not a job");
}

TEST_F(OperatorTest, prunes_what_it_manages_and_nothing_else) {
  files({{"db.nomad", "db"}, {"web.nomad", "web"}});
  run();
  api.jobs["theirs"] = {"theirs", 5, false, false};
  files({{"db.nomad", "db"}});
  EXPECT_EQ(run().deleted, 1u);
  EXPECT_FALSE(api.jobs.contains("web"));
  EXPECT_TRUE(api.jobs.contains("theirs"));
}

TEST_F(OperatorTest, after_a_restart_it_prunes_only_when_it_can_read_everything) {
  api.jobs["web"] = {"web", 5};
  files({{"db.nomad", "db"}, {"web.nomad", "bad"}});
  EXPECT_EQ(run().deleted, 0u);
  EXPECT_TRUE(api.jobs.contains("web"));
  files({{"db.nomad", "db"}});
  EXPECT_EQ(run().deleted, 1u);
}

TEST_F(OperatorTest, an_empty_or_unreachable_source_ends_nothing) {
  files({{"web.nomad", "web"}});
  run();
  files({});
  Report report = run();
  EXPECT_EQ(report.deleted, 0u);
  EXPECT_EQ(report.problems.size(), 1u);
  sources = base::fail(base::Code::io, "the remote is gone");
  report = run();
  EXPECT_EQ(report.deleted, 0u);
  EXPECT_EQ(report.problems[0].message, "the remote is gone");
}

TEST_F(OperatorTest, of_two_files_for_one_job_the_first_counts) {
  files({{"a.nomad", "web"}, {"b.nomad", "web 2"}});
  const Report report = run();
  EXPECT_EQ(api.jobs["web"].text, "web");
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].message, "Skipping duplicate job [web]");
}

TEST_F(OperatorTest, keeps_variables_and_takes_its_own_items_back) {
  api.variables["app"] = {{"theirs", "1"}};
  sources->variables = {{"app.vars.yml", "path: app\nitems: {ours: a}"}};
  files({{"web.nomad", "web"}});
  run();
  EXPECT_EQ(api.variables["app"],
            (Items{{"theirs", "1"}, {"ours", "a"}, {"nomoporator", "ours"}}));
  sources->variables = {};
  run();
  EXPECT_EQ(api.variables["app"], (Items{{"theirs", "1"}}));
}

TEST_F(OperatorTest, a_broken_file_of_variables_keeps_them_all) {
  sources->variables = {{"app.vars.yml", "path: app\nitems: {ours: a}"}};
  run();
  sources->variables = {{"app.vars.yml", "path: [app"}};
  EXPECT_EQ(run().problems.size(), 1u);
  EXPECT_TRUE(api.variables.contains("app"));
}

}  // namespace
}  // namespace caravan::gitops
