// SPDX-License-Identifier: Apache-2.0
// Nomad's HTTP API, one file per page of its public documentation. Each function gives the rows of
// that page's routes; what it takes is all that the page can touch.
#pragma once

#include "api/query.hpp"
#include "cluster/operations.hpp"
#include "io/log_source.hpp"
#include "rpc/rpc.hpp"
#include "server/access.hpp"
#include "server/collector.hpp"
#include "server/jobs.hpp"
#include "server/newcomers.hpp"
#include "server/events.hpp"
#include "server/server.hpp"

namespace caravan::api::nomad {

/// What the page offers when it opens a WebSocket: first what it speaks, then what it may.
inline constexpr std::string_view exec_protocol = "caravan.exec", token_protocol = "caravan.token.";

/// How its clients are talked to. `authority`: the authoritative region, "" where it is this one.
Face face(std::string region, std::string authority = "");

/// As Face::again. Errors: conflict (it was refused), timeout (what came of it is not known any
/// more).
base::Result<Answer> again(const state::Tables& tables, const model::DoneRequest& done,
                           std::string_view asked, const acl::Authorized& caller);

/// Where a node's own routes are answered: null when the node is not connected here.
using NodeChannel = std::function<std::shared_ptr<rpc::Channel>(const base::NodeId&)>;

std::vector<Route> job_routes(const Readers& readers, server::Jobs& jobs, std::string region);
/// What belongs to a job: allocations, evaluations, deployments, services.
std::vector<Route> job_part_routes(const Readers& readers);
std::vector<Route> scaling_routes(const Readers& readers, server::Scaling& scaling);
/// Restarts that the servers carry out: ours.
std::vector<Route> job_restart_routes(const Readers& readers, server::Restarts& restarts);
std::vector<Route> job_version_routes(const Readers& readers, server::Jobs& jobs);
/// Jobs that others come from: forced launches and dispatches.
std::vector<Route> parent_routes(server::Periodic& periodic, server::Dispatches& dispatches);
std::vector<Route> parse_routes();
std::vector<Route> node_routes(const Readers& readers, server::Jobs& jobs, server::Drainer& drainer,
                               server::Operator& operators);
/// Before node_routes: its paths look like a node's.
std::vector<Route> node_pool_routes(const Readers& readers, server::Operator& operators);
std::vector<Route> namespace_routes(const Readers& readers, server::Operator& operators);
std::vector<Route> quota_routes(const Readers& readers, server::Operator& operators,
                                std::string region);
std::vector<Route> scheduler_config_routes(const Readers& readers, server::Operator& operators);
std::vector<Route> autopilot_config_routes(const Readers& readers, server::Operator& operators);
/// The whole state, as a file.
std::vector<Route> snapshot_routes(server::Backups& backups);
std::vector<Route> event_routes(const Readers& readers, const server::EventLog& log,
                                const acl::Gate& gate);
/// What the repository says, and what came of it. `status`: of this server, asked on any lane.
std::vector<Route> gitops_routes(std::function<json::Value()> status);
std::vector<Route> acl_routes(const Readers& readers, server::Access& access);
/// Tokens of `acl`.
/// `authority`: the authoritative region, "" where it is this one.
std::vector<Route> acl_token_routes(const Readers& readers, server::Access& access,
                                    std::string authority);
/// Who else is believed, and what that gives.
std::vector<Route> auth_method_routes(const Readers& readers, const server::Access& access,
                                      server::AuthMethods& methods);
std::vector<Route> login_routes(const Readers& readers, const server::Access& access,
                                server::Logins& logins);
std::vector<Route> search_routes(const Readers& readers);
std::vector<Route> allocation_routes(const Readers& readers, server::Jobs& jobs);
std::vector<Route> evaluation_routes(const Readers& readers);
/// Why evaluations and allocations came out as they did.
std::vector<Route> why_routes(const Readers& readers, io::Executor& executor);
std::vector<Route> eval_deletion_routes(const Readers& readers, server::Operator& operators);
std::vector<Route> deployment_routes(const Readers& readers);
std::vector<Route> deployment_action_routes(server::DeploymentActions& actions);
std::vector<Route> service_routes(const Readers& readers, server::Proposals& proposals);
/// What an ingress follows: ours.
std::vector<Route> ingress_routes(const Readers& readers, std::string datacenter);
std::vector<Route> client_routes(const Readers& readers, NodeChannel channel);
std::vector<Route> keyring_routes(const Readers& readers, server::Keys& keys, std::string issuer);
std::vector<Route> node_identity_routes(NodeChannel channel);
std::vector<Route> introduction_routes(const server::Introductions& introductions);
/// How machines get into the cluster: ours.
std::vector<Route> joining_routes(server::Newcomers& newcomers);
std::vector<Route> variable_routes(const Readers& readers, server::Variables& variables);
std::vector<Route> system_routes(server::Collector& collector);

/// Name, value.
using Gauges = std::vector<std::pair<std::string, double>>;

/// What the servers know of each other, as the pages show it.
struct ServersFace {
  std::vector<cluster::Member> members;
  std::uint64_t self = 0, leader = 0;  // numbers; 0: none
  std::vector<std::uint64_t> voters, learners;
  std::vector<std::string> regions;  // sorted
};

/// What the agent's own pages show.
struct AgentFace {
  std::string name, region, datacenter, version;
  std::string http_address, rpc_address, serf_address;
  json::Value config;                  // as `agent/self` shows it, secrets removed
  std::function<json::Value()> stats;  // by group
  std::function<bool()> server_ok, client_ok;
  std::function<Gauges()> gauges;
  std::function<std::shared_ptr<const ServersFace>()> servers;  // of a server; any lane
  std::function<std::vector<std::string>()> client_servers;     // that the client knows
  bool has_server = false, has_client = false;
  std::string server_id;
};
/// What it takes to hear an agent, and to see what its machine does.
struct MonitorParts {
  AgentFace face;
  const Forward& forward;
  io::LogSource& logs;
  io::Clock& clock;
  std::function<std::shared_ptr<rpc::Channel>()> own_node;  // null: this agent is no client
  // None where no server is:
  NodeChannel channel;
  std::function<bool(const base::NodeId&)> is_known;  // to the servers
};
std::vector<Route> monitor_routes(MonitorParts parts);
/// Of a server.
Gauges server_gauges(const Readers& readers);
std::vector<Route> agent_routes(const AgentFace& face, io::Clock& clock);
/// What this agent answers, and what each answer needs.
std::vector<Route> route_table_routes(const Router& router);
/// For agents without state, of a server.
std::vector<Route> may_routes(const Readers& readers);
std::vector<Route> status_routes(const AgentFace& face);
std::vector<Route> gossip_key_routes(cluster::Operations& operations);
/// `join_port`: of addresses without one.
std::vector<Route> server_routes(const AgentFace& face, cluster::Operations& operations,
                                 io::Clock& clock, std::uint16_t join_port);

}  // namespace caravan::api::nomad
