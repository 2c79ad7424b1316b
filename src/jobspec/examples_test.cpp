// SPDX-License-Identifier: Apache-2.0
// Jobs as people write them: each file of testdata holds what some known job uses.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "jobspec/jobspec.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::jobspec {
namespace {

Parsed example(const std::string& name) {
  std::ifstream file(std::string(CARAVAN_SOURCE_DIR) + "/src/jobspec/testdata/" + name);
  std::stringstream text;
  text << file.rdbuf();
  ParseInput input;
  input.file_name = name;
  input.source = text.str();
  return parse(input);
}

TEST(Examples, ingress_reads_keys_and_secrets) {
  const Parsed parsed = example("ingress.nomad.hcl");
  ASSERT_TRUE(parsed.job) << parsed.diagnostics.render();
  const model::TaskGroup& group = parsed.job->groups.at(0);
  ASSERT_EQ(group.networks.at(0).reserved_ports.size(), 3u);
  EXPECT_EQ(group.networks[0].reserved_ports[2].value, 8080);
  EXPECT_EQ(group.services.at(0).checks.at(0).port_label, "http");
  const model::Task& task = group.tasks.at(0);
  EXPECT_EQ(task.templates.at(1).perms, "600");
  EXPECT_EQ(task.templates[0].text,
            "[entryPoints.http]\naddress = \":{{ env \"NOMAD_PORT_http\" }}\"\n"
            "{{- if keyExists \"proxy/config/acme_email\" }}\n"
            "email = {{ key \"proxy/config/acme_email\" | toJSON }}\n{{- end }}\n"
            "rule = \"Host(`{{ \"{{ .Name }}\" }}.example.com`)\"\n");
  EXPECT_EQ(json::to_string(task.config),
            R"({"image":"proxy:v3","network_mode":"host","volumes":["local/proxy.toml:/etc/proxy/)"
            R"(proxy.toml","secrets/ca.crt:/etc/ssl/ca.crt:ro"]})");
  EXPECT_EQ(task.resources.memory_mb, 128);
}

TEST(Examples, backup_runs_a_script_made_of_a_template) {
  const Parsed parsed = example("backup.nomad.hcl");
  ASSERT_TRUE(parsed.job) << parsed.diagnostics.render();
  EXPECT_EQ(parsed.job->type, model::JobType::batch);
  EXPECT_EQ(parsed.job->periodic->spec, "@monthly");
  EXPECT_EQ(parsed.job->meta.at("tries"), "3");
  EXPECT_EQ(parsed.job->parameterized->meta_optional, std::vector<std::string>{"target"});
  const model::Task& task = parsed.job->groups.at(0).tasks.at(0);
  EXPECT_NE(task.templates.at(0).text.find("TARGET=${NOMAD_META_target}"), std::string::npos);
  EXPECT_NE(task.templates.at(1).text.find("backup \"${HOME}\""), std::string::npos);
  EXPECT_EQ(task.vault.at("Env"), json::Value(true));
  EXPECT_EQ(task.dispatch_payload->file, "input.json");
  EXPECT_EQ(parsed.job->groups[0].ephemeral_disk.size_mb, 50);
}

TEST(Examples, database_uses_variables_locals_and_dynamic_blocks) {
  const Parsed parsed = example("database.nomad.hcl");
  ASSERT_TRUE(parsed.job) << parsed.diagnostics.render();
  const model::TaskGroup& group = parsed.job->groups.at(0);
  EXPECT_EQ(group.constraints.at(0).operand, "distinct_hosts");
  EXPECT_EQ(group.constraints.at(2).operand, "regexp");
  EXPECT_EQ(group.networks.at(0).dynamic_ports.at(0).label, "http-rest");
  EXPECT_TRUE(group.volumes.at("extra").per_alloc);
  ASSERT_EQ(group.services.size(), 2u);
  EXPECT_EQ(group.services[1].name, "${NOMAD_JOB_NAME}-rest");
  EXPECT_EQ(group.services[1].checks.at(0).type, "http");
  EXPECT_EQ(group.services[0].checks.at(0).header.at("Accept"),
            std::vector<std::string>{"text/plain"});
  const model::Task& task = group.tasks.at(0);
  EXPECT_EQ(task.kill_timeout, base::Duration(180'000'000'000));
  EXPECT_EQ(task.artifacts.at(0).destination, "local/exporter-5.4.2.jar");
  EXPECT_EQ(json::to_string(json::Value(task.config).at("args")),
            R"(["-Cnode.name=${NOMAD_GROUP_NAME}-${NOMAD_ALLOC_INDEX}",)"
            R"("-Cpath=${NOMAD_ALLOC_DIR}/data","-Ccluster.name=MAIN"])");
  EXPECT_EQ(json::to_string(json::Value(task.config).at("logging")),
            R"([{"config":[{"tag":"${NOMAD_TASK_NAME}"}],"type":"fluentd"}])");
  EXPECT_EQ(task.config.find("mount")->as_array()->size(), 2u);
  EXPECT_EQ(task.env.at("DEBUG"), "true");
  EXPECT_EQ(task.env.at("OPTS"), "-Xmx1g\n-javaagent:/local/exporter-5.4.2.jar\n");
  EXPECT_EQ(task.resources.memory_mb_max, 4096);
  ASSERT_TRUE(task.identity);
  EXPECT_TRUE(task.identity->file);
  EXPECT_EQ(task.identities.at(0).name, "vault_default");
}

TEST(Examples, legacy_forms_still_mean_what_they_meant) {
  const Parsed parsed = example("legacy.nomad.hcl");
  ASSERT_TRUE(parsed.job) << parsed.diagnostics.render();
  const model::Task& task = parsed.job->groups.at(0).tasks.at(0);
  EXPECT_EQ(task.resources.cpu, 128);
  EXPECT_EQ(task.resources.networks.at(0).reserved_ports.at(0).value, 29200);
  EXPECT_EQ(task.resources.networks.at(0).dynamic_ports.at(0).label, "admin");
  EXPECT_EQ(task.services.at(0).name, "${TASKGROUP}-${TASK}-service");
  EXPECT_EQ(task.services.at(0).port_label, "9001");
  EXPECT_EQ(task.logs.max_files, 2);
  EXPECT_EQ(json::to_string(json::Value(task.config).at("port_map")), R"({"http":24224})");
}

TEST(Examples, mesh_jobs_keep_their_connect_blocks) {
  const Parsed parsed = example("mesh.nomad.hcl");
  ASSERT_TRUE(parsed.job) << parsed.diagnostics.render();
  const model::TaskGroup& dashboard = parsed.job->groups.at(1);
  EXPECT_EQ(dashboard.count, 2);  // from scaling
  EXPECT_EQ(dashboard.services.at(0).name, "${NOMAD_JOB_NAME}");
  EXPECT_EQ(dashboard.services[0].port_label, "9002");
  EXPECT_EQ(json::to_string(dashboard.services[0].connect),
            R"({"SidecarService":{"Proxy":{"Upstreams":[{"DestinationName":"count-api",)"
            R"("LocalBindPort":8080}]}}})");
  EXPECT_EQ(json::to_string(parsed.job->groups[0].services[0].connect), R"({"SidecarService":{}})");
  EXPECT_EQ(json::Value(dashboard.scaling->policy).at("cooldown"), json::Value("1m"));
  EXPECT_TRUE(dashboard.tasks.at(0).is_prestart());
  EXPECT_TRUE(dashboard.tasks.at(1).leader);
  EXPECT_EQ(dashboard.tasks[1].scaling_policies.at(0).at("Type"), json::Value("vertical_cpu"));
}

TEST(Examples, the_json_form_says_the_same) {
  const Parsed parsed = example("sysctl.nomad.json");
  ASSERT_TRUE(parsed.job) << parsed.diagnostics.render();
  EXPECT_EQ(parsed.job->type, model::JobType::sysbatch);
  EXPECT_EQ(parsed.job->meta.at("a"), "1");
  EXPECT_EQ(json::to_string(parsed.job->groups.at(0).tasks.at(0).config),
            R"({"args":["-w","vm.max_map_count=262144"],"command":"sysctl"})");
  EXPECT_EQ(parsed.job->constraints.at(0).left, "${attr.kernel.name}");
}

/// Members of `ours` that differ from `theirs`, or that they do not have.
void compare(const json::Value& ours, const json::Value& theirs, const std::string& path) {
  if (const json::Object* object = ours.as_object()) {
    for (const json::Member& member : *object)
      compare(member.value, theirs.at(member.name), path + "." + member.name);
  } else if (const json::Array* array = ours.as_array()) {
    ASSERT_TRUE(theirs.as_array()) << path;
    ASSERT_EQ(array->size(), theirs.as_array()->size()) << path;
    for (std::size_t i = 0; i < array->size(); ++i)
      compare((*array)[i], (*theirs.as_array())[i], path + "[]");
  } else {
    EXPECT_EQ(json::to_string(ours), json::to_string(theirs)) << path;
  }
}

// The request and the answer of a recorded exchange with a real server.
TEST(Examples, a_recorded_job_parses_as_it_did_there) {
  std::ifstream file(std::string(CARAVAN_SOURCE_DIR) + "/src/jobspec/testdata/recorded_parse.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto recorded = json::parse(text.str());
  ASSERT_TRUE(recorded);
  ParseInput input;
  input.source = *recorded->at("JobHCL").as_string();
  const Parsed parsed = parse(input);
  ASSERT_TRUE(parsed.job) << parsed.diagnostics.render();
  compare(parsed.json, recorded->at("Answer"), "Job");
}

}  // namespace
}  // namespace caravan::jobspec
