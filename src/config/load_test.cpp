// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <gtest/gtest.h>

#include "config/ranges.hpp"

namespace caravan::config {
namespace {

struct Loaded {
  AgentConfig config;
  std::string errors;
};

Loaded loaded(std::vector<std::string> texts) {
  Loaded result;
  hcl::Diagnostics diagnostics;
  int n = 0;
  for (std::string& text : texts)
    apply(result.config, std::string(1, static_cast<char>('a' + n++)) + ".hcl", std::move(text),
          diagnostics);
  result.errors = diagnostics.summary();
  return result;
}

// The keys that the agents of the known setups use, in both spellings of blocks.
constexpr const char* typical = R"(
datacenter = "dc1"
region     = "global"
data_dir   = "/opt/nomad"
bind_addr  = "{{ GetInterfaceIP \"wg0\" }}"
log_level  = "DEBUG"
log_file   = "/var/log/nomad.log"
enable_debug = true

advertise = {
  http = "{{GetPrivateInterfaces | include \"name\" \"wg0\" | attr \"address\"}}"
  rpc  = "10.0.0.1"
}
ports { http = 4646 }

server {
  enabled          = true
  bootstrap_expect = 3
  encrypt          = "AAAAAAAAAAAAAAAAAAAAAA=="
  raft_protocol    = 3
  server_join {
    retry_join = ["10.0.0.1", "provider=aws tag_key=a tag_value=b"]
  }
}

client {
  enabled = true
  servers = ["10.0.0.1:4647"]
  options = {
    "driver.raw_exec.enable" = "1"
    "docker.auth.config"     = "/etc/docker/auth.json"
  }
  meta { "rack-a" = "r1" size = 3 }
  reserved = { cpu = 500 memory = 512, disk = 1024 reserved_ports = "22,8500-8600" }
  host_volume "data" {
    path      = "/srv/data"
    read_only = false
  }
  host_network "public" { cidr = "203.0.113.0/24" }
  max_kill_timeout = "1m"
  drain_on_shutdown { deadline = "10m" }
  artifact { http_max_size = "10GB" }
}

plugin "docker" {
  config {
    allow_privileged = true
    volumes { enabled = true }
    auth { config = "/etc/docker/auth.json" }
    gc { image_delay = "24h" }
  }
}
plugin "raw_exec" { config { enabled = true } }

consul { address = "127.0.0.1:8501" ssl = true token = "t" tags = ["a"] }
vault {
  enabled = true
  address = "https://vault.service.consul:8200"
}
acl { enabled = true }
tls {
  http = true
  rpc  = true
  ca_file = "/etc/ca.crt"
  cert_file = "/etc/a.crt"
  key_file  = "/etc/a.key"
}
telemetry {
  publish_allocation_metrics = true
  prometheus_metrics         = true
  statsd_address             = "127.0.0.1:8125"
}
autopilot { cleanup_dead_servers = true last_contact_threshold = "200ms" }
ui { enabled = false }
http_api_response_headers { Access-Control-Allow-Origin = "*" }
)";

TEST(Config, reads_what_known_setups_use) {
  const Loaded result = loaded({typical});
  ASSERT_EQ(result.errors, "");
  const AgentConfig& c = result.config;
  EXPECT_EQ(c.bind_addr, "{{ GetInterfaceIP \"wg0\" }}");
  EXPECT_EQ(c.advertise.rpc, "10.0.0.1");
  EXPECT_EQ(c.server.bootstrap_expect, 3);
  EXPECT_EQ(c.server.server_join.retry_join.size(), 2u);
  EXPECT_EQ(c.client.options.at("driver.raw_exec.enable"), "1");
  EXPECT_EQ(c.client.meta.at("size"), "3");
  EXPECT_EQ(c.client.reserved.cpu_mhz, 500);
  EXPECT_EQ(c.client.reserved.reserved_ports, "22,8500-8600");
  EXPECT_EQ(c.client.host_volumes.at("data").path, "/srv/data");
  EXPECT_EQ(c.client.max_kill_timeout, 60s);
  EXPECT_EQ(c.client.artifact.http_max_size.count, 10'000'000'000);
  EXPECT_EQ(c.plugins.at("docker").config.at("allow_privileged"), json::Value(true));
  EXPECT_EQ(c.plugins.at("docker").config.at("volumes"),
            json::Value(json::Array{json::Object{{"enabled", true}}}));
  EXPECT_EQ(c.consul.at("default").address, "127.0.0.1:8501");
  EXPECT_TRUE(c.vault.at("default").enabled);
  EXPECT_TRUE(c.acl.enabled);
  EXPECT_TRUE(c.tls.rpc);
  EXPECT_FALSE(c.ui.enabled);
  EXPECT_EQ(c.http_api_response_headers.at("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(problems(c), std::vector<std::string>{});
}

TEST(Config, reads_json_the_same) {
  const Loaded result = loaded(
      {R"({"server": {"enabled": true, "server_join": {"retry_join": ["a"]}}, "data_dir": "/d",
           "client": {"host_volume": [{"v": {"path": "/p"}}], "meta": {"a": 1}},
           "plugin": [{"docker": {"config": {"volumes": [{"enabled": true}]}}}],
           "consul": {"token": "x"}, "leave_on_terminate": true})"});
  ASSERT_EQ(result.errors, "");
  EXPECT_EQ(result.config.server.server_join.retry_join, std::vector<std::string>{"a"});
  EXPECT_EQ(result.config.client.host_volumes.at("v").path, "/p");
  EXPECT_EQ(result.config.consul.at("default").token, "x");
  EXPECT_TRUE(result.config.plugins.at("docker").config.at("volumes").as_array());
}

TEST(Config, lets_later_files_override) {
  const Loaded result =
      loaded({"region = \"a\"\nserver {\n enabled = true\n num_schedulers = 2\n}\n"
              "client { meta { x = 1 y = 1 } servers = [\"a\"] }",
              "region = \"b\"\nserver { num_schedulers = 4 }\n"
              "client { meta { y = 2 } servers = [\"b\"] }"});
  ASSERT_EQ(result.errors, "");
  EXPECT_EQ(result.config.region, "b");
  EXPECT_TRUE(result.config.server.enabled);
  EXPECT_EQ(result.config.server.num_schedulers, 4);
  EXPECT_EQ(result.config.client.meta.at("x"), "1");
  EXPECT_EQ(result.config.client.meta.at("y"), "2");
  EXPECT_EQ(result.config.client.servers, (std::vector<std::string>{"a", "b"}));
}

TEST(Config, names_unknown_keys_and_the_nearest_known) {
  EXPECT_EQ(
      loaded({"data_dri = \"/x\"\nserver {\n  bootstrap_expct = 1\n}\n"
              "clint {}\nclient {\n  host_volume \"a\" {\n    pth = \"/\"\n  }\n}\n"})
          .errors,
      "a.hcl:3:3: Unsupported argument; An argument named \"bootstrap_expct\" is not expected "
      "here. Did you mean \"bootstrap_expect\"?\n"
      "a.hcl:8:5: Unsupported argument; An argument named \"pth\" is not expected here. Did "
      "you mean \"path\"?\n"
      "a.hcl:1:1: Unsupported argument; An argument named \"data_dri\" is not expected here. "
      "Did you mean \"data_dir\"?\n"
      "a.hcl:5:1: Unsupported block type; Blocks of type \"clint\" are not expected here. Did "
      "you mean \"client\"?");
}

TEST(Config, names_values_of_the_wrong_kind) {
  EXPECT_EQ(loaded({"server {\n  bootstrap_expect = \"many\"\n  heartbeat_grace = \"soon\"\n}\n"
                    "client { servers = \"a\" }"})
                .errors,
            "a.hcl:2:22: Incorrect attribute value type; Inappropriate value for "
            "\"server.bootstrap_expect\": a number is required.\n"
            "a.hcl:3:21: Incorrect attribute value type; Inappropriate value for "
            "\"server.heartbeat_grace\": \"soon\" is not a duration such as 30s or 1h30m.\n"
            "a.hcl:5:20: Incorrect attribute value type; Inappropriate value for "
            "\"client.servers\": a list of strings is required.");
}

TEST(Config, lists_what_has_no_effect_yet) {
  const Loaded result =
      loaded({"telemetry {\n  statsd_address = \"x\"\n}\nserver {\n"
              "  raft_protocol = 3\n}\nreporting {\n  x = true\n}\n"});
  ASSERT_EQ(result.errors, "");
  EXPECT_EQ(not_built(result.config),
            (std::vector<std::string>{"a.hcl:7: reporting", "a.hcl:5: server.raft_protocol",
                                      "a.hcl:2: telemetry.statsd_address"}));
}

TEST(Config, remembers_which_keys_were_said) {
  const Loaded result = loaded({"acl { enabled = false }"});
  EXPECT_TRUE(result.config.is_set("acl"));
  EXPECT_TRUE(result.config.is_set("acl.enabled"));
  EXPECT_FALSE(result.config.is_set("tls"));
}

TEST(Config, keeps_several_clusters_apart) {
  const Loaded result = loaded({"consul { token = \"a\" }\nconsul \"other\" { token = \"b\" }"});
  ASSERT_EQ(result.errors, "");
  EXPECT_EQ(result.config.consul.at("default").token, "a");
  EXPECT_EQ(result.config.consul.at("other").token, "b");
}

TEST(Problems, are_found_all_at_once) {
  const Loaded result =
      loaded({"data_dir = \"relative\"\nports { http = 70000 }\nclient {\n"
              "  enabled = true\n  reserved { reserved_ports = \"9-1\" }\n"
              "  host_volume \"v\" { path = \"x\" }\n}\n"
              "server {\n  enabled = true\n  encrypt = \"short\"\n}\n"});
  ASSERT_EQ(result.errors, "");
  EXPECT_EQ(problems(result.config),
            (std::vector<std::string>{
                "a.hcl:1: data_dir: \"relative\" is not an absolute path",
                "a.hcl:2: ports.http: 70000 is outside 0..65535",
                "a.hcl:10: server.encrypt: is not a base64 key of 16, 24 or 32 bytes",
                "a.hcl:5: client.reserved.reserved_ports: \"9-1\" is no number or range within "
                "0..65535",
                "a.hcl:6: client.host_volume.v.path: \"x\" is not an absolute path"}));
  EXPECT_EQ(problems(AgentConfig{}).size(), 2u);  // neither server nor client; no data_dir
}

TEST(Load, what_no_resolver_and_no_answer_can_be_is_refused) {
  const Loaded result =
      loaded({"data_dir = \"/d\"\nserver {\n  enabled = true\n}\ncatalog {\n"
              "  recursors = [\"10.0.0.1\", \"a b\"]\n  dns_config {\n"
              "    udp_answer_limit = 0\n    service_ttl {\n      web = \"soon\"\n"
              "    }\n  }\n}\n"});
  ASSERT_EQ(result.errors, "");
  const std::vector<std::string> found = problems(result.config);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0], "a.hcl:6: catalog.recursors: \"a b\" is no host or host:port");
  EXPECT_EQ(found[1], "a.hcl:8: catalog.dns_config.udp_answer_limit: 0 is outside 1..65535");
  EXPECT_NE(found[2].find("\"soon\" is no duration"), std::string::npos) << found[2];
}

TEST(Config, reads_devices_and_finds_what_is_wrong_with_them) {
  const Loaded result =
      loaded({"client {\n  enabled = true\n  device \"nvidia/gpu/T4\" {\n"
              "    instance \"GPU-a\" { paths = [\"/dev/nvidia0\"] }\n"
              "    attributes { memory = \"15 GiB\" }\n    env { CARD = \"T4\" }\n  }\n"
              "  device \"gpu\" {\n    instance \"a,b\" {}\n  }\n  device \"a/b/c\" {}\n}\n"});
  ASSERT_EQ(result.errors, "");
  const DeviceGroup& group = result.config.client.devices.at("nvidia/gpu/T4");
  EXPECT_EQ(group.instances.at("GPU-a").paths, (std::vector<std::string>{"/dev/nvidia0"}));
  EXPECT_EQ(group.attributes.at("memory"), "15 GiB");
  EXPECT_EQ(group.env.at("CARD"), "T4");
  std::string text;
  for (const std::string& line : problems(result.config))
    text += line + "\n";
  for (const char* words : {"\"gpu\" is not vendor/type/name", "\"a,b\": ids are not empty",
                            "client.device.a/b/c: has no instance"})
    EXPECT_NE(text.find(words), std::string::npos) << words;
}

TEST(Problems, of_a_bridge_are_found_before_a_group_needs_it) {
  const Loaded result =
      loaded({"data_dir = \"/d\"\nclient {\n  enabled = true\n"
              "  bridge_network_name = \"a-name-that-is-too-long\"\n"
              "  bridge_network_subnet = \"10.0.0.0\"\n}\nserver {\n  enabled = true\n}\n"});
  ASSERT_EQ(result.errors, "");
  EXPECT_EQ(problems(result.config),
            (std::vector<std::string>{
                "a.hcl:4: client.bridge_network_name: \"a-name-that-is-too-long\" is no name of an "
                "interface (1 to 15 characters)",
                "a.hcl:5: client.bridge_network_subnet: \"10.0.0.0\" is no IPv4 subnet such as "
                "172.26.64.0/20"}));
}

TEST(Ranges, are_read_as_people_write_them) {
  EXPECT_EQ(*parse_ranges("22, 8500-8600", 65535),
            (std::vector<std::pair<int, int>>{{22, 22}, {8500, 8600}}));
  EXPECT_TRUE(parse_ranges("", 10)->empty());
  for (const char* bad : {"a", "5-", "-5", "7-3", "99", "1,,2"})
    EXPECT_FALSE(parse_ranges(bad, 50));
}

}  // namespace
}  // namespace caravan::config
