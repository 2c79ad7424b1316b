// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "driver/docker/network_holder.hpp"
#include "driver/docker/spec.hpp"
#include "driver/docker/usage.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::driver::docker {
namespace {

class Create : public testing::Test {
 protected:
  Create() {
    spec.alloc_id = *base::AllocId::parse("8d9cd0a2-4b0a-4f6c-9c0e-7a3f0b7f1d11");
    spec.task = "web";
    spec.job = spec.job_name = "shop";
    spec.group = "g";
    spec.task_dir = "/data/alloc/8d/web";
    spec.alloc_dir = "/data/alloc/8d/alloc";
    spec.env = {{"A", "1"}};
    spec.resources.cpu = 500;
    spec.resources.memory_mb = 64;
    spec.ports = {{.label = "http", .value = 20000, .to = 80, .host_ip = "10.0.0.1"},
                  {.label = "same", .value = 20001, .to = -1, .host_ip = "10.0.0.1"}};
  }

  base::Result<json::Value> create(std::string_view config) {
    TRY(const Config read, read_config(*json::parse(config)->as_object()));
    TRY(const std::vector<Bind> folders, binds(spec, read, options));
    return create_request(spec, read, options, folders, "run-1");
  }
  std::string host(std::string_view config, const char* key) {
    return json::to_string(create(config)->at("HostConfig").at(key));
  }
  std::string error(std::string_view config) { return create(config).error().message; }

  TaskSpec spec;
  Options options;
};

TEST_F(Create, a_plain_task) {
  const json::Value body = *create(R"({"image": "app:1", "command": "run", "args": ["-v"]})");
  EXPECT_EQ(json::to_string(body.at("Cmd")), R"(["run","-v"])");
  EXPECT_EQ(json::to_string(body.at("Env")), R"(["A=1"])");
  EXPECT_TRUE(body.at("Entrypoint").is_null());
  EXPECT_EQ(json::to_string(body.at("Labels")),
            R"({"com.hashicorp.nomad.alloc_id":"8d9cd0a2-4b0a-4f6c-9c0e-7a3f0b7f1d11",)"
            R"("caravan.run":"run-1"})");
  EXPECT_EQ(json::to_string(body.at("HostConfig").at("Binds")),
            R"(["/data/alloc/8d/alloc:/alloc","/data/alloc/8d/web/local:/local",)"
            R"("/data/alloc/8d/web/secrets:/secrets","/data/alloc/8d/alloc/logs:/alloc/logs:ro"])");
  EXPECT_EQ(json::to_string(body.at("HostConfig").at("RestartPolicy")), R"({"Name":"no"})");
}

TEST_F(Create, devices_of_the_allocation_are_given_to_it) {
  spec.devices = {{"/dev/nvidia1", "/dev/nvidia0", "rw"}};
  EXPECT_EQ(host(R"({"image": "app:1"})", "Devices"),
            R"([{"PathOnHost":"/dev/nvidia1","PathInContainer":"/dev/nvidia0",)"
            R"("CgroupPermissions":"rw"}])");
}

TEST_F(Create, names_are_what_the_engine_takes) {
  EXPECT_EQ(container_name(spec), "web-8d9cd0a2-4b0a-4f6c-9c0e-7a3f0b7f1d11");
  spec.task = "a b/c";
  EXPECT_TRUE(container_name(spec).starts_with("a_b_c-"));
}

TEST_F(Create, labels_of_the_operator_are_added_and_ours_cannot_be_forged) {
  options.extra_labels = {"job_*", "namespace"};
  spec.job_namespace = "default";
  const json::Value body =
      *create(R"({"image": "a", "labels": {"com.hashicorp.nomad.alloc_id": "x"}})");
  const json::Value& labels = body.at("Labels");
  EXPECT_EQ(*labels.at("com.hashicorp.nomad.job_id").as_string(), "shop");
  EXPECT_EQ(*labels.at("com.hashicorp.nomad.namespace").as_string(), "default");
  EXPECT_TRUE(labels.at("com.hashicorp.nomad.task_name").is_null());
  EXPECT_EQ(*labels.at(alloc_label).as_string(), spec.alloc_id.to_string());
}

TEST_F(Create, memory_has_a_limit_and_no_swap) {
  EXPECT_EQ(host(R"({"image": "a"})", "Memory"), "67108864");
  EXPECT_EQ(host(R"({"image": "a"})", "MemorySwap"), "67108864");
  EXPECT_EQ(host(R"({"image": "a", "memory_hard_limit": 128})", "Memory"), "134217728");
  EXPECT_EQ(host(R"({"image": "a", "memory_hard_limit": 128})", "MemoryReservation"), "67108864");
  spec.resources.memory_mb_max = -1;
  EXPECT_EQ(host(R"({"image": "a"})", "Memory"), "null");
  EXPECT_EQ(host(R"({"image": "a"})", "MemoryReservation"), "67108864");
}

TEST_F(Create, cpu_is_a_share_unless_it_is_to_be_a_limit) {
  options.core_mhz = 2000;
  EXPECT_EQ(host(R"({"image": "a"})", "CpuShares"), "500");
  EXPECT_EQ(host(R"({"image": "a"})", "CpuQuota"), "null");
  EXPECT_EQ(host(R"({"image": "a", "cpu_hard_limit": true})", "CpuQuota"), "25000");
}

TEST_F(Create, ports_are_published_on_the_groups_address) {
  EXPECT_EQ(host(R"({"image": "a", "ports": ["http"]})", "PortBindings"),
            R"({"80/tcp":[{"HostIp":"10.0.0.1","HostPort":"20000"}],)"
            R"("80/udp":[{"HostIp":"10.0.0.1","HostPort":"20000"}]})");
  EXPECT_NE(host(R"({"image": "a", "ports": ["same"]})", "PortBindings").find("20001/tcp"),
            std::string::npos);
  EXPECT_NE(host(R"({"image": "a", "port_map": {"http": 8080}})", "PortBindings").find("8080/tcp"),
            std::string::npos);
  EXPECT_EQ(host(R"({"image": "a", "ports": ["http"], "network_mode": "host"})", "PortBindings"),
            "null");
  EXPECT_EQ(error(R"({"image": "a", "ports": ["none"]})"),
            "config.ports: the group's network has no port \"none\"");
}

TEST_F(Create, capabilities_are_named_one_by_one) {
  EXPECT_EQ(host(R"({"image": "a"})", "CapDrop"), R"(["ALL"])");
  EXPECT_EQ(host(R"({"image": "a"})", "CapAdd").find("NET_RAW"), std::string::npos);
  EXPECT_EQ(host(R"({"image": "a", "cap_drop": ["all"], "cap_add": ["chown"]})", "CapAdd"),
            R"(["CHOWN"])");
}

TEST_F(Create, folders_of_the_allocation_are_mounted_and_nothing_else) {
  const auto has = [&](const char* config, const char* bind) {
    return host(config, "Binds").find(bind) != std::string::npos;
  };
  EXPECT_TRUE(has(R"({"image": "a", "volumes": ["local/x:/y:ro"]})",
                  "\"/data/alloc/8d/web/local/x:/y:ro\""));
  EXPECT_TRUE(has(R"({"image": "a", "volumes": ["../alloc/html:/y"]})",
                  "\"/data/alloc/8d/alloc/html:/y\""));
  for (const char* source : {"/etc", "../../other", "/data/alloc/8d/../9f", "/data/alloc/8dx"})
    EXPECT_NE(error(std::string(R"({"image": "a", "volumes": [")") + source + R"(:/y"]})")
                  .find("volumes are not enabled"),
              std::string::npos)
        << source;
  options.allows_volumes = true;
  EXPECT_TRUE(has(R"({"image": "a", "volumes": ["/etc:/y"]})", "\"/etc:/y\""));
  EXPECT_NE(error(R"({"image": "a", "volumes": ["x"]})").find("SOURCE:/TARGET"), std::string::npos);
}

TEST_F(Create, the_engines_copy_of_the_output_is_bounded) {
  EXPECT_EQ(host(R"({"image": "a"})", "LogConfig"),
            R"({"Type":"json-file","Config":{"max-file":"2","max-size":"10m"}})");
  EXPECT_EQ(host(R"({"image": "a", "logging": {"type": "journald"}})", "LogConfig"),
            R"({"Type":"journald","Config":{}})");
}

TEST_F(Create, in_the_groups_network_names_and_ports_are_the_holders) {
  spec.network_namespace = "/run/netns/x";
  spec.hostname = "box";
  spec.name_files = {{.host_path = "/n/hosts", .task_path = "/etc/hosts", .read_only = true},
                     {.host_path = "/n/r", .task_path = "/etc/resolv.conf", .read_only = true}};
  const char* config = R"({"image": "a", "ports": ["http"], "dns_servers": ["10.0.0.2"]})";
  EXPECT_EQ(host(config, "NetworkMode"), "\"container:" + holder_name(spec) + "\"");
  EXPECT_EQ(host(config, "PortBindings"), "null");
  EXPECT_EQ(host(config, "Dns"), "null");
  EXPECT_TRUE(create(config)->at("Hostname").is_null());
  EXPECT_NE(host(config, "Binds").find("/n/hosts:/etc/hosts:ro"), std::string::npos);
  EXPECT_EQ(host(config, "Binds").find("/n/r:"), std::string::npos);
  const Config read = *read_config(*json::parse(config)->as_object());
  const json::Value holder = holder_request(spec, read, options, "run-1", "/runs/run-1/net");
  EXPECT_EQ(*holder.at("Hostname").as_string(), "box");
  EXPECT_EQ(json::to_string(holder.at("HostConfig").at("Dns")), R"(["10.0.0.2"])");
  EXPECT_EQ(json::to_string(holder.at("HostConfig").at("CapAdd")), R"(["SYS_ADMIN"])");
  EXPECT_EQ(host(R"({"image": "a", "network_mode": "host"})", "NetworkMode"), "\"host\"");
}

TEST(Usage, is_read_where_the_process_is_counted) {
  const CgroupPaths old = cgroup_paths("5:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n0::/\n");
  EXPECT_EQ(old.memory_stat, "/sys/fs/cgroup/memory/docker/ab/memory.stat");
  EXPECT_EQ(old.cpu, "/docker/ab");
  EXPECT_FALSE(old.is_cpu_unified);
  const CgroupPaths unified = cgroup_paths("0::/system.slice/docker-ab.scope\n");
  EXPECT_EQ(unified.memory_stat, "/sys/fs/cgroup/system.slice/docker-ab.scope/memory.stat");
  EXPECT_EQ(unified.cpu, "/system.slice/docker-ab.scope");
  EXPECT_TRUE(unified.is_cpu_unified);
  EXPECT_EQ(cgroup_paths("").memory_stat, "");
}

}  // namespace
}  // namespace caravan::driver::docker
