// SPDX-License-Identifier: Apache-2.0
// The registry's command line as a whole: its verbs, general flags and environment.
#include "cli/face.hpp"

#include <fstream>

#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

const std::vector<Command>& consul_commands() {
  static const std::vector<Command> table = {
      consul::acl_bootstrap_command(),
      consul::acl_auth_method_create_command(),
      consul::acl_auth_method_delete_command(),
      consul::acl_auth_method_list_command(),
      consul::acl_auth_method_read_command(),
      consul::acl_auth_method_update_command(),
      consul::acl_binding_rule_create_command(),
      consul::acl_binding_rule_delete_command(),
      consul::acl_binding_rule_list_command(),
      consul::acl_binding_rule_read_command(),
      consul::acl_binding_rule_update_command(),
      consul::acl_policy_create_command(),
      consul::acl_policy_delete_command(),
      consul::acl_policy_list_command(),
      consul::acl_policy_read_command(),
      consul::acl_policy_update_command(),
      consul::acl_role_create_command(),
      consul::acl_role_delete_command(),
      consul::acl_role_list_command(),
      consul::acl_role_read_command(),
      consul::acl_role_update_command(),
      consul::acl_set_agent_token_command(),
      consul::acl_token_clone_command(),
      consul::acl_token_create_command(),
      consul::acl_token_delete_command(),
      consul::acl_token_list_command(),
      consul::acl_token_read_command(),
      consul::acl_token_update_command(),
      consul::catalog_datacenters_command(),
      consul::catalog_nodes_command(),
      consul::catalog_services_command(),
      consul::event_command(),
      consul::config_delete_command(),
      consul::config_list_command(),
      consul::config_read_command(),
      consul::config_write_command(),
      consul::connect_ca_get_config_command(),
      consul::connect_ca_set_config_command(),
      consul::force_leave_command(),
      consul::info_command(),
      consul::intention_check_command(),
      consul::intention_create_command(),
      consul::intention_delete_command(),
      consul::intention_get_command(),
      consul::intention_list_command(),
      consul::intention_match_command(),
      consul::join_command(),
      consul::keygen_command(),
      consul::keyring_command(),
      consul::kv_delete_command(),
      consul::kv_export_command(),
      consul::kv_get_command(),
      consul::kv_import_command(),
      consul::kv_put_command(),
      consul::leave_command(),
      consul::lock_command(),
      consul::login_command(),
      consul::logout_command(),
      consul::maint_command(),
      consul::members_command(),
      consul::monitor_command(),
      consul::operator_autopilot_get_config_command(),
      operator_autopilot_set_config_command(),
      consul::operator_autopilot_state_command(),
      consul::operator_raft_list_peers_command(),
      consul::operator_raft_remove_peer_command(),
      consul::operator_raft_transfer_leader_command(),
      consul::reload_command(),
      consul::rtt_command(),
      consul::services_deregister_command(),
      consul::services_register_command(),
      consul::snapshot_inspect_command(),
      consul::snapshot_restore_command(),
      consul::snapshot_save_command(),
      consul::tls_ca_create_command(),
      consul::tls_cert_create_command(),
      consul::version_command(),
      consul::watch_command(),
  };
  return table;
}

const std::vector<FlagSpec>& consul_flags() {
  static const std::vector<FlagSpec> flags = {
      {"http-addr", "address",
       "The agent: host:port, http://host:port, https://host:port or\nunix://path. Also "
       "CONSUL_HTTP_ADDR. Default = http://127.0.0.1:8500"},
      {"datacenter", "name", "The datacenter that shall answer."},
      {"stale", "", "Any server may answer, with what it knows."},
      {"token", "secret", "The secret of an ACL token. Also CONSUL_HTTP_TOKEN."},
      {"token-file", "path", "A file with that secret. Also CONSUL_HTTP_TOKEN_FILE."},
      {"ca-file", "path", "A PEM file with the CA of the agent. Also CONSUL_CACERT."},
      {"ca-path", "path", "A directory of such files. Also CONSUL_CAPATH."},
      {"client-cert", "path", "The PEM certificate to show. Also CONSUL_CLIENT_CERT."},
      {"client-key", "path", "The key of that certificate. Also CONSUL_CLIENT_KEY."},
      {"tls-server-name", "name", "The name to ask for. Also CONSUL_TLS_SERVER_NAME."},
  };
  return flags;
}

bool is_on(const std::string& word) { return word == "true" || word == "1"; }
bool is_off(const std::string& word) { return word == "false" || word == "0"; }

/// A secret that cannot be read stays empty, and the agent says who may not.
std::string first_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(base::trim(line));
}

std::string address_of(const Flags& flags) {
  const std::string address = flags.text("http-addr", env_or("CONSUL_HTTP_ADDR", "127.0.0.1:8500"));
  if (address.find("://") != std::string::npos) return address;
  return (is_on(env_or("CONSUL_HTTP_SSL", "")) ? "https://" : "http://") + address;
}

std::string token_of(const Flags& flags) {
  if (flags.given("token")) return flags.text("token");
  const std::string file = flags.text("token-file", env_or("CONSUL_HTTP_TOKEN_FILE", ""));
  return file.empty() ? env_or("CONSUL_HTTP_TOKEN", "") : first_line_of(file);
}

Settings consul_settings(const Flags& flags) {
  Settings settings;
  settings.address = address_of(flags);
  settings.token = token_of(flags);
  settings.token_header = "X-Consul-Token";
  settings.index_header = "X-Consul-Index";
  settings.address_words = "-http-addr or CONSUL_HTTP_ADDR";
  settings.port = 8500;
  settings.user_and_password = env_or("CONSUL_HTTP_AUTH", "");
  if (flags.given("datacenter")) settings.more.emplace_back("dc", flags.text("datacenter"));
  if (flags.on("stale")) settings.more.emplace_back("stale", "");
  settings.tls.ca_cert = flags.text("ca-file", env_or("CONSUL_CACERT", ""));
  settings.tls.ca_path = flags.text("ca-path", env_or("CONSUL_CAPATH", ""));
  settings.tls.client_cert = flags.text("client-cert", env_or("CONSUL_CLIENT_CERT", ""));
  settings.tls.client_key = flags.text("client-key", env_or("CONSUL_CLIENT_KEY", ""));
  settings.tls.server_name = flags.text("tls-server-name", env_or("CONSUL_TLS_SERVER_NAME", ""));
  settings.tls.skip_verify = is_off(env_or("CONSUL_HTTP_SSL_VERIFY", ""));
  return settings;
}

}  // namespace

const Face& consul_face() {
  static const Face face = {.program = program_name() == "consul" ? "consul" : "caravan consul",
                            .commands = consul_commands(),
                            .general_flags = consul_flags(),
                            .settings = consul_settings,
                            .common = {},
                            .groups = {{"acl", "Tokens, policies and roles"},
                                       {"catalog", "List nodes, services and datacenters"},
                                       {"config", "Entries that configure services as a whole"},
                                       {"connect", "The service mesh"},
                                       {"intention", "Who may connect to whom"},
                                       {"kv", "Interact with the key-value store"},
                                       {"operator", "What operators do to the servers"},
                                       {"services", "Register and deregister services"},
                                       {"snapshot", "Save and restore the state of the servers"},
                                       {"tls", "Make certificates"}},
                            .shown_aliases = {}};
  return face;
}

}  // namespace caravan::cli
