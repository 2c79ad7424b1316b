// SPDX-License-Identifier: Apache-2.0
// join: a further machine of a cluster; operator join-token.
#include <filesystem>

#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/machine_setup.hpp"
#include "cli/tls_files.hpp"
#include "cli/verbs.hpp"
#include "io/network.hpp"
#include "io/linux/clock.hpp"
#include "keyring/join_token.hpp"

namespace caravan::cli {
namespace {

constexpr std::uint16_t http_port = 4646;

/// The authority that the token means: whoever answers there has to have that one.
base::Result<json::Value> trusted_authority(const Settings& settings,
                                            const keyring::JoinToken& token) {
  Settings unproven = settings;
  unproven.tls.skip_verify = true;
  TRY(Client client, Client::make(std::move(unproven)));
  TRY(Reply reply, client.get("/v1/join/authority"));
  if (keyring::fingerprint(text(reply.body, "Certificate")) != token.authority)
    return base::fail(base::Code::denied,
                      "whoever answers there is not of the cluster that this token is of");
  return std::move(reply.body);
}

base::Result<json::Value> ask(Settings settings, const MachineSetup& setup,
                              const json::Value& authority, const std::string& token,
                              const std::string& public_key) {
  settings.tls.ca_cert = setup.ca_file();
  settings.tls.server_name = fmt::format("server.{}.nomad", text(authority, "Region"));
  TRY(Client client, Client::make(std::move(settings)));
  TRY(Reply reply,
      client.send(
          "PUT", "/v1/join",
          json::Object{{"Token", token}, {"PublicKey", public_key}, {"Address", setup.address}}));
  return std::move(reply.body);
}

/// Asks with the authority's file in place, and takes it away again when nothing comes of it.
base::Result<json::Value> ask_with_file(const Settings& settings, const MachineSetup& setup,
                                        const json::Value& authority, const std::string& token,
                                        const std::string& public_key) {
  std::error_code error;
  std::filesystem::create_directories(setup.config_dir, error);
  if (error) return base::fail(base::Code::io, setup.config_dir + ": " + error.message());
  TRY_VOID(write_new(setup.ca_file(), text(authority, "Certificate"), 0644));
  base::Result<json::Value> welcome = ask(settings, setup, authority, token, public_key);
  std::filesystem::remove(setup.ca_file(), error);
  return welcome;
}

AgentRole role_of(const json::Value& welcome, const std::string& host) {
  AgentRole role{text(welcome, "Region"),           text(welcome, "Datacenter"),
                 text(welcome, "Role") == "server", false,
                 text(welcome, "Encrypt"),          {}};
  for (const json::Value& server : list(welcome, "Servers"))
    if (const std::string* name = server.as_string()) role.servers.push_back(*name);
  if (role.servers.empty()) role.servers.push_back(host);
  return role;
}

int run_join(Context& context) {
  const auto fail = [&](const base::Error& error) { return context.fail("Error joining", error); };
  const auto address = io::Address::parse(context.words[0], http_port);
  if (!address) return fail(address.error());
  const std::string& token_text = context.words[1];
  const auto token = keyring::read_join_token(token_text);
  if (!token) return fail(token.error());
  if (token->expires <= io::linux_world::Clock().now())
    return context.fail(
        "Error joining: this token has expired; 'caravan operator join-token' on a "
        "machine of the cluster makes another one");
  const base::Result<MachineSetup> setup = machine_setup(context.flags);
  if (!setup) return fail(setup.error());
  Settings settings;
  settings.address = "https://" + address->to_string();
  const base::Result<json::Value> authority = trusted_authority(settings, *token);
  if (!authority) return fail(authority.error());
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  const base::Result<json::Value> welcome =
      ask_with_file(settings, *setup, *authority, token_text, key.public_pem());
  if (!welcome) return fail(welcome.error());
  const AgentRole role = role_of(*welcome, address->host);
  const base::Status written =
      write_machine(*setup, text(*authority, "Certificate"), text(*welcome, "Certificate"),
                    key.to_pem(), configuration(*setup, role));
  if (!written) return fail(written.error());
  context.out(fmt::format("This machine is a {} of the cluster now, with {}.",
                          role.is_server ? "server and a client" : "client", setup->config_file()));
  if (!setup->starts) {
    context.out(fmt::format("Start it with: caravan agent -config {}", setup->config_dir));
    return 0;
  }
  const base::Status started = start_agent(*setup);
  return started ? 0 : context.fail("Error starting the agent", started.error());
}

int run_token(Context& context) {
  const base::Result<Reply> reply =
      context.api().send("PUT", "/v1/operator/join-token",
                         json::Object{{"Role", context.flags.text("role", "client")},
                                      {"TTL", context.flags.text("ttl", "1h")}});
  if (!reply) return context.fail("Error making a join token", reply.error());
  if (context.flags.on("json")) {
    context.out(pretty_json(reply->body));
    return 0;
  }
  context.out(text(reply->body, "Token"));
  return 0;
}

}  // namespace

Command join_command() {
  return {.name = "join",
          .synopsis = "Make this machine part of a cluster",
          .usage = "[options] <address> <token>",
          .help =
              "Asks a machine of the cluster, which has to prove that it is one, for a\n"
              "certificate and all else that an agent needs here, writes the configuration and\n"
              "starts the agent. The private key never leaves this machine.",
          .flags = machine_flags(),
          .words_min = 2,
          .words_max = 2,
          .takes = "two arguments: <address> <token>",
          .uses_api = false,
          .run = run_join};
}

Command operator_join_token_command() {
  return {.name = "operator join-token",
          .synopsis = "Make a token that lets machines into the cluster",
          .usage = "[options]",
          .help =
              "The token is good for one role, for as long as it says, and for any number of\n"
              "machines. Nothing is remembered of it, so it cannot be taken back; keep its life\n"
              "short.",
          .flags = {{"role", "name", "server or client. Default = client"},
                    {"ttl", "duration", "From 1m to 168h. Default = 1h"},
                    {"json", "", "The answer as JSON."}},
          .takes = "no arguments",
          .run = run_token};
}

}  // namespace caravan::cli
