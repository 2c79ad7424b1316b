// SPDX-License-Identifier: Apache-2.0
// One agent: every part built in order, started in that order and stopped in the other one.
#pragma once

#include <memory>
#include <set>

#include "acl/authorized.hpp"
#include "agent/certificates.hpp"
#include "agent/default_token.hpp"
#include "agent/gitops_part.hpp"
#include "agent/options.hpp"
#include "agent/server_part.hpp"
#include "api/audit_log.hpp"
#include "api/consul/own.hpp"
#include "api/nomad/pages.hpp"
#include "client/client.hpp"
#include "client/node_service.hpp"
#include "config/endpoints.hpp"
#include "dns/server.hpp"
#include "driver/supervised.hpp"
#include "http/server.hpp"
#include "ingress/ingress.hpp"
#include "io/world.hpp"
#include "registry/leaves.hpp"
#include "registry/locator.hpp"
#include "rpc/tls_transport.hpp"
#include "rpc/uplink.hpp"
#include "server/other_datacenters.hpp"

namespace caravan::agent {

inline constexpr const char* version = "0.1.0";
/// What clients of the field are told where they ask for a version to decide what we can do.
inline constexpr const char* nomad_version = "1.9.0";
inline constexpr const char* consul_version = "1.20.0";

class Foreign;
class Watches;

class Agent {
 public:
  /// `options.config` has been found without problems.
  Agent(io::World& world, io::Datagrams& datagrams, Options options, config::Endpoints endpoints,
        std::map<std::string, std::string> environment, io::LogSource& logs, io::Logger log);
  ~Agent();

  /// Errors: whatever keeps the agent from serving, as one line.
  io::Task<base::Status> start();
  /// In -dev mode tasks end with the agent; else they go on. `leaves`: its server goes for good.
  io::Task<void> stop(bool leaves = false);
  /// Returns when the agent cannot go on.
  io::Task<base::Error> failure();
  using ReadAgain = std::function<base::Result<Options>()>;
  /// How the files are read again when somebody asks for it.
  void read_again_by(ReadAgain read) { read_again_ = std::move(read); }
  /// Takes over what may be replaced while it runs: certificates, and services, checks and watches
  /// of files.
  /// Main lane. Errors: as Certificates::load, invalid (a file).
  base::Status reload();
  /// Tells the others that it goes for good. Main lane.
  io::Task<void> leave();
  /// Returns a moment after leave(), which somebody asked for by the API.
  io::Task<void> has_left();
  const std::string& data_dir() const { return data_dir_; }

 private:
  base::Status make_transport();
  io::Task<base::Status> start_server();
  io::Task<base::Status> keep_first_token(std::string folder);
  base::Result<std::string> registry_node_id() const;
  io::Task<base::Status> start_client();
  /// Errors: io (a file that cannot be written).
  io::Task<base::Status> open_audit();
  base::Result<gitops::Settings> gitops_settings() const;
  io::Task<base::Status> start_http();
  io::Task<base::Status> start_catalog();
  io::Task<base::Status> serve_catalog();
  io::Task<base::Status> start_registry();
  void start_locator();
  void start_watches();
  // foreign.cpp; the last two on the client's lane
  io::Task<base::Status> start_foreign();
  io::Task<void> offer_to_foreign();
  io::Task<void> stop_foreign();
  io::Task<base::Status> start_dns();
  io::Task<base::Status> start_ingress();
  void offer_ingress(const std::set<std::string>& names, bool is_up);
  /// A request that an agent makes in its own name, and its answer, whatever access control says.
  static constexpr const char* own_header = "X-Caravan-Own";
  static bool is_own(const http::Request& request);
  static io::Task<void> serve_stranger(const api::Router& router, const http::Request& request,
                                       http::Responder& responder);
  io::Task<void> serve_nameless(const http::Request& request, http::Responder& responder) const;
  io::Task<void> serve_own(const http::Request& request, http::Responder& responder) const;
  dns::ServerConfig dns_config() const;
  dns::Abroad names_abroad();
  api::consul::QueryHelp query_help();
  /// Of "Catalog.Find".
  base::Result<wire::CatalogFound> found_for(const wire::CatalogFind& asked) const;
  /// From the client's lane.
  void share_in_catalog(const base::AllocId& alloc, client::CatalogShare share);
  /// Of files and flags as they were read. Errors: as file_services().
  base::Result<std::vector<registry::Resident>> residents(const config::AgentConfig& config) const;
  base::Result<registry::RegistryConfig> registry_config() const;
  std::vector<api::consul::PoolMember> pool_members(bool wide) const;
  json::Object registry_stats() const;  // main lane
  io::Task<base::Status> listen(const std::vector<config::Endpoint>& endpoints,
                                const api::Router& router, bool is_secure, std::string_view what);
  /// Which one a request of another agent is for.
  const api::Router& router_of(const http::Request& request) const;
  /// The way to any node that is connected here. Of an agent with a server.
  api::nomad::NodeChannel node_channel();
  void add_routes();
  void add_catalog_routes();
  ServerPartConfig server_part_config() const;
  /// Errors: invalid (a file, a passphrase that is nowhere).
  base::Result<std::vector<server::KeyGuard>> key_guards() const;
  std::vector<io::Address> known_servers() const;
  std::shared_ptr<const api::Whereabouts> whereabouts() const;
  base::Result<model::Node> make_node() const;
  /// Errors: invalid (a path).
  base::Result<client::Devices> declared_devices() const;
  client::FetchConfig fetch_config(const std::string& state_dir) const;
  base::Result<std::map<std::string, std::unique_ptr<driver::Driver>>> make_drivers(
      const model::Node& node);
  server::ServerConfig server_config() const;
  client::NetworkConfig network_config(const std::string& state_dir) const;
  api::nomad::AgentFace face() const;

  io::World& world_;
  io::Datagrams& datagrams_;
  Options options_;
  config::Endpoints endpoints_;
  std::map<std::string, std::string> environment_;
  io::LogSource& logs_;
  io::Logger log_;
  std::string name_, data_dir_, registry_node_id_;

  Certificates certificates_;
  DefaultToken default_token_;
  std::unique_ptr<rpc::Transport> transport_;
  std::unique_ptr<ServerPart> server_;
  std::unique_ptr<server::OtherDatacenters> datacenters_;  // as they are asked by that server
  std::unique_ptr<rpc::Channel> to_server_;  // of the server in this agent, or
  std::unique_ptr<rpc::Uplink> uplink_;      // of one elsewhere
  std::unique_ptr<Foreign> foreign_;  // null: our own registry serves jobs
  std::unique_ptr<driver::Supervisors> supervisors_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<client::NodeService> node_service_;
  std::shared_ptr<rpc::Channel> to_node_;
  std::unique_ptr<registry::Registry> registry_;  // where the configuration has a catalog
  std::unique_ptr<registry::Locator> locator_;    // the same
  std::unique_ptr<registry::Leaves> leaves_;      // the same
  std::unique_ptr<Watches> watches_;              // the same
  /// What allocations that ran before had to say when there was no registry yet.
  std::map<base::AllocId, client::CatalogShare> early_shares_;
  acl::Gate gate_;
  std::unique_ptr<api::AuditLog> audit_;  // null: nothing is written down
  std::unique_ptr<api::Forward> forward_, catalog_forward_;
  std::unique_ptr<api::Router> router_, catalog_router_;
  std::unique_ptr<GitopsPart> gitops_;  // of a server
  std::vector<std::unique_ptr<http::Server>> http_;
  std::unique_ptr<dns::Server> dns_;
  std::unique_ptr<ingress::Ingress> ingress_;
  ReadAgain read_again_;
  bool has_left_ = false;
};

}  // namespace caravan::agent
