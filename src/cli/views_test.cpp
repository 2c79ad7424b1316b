// SPDX-License-Identifier: Apache-2.0
// Answers of the API against the text that the peer's command line was recorded to print for them.
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "cli/acl_view.hpp"
#include "cli/alloc_view.hpp"
#include "cli/deployment_view.hpp"
#include "cli/eval_view.hpp"
#include "cli/job_view.hpp"
#include "cli/monitor.hpp"
#include "cli/node_use_view.hpp"
#include "cli/placement.hpp"
#include "cli/template.hpp"
#include "json/reader.hpp"

namespace caravan::cli {
namespace {

constexpr std::int64_t submitted = 1'795'183'985'000'000'000;  // 2026-11-20T14:13:05Z
constexpr std::int64_t second = 1'000'000'000;

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << value.error().message;
  return value ? *value : json::Value();
}

class Views : public testing::Test {
 protected:
  Views() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

TEST_F(Views, JobsAreListedWithTheirKind) {
  const json::Value jobs = json::Array{json::Object{{"ID", "nightly"},
                                                    {"Type", "batch"},
                                                    {"Periodic", true},
                                                    {"Priority", 50},
                                                    {"Status", "running"},
                                                    {"SubmitTime", submitted}},
                                       json::Object{{"ID", "web"},
                                                    {"Type", "service"},
                                                    {"Priority", 60},
                                                    {"Status", "dead"},
                                                    {"Stop", true},
                                                    {"SubmitTime", submitted}}};
  EXPECT_EQ(job_table(jobs, false),
            "ID       Type            Priority  Status          Submit Date\n"
            "nightly  batch/periodic  50        running         2026-11-20T14:13:05Z\n"
            "web      service         60        dead (stopped)  2026-11-20T14:13:05Z");
}

TEST_F(Views, AllocationsComeNewestFirst) {
  const json::Value allocs = json::Array{json::Object{{"ID", "a841b904-a274"},
                                                      {"NodeID", "4f48a0bc-8775"},
                                                      {"TaskGroup", "app"},
                                                      {"JobVersion", 1},
                                                      {"DesiredStatus", "run"},
                                                      {"ClientStatus", "running"},
                                                      {"CreateTime", submitted},
                                                      {"ModifyTime", submitted + second},
                                                      {"CreateIndex", 1}},
                                         json::Object{{"ID", "b74e2773-fd87"},
                                                      {"NodeID", "4f48a0bc-8775"},
                                                      {"TaskGroup", "app"},
                                                      {"JobVersion", 1},
                                                      {"DesiredStatus", "stop"},
                                                      {"ClientStatus", "complete"},
                                                      {"CreateTime", submitted + 3 * second},
                                                      {"ModifyTime", submitted + 4 * second},
                                                      {"CreateIndex", 2}}};
  EXPECT_EQ(alloc_table(allocs, false, true, submitted + 5 * second),
            "ID        Node ID   Task Group  Version  Desired  Status    Created  Modified\n"
            "b74e2773  4f48a0bc  app         1        stop     complete  2s ago   1s ago\n"
            "a841b904  4f48a0bc  app         1        run      running   5s ago   4s ago");
  EXPECT_EQ(alloc_table(json::Array(), false, true, 0), "No allocations placed");
}

TEST_F(Views, PortsShowWhereTheyLead) {
  const json::Value alloc = parsed(R"({"AllocatedResources": {"Shared": {
    "Networks": [{"DynamicPorts": [{"Label": "http"}, {"Label": "admin"}]}],
    "Ports": [{"Label": "http", "Value": 24260, "To": 0, "HostIP": "127.0.0.1"}, {"Label": "admin", "Value": 29629, "To": 9090, "HostIP": "127.0.0.1"}]}}})");
  EXPECT_EQ(alloc_addresses(alloc),
            "Allocation Addresses\n"
            "Label   Dynamic  Address\n"
            "*http   yes      127.0.0.1:24260\n"
            "*admin  yes      127.0.0.1:29629 -> 9090");
}

TEST_F(Views, TasksShowWhatHappenedToThem) {
  const json::Value alloc = parsed(
      R"({"AllocatedResources": {"Shared": {"DiskMB": 300}, "Tasks": {"t": {"Cpu": {"CpuShares": 20}, "Memory": {"MemoryMB": 16}}}},
    "TaskStates": {"t": {"State": "dead", "Restarts": 1, "StartedAt": "2026-11-20T14:13:05.5Z", "FinishedAt": "2026-11-20T14:13:05Z", "LastRestart": null,
      "Events": [{"Time": 1795183983000000000, "Type": "Received", "DisplayMessage": "Task received by client"},
                 {"Time": 1795183985000000000, "Type": "Terminated", "DisplayMessage": "Exit Code: 7"}]}}})");
  EXPECT_EQ(alloc_tasks(alloc, nullptr, false),
            "Task \"t\" is \"dead\"\n"
            "Task Resources\n"
            "CPU     Memory  Disk     Addresses\n"
            "20 MHz  16 MiB  300 MiB  \n\n"
            "Task Events:\n"
            "Started At     = 2026-11-20T14:13:05Z\n"
            "Finished At    = 2026-11-20T14:13:05Z\n"
            "Total Restarts = 1\n"
            "Last Restart   = N/A\n\n"
            "Recent Events:\n"
            "Time                  Type        Description\n"
            "2026-11-20T14:13:05Z  Terminated  Exit Code: 7\n"
            "2026-11-20T14:13:03Z  Received    Task received by client");
}

TEST_F(Views, CanariesBringTheirColumns) {
  const json::Value deployment =
      parsed(R"({"ID": "5bda696f-622a", "JobID": "canary", "JobVersion": 1, "Status": "running",
    "StatusDescription": "Deployment is running but requires manual promotion",
    "TaskGroups": {"g": {"DesiredCanaries": 1, "DesiredTotal": 1, "PlacedAllocs": 1, "HealthyAllocs": 1, "RequireProgressBy": "2026-11-20T14:15:33.69Z"}}})");
  EXPECT_EQ(
      deployment_block(deployment, false, true),
      "ID          = 5bda696f\n"
      "Job ID      = canary\n"
      "Job Version = 1\n"
      "Status      = running\n"
      "Description = Deployment is running but requires manual promotion\n\n"
      "Deployed\n"
      "Task Group  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline\n"
      "g           false     1        1         1       1        0          2026-11-20T14:15:33Z");
}

TEST_F(Views, FailedPlacementsSayWhy) {
  const json::Value failed = parsed(
      R"({"g": {"NodesEvaluated": 1, "NodesAvailable": {"dc1": 1}, "CoalescedFailures": 1, "NodesExhausted": 1,
    "ConstraintFiltered": {"${meta.rack} = r99": 1}, "DimensionExhausted": {"memory": 1}}})");
  EXPECT_EQ(base::join(failed_placements(failed), "\n"),
            "Task Group \"g\" (failed to place 2 allocations):\n"
            "  * Constraint \"${meta.rack} = r99\": 1 nodes excluded by filter\n"
            "  * Resources exhausted on 1 nodes\n"
            "  * Dimension \"memory\" exhausted on 1 nodes");
}

TEST_F(Views, MachinesShowWhatTheyUse) {
  const json::Value stats = parsed(
      R"({"AllocDirStats": {"Size": 270553174016, "Used": 23347535872}, "CPUTicksConsumed": 12.4,
          "CPU": [{"CPU": "cpu0", "User": 1.5, "System": 0.25, "Idle": 98.25}],
          "DiskStats": [{"Device": "/dev/vda", "Mountpoint": "/", "Size": 270553174016,
            "Used": 23347535872, "Available": 79397744640, "UsedPercent": 22.72370638890139,
            "InodesUsedPercent": 2.78112}],
          "Memory": {"Available": 24495198208, "Free": 23634210816, "Total": 25276510208,
            "Used": 420478976}})");
  EXPECT_EQ(host_use(parsed(R"({"NodeResources": {"Cpu": {"CpuShares": 5192}}})"), stats),
            "Host Resource Utilization\n"
            "CPU          Memory          Disk\n"
            "12/5192 MHz  401 MiB/24 GiB  22 GiB/252 GiB");
  EXPECT_EQ(host_use_details(stats),
            "CPU Stats\n"
            "CPU    = cpu0\n"
            "User   = 1.50%\n"
            "System = 0.25%\n"
            "Idle   = 98.25%\n"
            "\n"
            "Memory Stats\n"
            "Total     = 24 GiB\n"
            "Available = 23 GiB\n"
            "Used      = 401 MiB\n"
            "Free      = 22 GiB\n"
            "\n"
            "Disk Stats\n"
            "Device         = /dev/vda\n"
            "MountPoint     = /\n"
            "Size           = 252 GiB\n"
            "Used           = 22 GiB\n"
            "Available      = 74 GiB\n"
            "Used Percent   = 22.72%\n"
            "Inodes Percent = 2.78%");
}

TEST_F(Views, TheMonitorTellsEachThingOnce) {
  MonitorView view(false);
  json::Value eval = json::Object{
      {"ID", "4f165aaf-4beb"}, {"JobID", "web"}, {"Status", "pending"}, {"CreateIndex", 10}};
  const auto alloc = [](const char* status) {
    return json::Array{json::Object{{"ID", "40024d79-e143"},
                                    {"NodeID", "4f48a0bc-8775"},
                                    {"TaskGroup", "app"},
                                    {"CreateIndex", 11},
                                    {"ClientStatus", status},
                                    {"ClientDescription", "Tasks are running"}}};
  };
  EXPECT_EQ(base::join(view.news(eval, alloc("pending")), "\n"),
            "Evaluation triggered by job \"web\"\n"
            "Allocation \"40024d79\" created: node \"4f48a0bc\", group \"app\"");
  EXPECT_TRUE(view.news(eval, alloc("pending")).empty());
  (*eval.as_object())["Status"] = "complete";
  (*eval.as_object())["DeploymentID"] = "6c78000f-0000";
  EXPECT_EQ(
      base::join(view.news(eval, alloc("running")), "\n"),
      "Evaluation within deployment: \"6c78000f\"\n"
      "Allocation \"40024d79\" status changed: \"pending\" -> \"running\" (Tasks are running)\n"
      "Evaluation status changed: \"pending\" -> \"complete\"");
  EXPECT_EQ(
      view.ending(eval),
      std::vector<std::string>{"==> Evaluation \"4f165aaf\" finished with status \"complete\""});
}

TEST_F(Views, TheMonitorEndsWithWhatCouldNotBePlaced) {
  const json::Value eval = parsed(
      R"({"ID": "66961454-0", "Status": "complete", "BlockedEval": "ce4507d6-0", "FailedTGAllocs": {"g": {"NodesEvaluated": 1,
    "ConstraintFiltered": {"${meta.rack} = r99": 1}}}})");
  EXPECT_EQ(base::join(MonitorView(false).ending(eval), "\n"),
            "==> Evaluation \"66961454\" finished with status \"complete\" but failed to place all "
            "allocations:\n"
            "    Task Group \"g\" (failed to place 1 allocation):\n"
            "      * Constraint \"${meta.rack} = r99\": 1 nodes excluded by filter\n"
            "    Evaluation \"ce4507d6\" waiting for additional capacity to place remainder");
}

TEST_F(Views, BlockedEvaluationsAreStillInProgress) {
  EXPECT_EQ(placement_failures(json::Object{{"Status", "blocked"}}), "N/A - In Progress");
  EXPECT_EQ(placement_failures(json::Object{{"Status", "complete"}}), "false");
}

TEST_F(Views, TemplatesHaveTheAnswerAsTheirDot) {
  EXPECT_EQ(render_template("{{.ID}} {{.Priority}}", json::Object{{"ID", "web"}, {"Priority", 60}})
                .value_or("?"),
            "web 60");
  EXPECT_EQ(render_template("{{range .}}{{.}};{{end}}", json::Array{1, "b"}).value_or("?"), "1;b;");
  EXPECT_FALSE(render_template("{{.ID", json::Object{}));
}

TEST_F(Views, TheFirstTokenIsShownInElevenRows) {
  const json::Value token = parsed(R"({
    "AccessorID": "5b7fd453-d3f7-6814-81dc-fcfe6daedea5",
    "SecretID": "9184ec35-65d4-9258-61e3-0c066d0a45c5",
    "Name": "Bootstrap Token", "Type": "management", "Policies": null, "Roles": null, "Global": true,
    "CreateTime": "2026-11-20T14:13:05.612193Z", "CreateIndex": 7, "ModifyIndex": 7})");
  EXPECT_EQ(acl_token_view(token),
            "Accessor ID  = 5b7fd453-d3f7-6814-81dc-fcfe6daedea5\n"
            "Secret ID    = 9184ec35-65d4-9258-61e3-0c066d0a45c5\n"
            "Name         = Bootstrap Token\n"
            "Type         = management\n"
            "Global       = true\n"
            "Create Time  = 2026-11-20 14:13:05.612193 +0000 UTC\n"
            "Expiry Time  = <none>\n"
            "Create Index = 7\n"
            "Modify Index = 7\n"
            "Policies     = n/a\n"
            "Roles        = n/a");
}

TEST_F(Views, ClientTokensShowTheirPoliciesAndRoles) {
  const std::string view = acl_token_view(parsed(
      R"({"Type": "client", "Policies": ["a", "b"], "Roles": [{"ID": "1", "Name": "dev"}]})"));
  EXPECT_TRUE(view.ends_with("Policies     = [a b]\n\nRoles\nID  Name\n1   dev")) << view;
  EXPECT_TRUE(acl_token_view(parsed(R"({"Type": "client", "Policies": ["a"]})"))
                  .ends_with("Policies     = [a]\n\nRoles\n<none>"));
}

}  // namespace
}  // namespace caravan::cli
