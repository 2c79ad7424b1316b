// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/registry_auth.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::driver::docker {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration helper_timeout = 20s;
constexpr std::size_t helper_bytes_max = 64 * 1024;
/// What config.json calls the registry that names without a host mean.
constexpr const char* hub_key = "https://index.docker.io/v1/";

/// "https://registry:5000/v2/" is registry:5000.
std::string host_of(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  return std::string(key.substr(0, key.find('/')));
}

std::string header_of(const Credentials& c) {
  const json::Object said = {
      {"username", c.username}, {"password", c.password}, {"serveraddress", c.server_address}};
  std::string text = base::base64_encode(json::to_string(said));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

io::Task<base::Result<Credentials>> ask_helper(io::World& world, std::string helper,
                                               std::string server,
                                               const std::vector<std::string>& path) {
  io::Program program;
  for (const std::string& folder : path) {
    const std::string file = folder + "/docker-credential-" + helper;
    if (program.argv.empty() && world.disk.exists(file)) program.argv = {file, "get"};
  }
  if (program.argv.empty())
    co_return base::invalid(fmt::format("docker-credential-{} is not in PATH", helper));
  program.env = {"PATH=" + base::join(path, ":"), "HOME=/root"};
  CO_TRY(const io::Finished done, co_await world.processes.run(program, std::move(server),
                                                               helper_timeout, helper_bytes_max));
  if (done.exit_code != 0)
    co_return base::fail(base::Code::io,
                         fmt::format("docker-credential-{} failed with {}: {}", helper,
                                     done.exit_code, base::printable(done.out + done.err, 200)));
  CO_TRY(const json::Value said, json::parse(done.out));
  co_return Credentials{said.text_at("Username"), said.text_at("Secret"),
                        said.text_at("ServerURL")};
}

}  // namespace

base::Result<RegistryEntry> find_registry(const json::Value& file, const std::string& registry) {
  const std::string key = registry == "docker.io" ? "index.docker.io" : registry;
  RegistryEntry entry;
  if (const json::Object* helpers = file.at("credHelpers").as_object())
    for (const json::Member& member : *helpers)
      if (host_of(member.name) == key && member.value.as_string())
        entry.helper = *member.value.as_string();
  if (!entry.helper.empty()) return entry;
  const json::Object* auths = file.at("auths").as_object();
  for (const json::Member& member : auths ? *auths : json::Object()) {
    if (host_of(member.name) != key) continue;
    Credentials& c = entry.credentials;
    c = {member.value.text_at("username"), member.value.text_at("password"), member.name};
    if (const std::string packed = member.value.text_at("auth"); !packed.empty()) {
      TRY(const std::string pair, base::base64_decode(packed));
      const std::size_t colon = pair.find(':');
      if (colon == std::string::npos)
        return base::invalid(fmt::format("auths.{}.auth is not NAME:PASSWORD", member.name));
      c.username = pair.substr(0, colon);
      c.password = pair.substr(colon + 1);
    }
  }
  if (entry.credentials.is_empty()) entry.helper = file.text_at("credsStore");
  return entry;
}

io::Task<base::Result<std::string>> registry_auth(io::World& world, const ImageName& name,
                                                  const Config& config, const Options& options) {
  if (!config.auth.is_empty()) {
    Credentials own = config.auth;
    if (own.server_address.empty()) own.server_address = name.registry();
    co_return header_of(own);
  }
  RegistryEntry entry;
  if (!options.auth_config.empty()) {
    CO_TRY(const std::string text, world.disk.read_file(options.auth_config));
    const base::Result<json::Value> file = json::parse(text);
    if (!file)
      co_return base::fail(base::Code::io,
                           fmt::format("{}: {}", options.auth_config, file.error().message));
    CO_TRY(entry, find_registry(*file, name.registry()));
  }
  if (entry.credentials.is_empty() && entry.helper.empty()) entry.helper = options.auth_helper;
  if (!entry.helper.empty()) {
    std::string server = name.registry() == "docker.io" ? hub_key : name.registry();
    CO_TRY(entry.credentials,
           co_await ask_helper(world, entry.helper, std::move(server), options.path));
    if (entry.credentials.server_address.empty())
      entry.credentials.server_address = name.registry();
  }
  if (entry.credentials.is_empty()) co_return std::string();
  co_return header_of(entry.credentials);
}

}  // namespace caravan::driver::docker
