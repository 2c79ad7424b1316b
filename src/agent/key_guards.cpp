// SPDX-License-Identifier: Apache-2.0
// The guards of the key-encryption key, with what their files and the environment hold.
#include <fmt/core.h>

#include "agent/agent.hpp"
#include "base/text.hpp"
#include "config/keyring_config.hpp"

namespace caravan::agent {
namespace {

constexpr const char* passphrase_variable = "CARAVAN_KEYRING_PASSPHRASE";
constexpr const char* token_variable = "VAULT_TOKEN";
constexpr std::size_t passphrase_min = 12;

base::Result<std::string> text_of(const io::World& world, const std::string& key,
                                  const std::string& path) {
  if (path.empty()) return std::string();
  base::Result<std::string> text = world.disk.read_file(path);
  if (!text) return base::invalid(fmt::format("keyring: {}: {}", key, text.error().message));
  return text;
}

base::Result<server::KeyGuard> transit(const io::World& world, const config::KeyGuardConfig& said,
                                       const std::string& token) {
  server::KeyGuard guard;
  guard.kind = server::KeyGuard::Kind::transit;
  std::string_view address = said.address;
  guard.tls = address.starts_with("https://");
  for (const std::string_view scheme : {"https://", "http://"})
    if (address.starts_with(scheme)) address.remove_prefix(scheme.size());
  while (address.ends_with('/'))
    address.remove_suffix(1);
  const base::Result<io::Address> parsed = io::Address::parse(address, 8200);
  if (!parsed) return base::invalid("keyring \"transit\": address: " + parsed.error().message);
  guard.address = *parsed;
  TRY(guard.material.authorities, text_of(world, "tls_ca_cert", said.ca_cert));
  TRY(guard.material.certificate, text_of(world, "tls_client_cert", said.client_cert));
  TRY(guard.material.key, text_of(world, "tls_client_key", said.client_key));
  guard.material.checks_peer = !said.skip_verify;
  guard.server_name = said.server_name;
  guard.token = said.token.empty() ? token : said.token;
  guard.ns = said.ns;
  guard.mount = said.mount_path;
  while (guard.mount.ends_with('/'))
    guard.mount.pop_back();
  guard.key_name = said.key_name;
  return guard;
}

}  // namespace

base::Result<std::vector<server::KeyGuard>> Agent::key_guards() const {
  const auto variable = [&](const char* name) {
    const auto found = environment_.find(name);
    return found == environment_.end() ? std::string() : found->second;
  };
  TRY(const std::vector<config::KeyGuardConfig> all, config::key_guards(options_.config.keyring));
  std::vector<server::KeyGuard> guards;
  for (const config::KeyGuardConfig& said : all) {
    if (said.kind == "transit") {
      TRY(server::KeyGuard guard, transit(world_, said, variable(token_variable)));
      guards.push_back(std::move(guard));
      continue;
    }
    server::KeyGuard& guard = guards.emplace_back();
    if (said.kind != "passphrase") continue;
    guard.kind = server::KeyGuard::Kind::passphrase;
    TRY(const std::string text, text_of(world_, "passphrase_file", said.passphrase_file));
    guard.passphrase = said.passphrase_file.empty() ? variable(passphrase_variable)
                                                    : std::string(base::trim(text));
    if (guard.passphrase.size() < passphrase_min)
      return base::invalid(
          fmt::format("keyring \"passphrase\": no passphrase of at least {} characters: set "
                      "passphrase_file, or {}",
                      passphrase_min, passphrase_variable));
  }
  return guards;
}

}  // namespace caravan::agent
