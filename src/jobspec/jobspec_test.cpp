// SPDX-License-Identifier: Apache-2.0
#include "jobspec/jobspec.hpp"

#include <gtest/gtest.h>

#include "json/writer.hpp"

namespace caravan::jobspec {
namespace {

Parsed parsed(std::string source) {
  ParseInput input;
  input.file_name = "f";
  input.source = std::move(source);
  return parse(input);
}

std::string errors_of(std::string source) {
  return parsed(std::move(source)).diagnostics.summary();
}

/// A job with `inside` in its only task.
std::string job_with(const std::string& inside) {
  return "job \"j\" {\n  task \"t\" {\n    driver = \"exec\"\n" + inside + "\n  }\n}\n";
}

TEST(Job, takes_its_id_and_name_from_the_label) {
  EXPECT_EQ(json::to_string(parsed("job \"web\" {}").json), R"({"ID":"web","Name":"web"})");
  EXPECT_EQ(json::to_string(parsed("job \"web\" {\n id = \"x\"\n}").json),
            R"({"ID":"x","Name":"x"})");
}

TEST(Job, with_a_lone_task_gets_a_group_of_its_name) {
  const Parsed job = parsed(job_with(""));
  ASSERT_TRUE(job.job) << job.diagnostics.render();
  EXPECT_EQ(job.job->groups.at(0).name, "t");
  EXPECT_EQ(job.job->groups.at(0).tasks.at(0).driver, "exec");
}

TEST(Job, hands_its_vault_and_secrets_to_tasks) {
  const Parsed job = parsed(
      "job \"j\" {\n vault {\n  role = \"a\"\n }\n secret \"s\" {\n  provider = \"nomad\"\n"
      "  path = \"p\"\n }\n group \"g\" {\n  task \"t\" {\n   driver = \"exec\"\n  }\n"
      "  task \"u\" {\n   driver = \"exec\"\n   vault {\n    role = \"b\"\n   }\n  }\n }\n}");
  ASSERT_TRUE(job.job) << job.diagnostics.render();
  EXPECT_EQ(job.job->groups[0].tasks[0].vault.at("Role"), json::Value("a"));
  EXPECT_EQ(job.job->groups[0].tasks[1].vault.at("Role"), json::Value("b"));
  EXPECT_EQ(job.job->groups[0].tasks[1].secrets.at(0).at("Name"), json::Value("s"));
}

TEST(Job, is_also_read_from_the_json_of_the_api) {
  const Parsed job =
      parsed(R"({"Job": {"ID": "j", "Name": "n", "TaskGroups": [{"Name": "g", "Count": 2}]}})");
  ASSERT_TRUE(job.job) << job.diagnostics.render();
  EXPECT_EQ(job.job->groups.at(0).count, 2);
}

TEST(Constraint, shorthands_stand_for_operators) {
  const auto constraint = [](const std::string& inside) {
    return json::to_string(
        parsed("job \"j\" {\n constraint {\n" + inside + "\n }\n}").json.at("Constraints"));
  };
  EXPECT_EQ(constraint("distinct_hosts = true"),
            R"([{"Operand":"distinct_hosts","RTarget":"true"}])");
  EXPECT_EQ(constraint("distinct_hosts = false"), "null");
  EXPECT_EQ(constraint("distinct_property = \"${meta.rack}\""),
            R"([{"Operand":"distinct_property","LTarget":"${meta.rack}"}])");
  EXPECT_EQ(constraint("attribute = \"${attr.nomad.version}\"\nversion = \">= 1.0\""),
            R"([{"LTarget":"${attr.nomad.version}","Operand":"version","RTarget":">= 1.0"}])");
  EXPECT_EQ(constraint("attribute = \"a\"\nvalue = 3"),
            R"([{"LTarget":"a","RTarget":"3","Operand":"="}])");
}

TEST(Errors, of_real_servers_are_ours) {
  EXPECT_EQ(errors_of("job \"x\" {\n  group \"g\" {\n    count = \n  }\n}"),
            "f:3:13: Invalid expression; Expected the start of an expression, but found an invalid "
            "expression token.");
  EXPECT_EQ(errors_of("job \"x\" {\n  datacenters = [\"dc1\"]\n  colour = \"red\"\n}"),
            "f:3:3: Unsupported argument; An argument named \"colour\" is not expected here.");
  EXPECT_EQ(errors_of(""), "f: Job spec is empty");
  EXPECT_EQ(errors_of("# nothing"),
            "f:1:1: Missing job block; A job block is required: job \"name\" { … }.");
  EXPECT_EQ(errors_of("job \"a\" {}\njob \"b\" {}"),
            "f:2:1: Duplicate job block; Only one job block is allowed in a file.");
}

TEST(Errors, name_the_nearest_key) {
  EXPECT_EQ(
      errors_of(job_with("    resources {\n      memry = 5\n    }")),
      "f:5:7: Unsupported argument; An argument named \"memry\" is not expected here. Did you "
      "mean \"memory\"?");
  EXPECT_EQ(errors_of("job \"j\" {\n  grup \"g\" {}\n}"),
            "f:2:3: Unsupported block type; Blocks of type \"grup\" are not expected here. Did you "
            "mean \"group\"?");
}

TEST(Errors, say_what_kind_of_value_is_wanted) {
  EXPECT_EQ(errors_of(job_with("    kill_timeout = \"soon\"\n    leader = \"maybe\"\n"
                               "    env {\n      A = [1]\n    }")),
            "f:4:20: Incorrect attribute value type; Inappropriate value for attribute "
            "\"kill_timeout\": \"soon\" is not a duration such as 30s or 1h30m.\n"
            "f:5:14: Incorrect attribute value type; Inappropriate value for attribute \"leader\": "
            "a bool is required.\n"
            "f:6:5: Incorrect attribute value type; Inappropriate value for attribute \"A\": a "
            "string is required.");
}

TEST(Errors, of_the_decoder_point_to_the_source) {
  EXPECT_EQ(errors_of("job \"j\" {\n  type = \"srvice\"\n}"),
            "f:2:10: Invalid value; Job.Type: \"srvice\" is none of service, batch, system, "
            "sysbatch");
}

TEST(Errors, count_double_definitions) {
  EXPECT_EQ(errors_of(job_with("    env {\n    }\n    env = {}\n")),
            "f:4:5: Duplicate env block; env is given already; only one block or argument is "
            "allowed.");
}

TEST(Places, tell_where_a_path_was_written) {
  const Parsed job = parsed("job \"j\" {\n  group \"g\" {\n    count = 2\n  }\n}");
  EXPECT_EQ(job.place_of("Job.TaskGroups[0].Count"), "f:3:13");
  EXPECT_EQ(job.place_of("Job.TaskGroups[0].Networks[1]"), "f:2:3");
  EXPECT_EQ(job.place_of("Job.Priority"), "f:1:1");
}

}  // namespace
}  // namespace caravan::jobspec
