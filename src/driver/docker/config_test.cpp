// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "driver/docker/config.hpp"
#include "driver/docker/image.hpp"
#include "driver/docker/registry_auth.hpp"
#include "json/reader.hpp"

namespace caravan::driver::docker {
namespace {

base::Result<Config> read(std::string_view text) {
  return read_config(*json::parse(text)->as_object());
}

std::string refusal(std::string_view text, const Options& options = {}) {
  const base::Result<Config> config = read(text);
  if (!config) return config.error().message;
  const base::Status allowed = check_allowed(*config, options);
  return allowed ? "" : allowed.error().message;
}

TEST(DockerConfig, reads_blocks_in_every_form_they_come_in) {
  const Config config = *read(R"({
    "image": "app:1", "labels": [{"a": "1"}, {"b": 2}], "ulimit": {"nofile": "1024:2048"},
    "mount": [{"type": "tmpfs", "target": "/t", "tmpfs_options": [{"size": 10}]}],
    "mounts": [{"type": "bind", "source": "local", "target": "/l", "readonly": true}],
    "auth": [{"username": "u", "password": "p"}], "logging": {"type": "none"},
    "port_map": [{"http": 80}], "entrypoint": "run"})");
  EXPECT_EQ(config.labels, (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(config.ulimits.at(0).hard, 2048);
  EXPECT_EQ(config.mounts.at(0).source, "local");
  EXPECT_EQ(config.mounts.at(1).tmpfs_bytes, 10);
  EXPECT_EQ(config.auth.username, "u");
  EXPECT_EQ(config.log_driver, "none");
  EXPECT_EQ(config.port_map.at("http"), 80);
  EXPECT_EQ(config.entrypoint->at(0), "run");
}

TEST(DockerConfig, refuses_what_it_does_not_know_by_name) {
  EXPECT_EQ(refusal(R"({"image": "a", "imag": "b"})"),
            "config.imag: unknown key, did you mean \"image\"?");
  EXPECT_EQ(refusal(R"({"image": "a", "mount": [{"target": "/t", "readonyl": true}]})"),
            "config.mount.readonyl: unknown key, did you mean \"readonly\"?");
  EXPECT_EQ(refusal(R"({"command": "a"})"), "config.image: missing");
  EXPECT_EQ(refusal(R"({"image": "a", "ports": "http"})"), "config.ports: not a list of strings");
  EXPECT_EQ(refusal(R"({"image": "a", "ulimit": {"nofile": "many"}})"),
            "config.ulimit.nofile: \"many\" is neither N nor SOFT:HARD");
}

TEST(DockerConfig, what_is_not_built_is_never_ignored) {
  EXPECT_EQ(refusal(R"({"image": "a", "isolation": "hyperv"})"), "config.isolation: not built yet");
  EXPECT_EQ(refusal(R"({"image": "a", "pid_mode": "container:x"})"),
            "config.pid_mode: \"container:x\" is not built yet");
  EXPECT_NE(refusal(R"({"image": "a", "security_opt": ["seccomp=/p.json"]})"), "");
  EXPECT_EQ(refusal(R"({"image": "a", "security_opt": ["seccomp=unconfined"]})"), "");
  EXPECT_EQ(refusal(R"({"image": "a", "advertise_ipv6_address": false})"), "");
}

TEST(DockerConfig, an_operator_who_says_nothing_allows_nothing_of_the_host) {
  for (const char* asked :
       {R"("privileged": true)", R"("pid_mode": "host")", R"("ipc_mode": "host")",
        R"("uts_mode": "host")", R"("userns_mode": "host")", R"("cap_add": ["NET_ADMIN"])",
        R"("runtime": "mine")", R"("devices": [{"host_path": "/dev/sda"}])",
        R"("volume_driver": "local")", R"("mount": [{"source": "v", "target": "/v"}])"})
    EXPECT_NE(refusal(std::string(R"({"image": "a", )") + asked + "}"), "") << asked;
}

TEST(DockerConfig, an_operator_may_allow) {
  Options options;
  options.allows_privileged = options.allows_volumes = true;
  options.pid_modes = {"host"};
  EXPECT_EQ(refusal(R"({"image": "a", "privileged": true, "pid_mode": "host",
                       "devices": [{"host_path": "/dev/fuse"}]})",
                    options),
            "");
}

TEST(DockerOptions, are_read_with_their_blocks_and_refused_by_name) {
  std::vector<std::string> ignored;
  const json::Value block = *json::parse(
      R"({"endpoint": "unix:///x.sock", "volumes": [{"enabled": true}], "allow_privileged": true,
          "gc": [{"image_delay": "1h", "container": false}], "infra_image": "p",
          "allowed_modes": [{"pid": ["host"]}], "image_pull_timeout": "1m"})");
  const Options options = *read_options(block, ignored);
  EXPECT_EQ(options.socket, "/x.sock");
  EXPECT_TRUE(options.allows_volumes);
  EXPECT_FALSE(options.removes_containers);
  EXPECT_EQ(options.pid_modes, std::vector<std::string>{"host"});
  EXPECT_EQ(ignored, (std::vector<std::string>{"infra_image", "gc.image_delay"}));
  const auto error = [&](const char* text) {
    return read_options(*json::parse(text), ignored).error().message;
  };
  EXPECT_EQ(error(R"({"allow_priviledged": true})"),
            "plugin \"docker\" config.allow_priviledged: unknown key, did you mean "
            "\"allow_privileged\"?");
  EXPECT_NE(error(R"({"endpoint": "tcp://10.0.0.1:2375"})").find("only unix://"),
            std::string::npos);
}

TEST(ImageName, is_taken_apart_as_the_engine_does) {
  EXPECT_TRUE(parse_image("redis").is_latest());
  EXPECT_EQ(parse_image("redis").registry(), "docker.io");
  EXPECT_EQ(parse_image("team/redis:7").registry(), "docker.io");
  EXPECT_EQ(parse_image("127.0.0.1:5000/redis").tag, "latest");
  EXPECT_EQ(parse_image("127.0.0.1:5000/redis:7").tag, "7");
  EXPECT_EQ(parse_image("127.0.0.1:5000/redis:7").registry(), "127.0.0.1:5000");
  EXPECT_EQ(parse_image("r.io/a@sha256:ff").digest, "sha256:ff");
  EXPECT_FALSE(parse_image("r.io/a@sha256:ff").is_latest());
}

TEST(RegistryAuth, is_found_by_the_registrys_host) {
  const json::Value file = *json::parse(
      R"({"auths": {"https://index.docker.io/v1/": {"auth": "dTpwOnc="}, "r.io": {}},
          "credHelpers": {"1.ecr.aws": "ecr-login"}, "credsStore": "pass"})");
  EXPECT_EQ(find_registry(file, "docker.io")->credentials.username, "u");
  EXPECT_EQ(find_registry(file, "docker.io")->credentials.password, "p:w");
  EXPECT_EQ(find_registry(file, "1.ecr.aws")->helper, "ecr-login");
  EXPECT_EQ(find_registry(file, "r.io")->helper, "pass");
}

}  // namespace
}  // namespace caravan::driver::docker
