// SPDX-License-Identifier: Apache-2.0
#include "server/server_service.hpp"

#include "wire/server_rpc.hpp"

namespace caravan::server {
namespace {

constexpr base::Duration secrets_timeout{2'000'000'000};
constexpr base::Duration secrets_retry{500'000'000};
/// A node's question may wait for as long as it likes; what forwards it, a little longer.
constexpr base::Duration forward_timeout = node_wait_max + base::Duration(30'000'000'000);

/// What a server of another region may ask.
bool is_for_other_regions(const std::string& method) {
  return method.starts_with("Gossip.") || method == wire::globals_method ||
         method == wire::name_method || method == wire::find_method;
}

}  // namespace

io::Task<base::Result<std::string>> ServerService::call(const rpc::Caller& caller,
                                                        std::string method, std::string request) {
  if (caller.is_foreign && !is_for_other_regions(method))
    co_return base::fail(base::Code::denied, "only servers of this region may ask that: " + method);
  if (method == wire::globals_method) co_return co_await globals(caller, std::move(request));
  if (method == "Coordinate.Probe") {
    if (!place_) co_return base::fail(base::Code::unsupported, "this server does not know its place");
    co_return wire::encode(place_());
  }
  if (method == wire::name_method)
    co_return co_await name(std::move(request), caller.is_foreign);
  if (method == wire::find_method) {
    if (!caller.is_server && !caller.is_foreign)
      co_return base::fail(base::Code::denied, "only servers may ask that: " + method);
    co_return found(request);
  }
  if (method.starts_with("Node.") || method.starts_with("Catalog.") ||
      method.starts_with("Connect."))
    co_return co_await call_node(caller, method, std::move(request));
  if (!caller.is_server && !caller.is_foreign)
    co_return base::fail(base::Code::denied, "only servers may ask that: " + method);
  if (method == "Server.Secrets") co_return secrets(request);
  co_return co_await cluster_.call(std::move(method), std::move(request), caller.is_foreign);
}

/// The first byte tells how the question came; a large letter, that the length of a token and the
/// token come before it.
io::Task<base::Result<std::string>> ServerService::name(std::string request, bool is_foreign) {
  if (!names_) co_return base::fail(base::Code::unsupported, "no names are answered here");
  if (request.empty()) co_return base::invalid("no question");
  const bool by_udp = request[0] == 'u' || request[0] == 'U';
  const bool has_token = request[0] == 'U' || request[0] == 'T';
  NameAsked asked{"", by_udp, "", is_foreign};
  if (!has_token) {
    asked.packet = request.substr(1);
    co_return co_await names_(std::move(asked));
  }
  const std::size_t length = request.size() < 2 ? 0 : static_cast<unsigned char>(request[1]);
  if (request.size() < 2 + length) co_return base::invalid("the token is cut off");
  asked.secret = request.substr(2, length);
  asked.packet = request.substr(2 + length);
  co_return co_await names_(std::move(asked));
}

base::Result<std::string> ServerService::found(const std::string& request) const {
  if (!search_) return base::fail(base::Code::unsupported, "no registry is searched here");
  TRY(const wire::CatalogFind asked, wire::decode<wire::CatalogFind>(request));
  TRY(wire::CatalogFound found, search_(asked));
  return wire::encode(std::move(found));
}

io::Task<base::Result<std::string>> ServerService::call_node(const rpc::Caller& caller,
                                                             std::string method,
                                                             std::string request) {
  // What another server forwarded is not forwarded again: the two may each take the other one for
  // the leader.
  const bool is_here = server_.replica().is_leader() || caller.is_server;
  if (is_here)
    co_return co_await server_.node_calls().call(caller, std::move(method), std::move(request));
  co_return co_await cluster_.ask_leader(std::move(method), std::move(request), forward_timeout);
}

io::Task<base::Status> ServerService::stream(const rpc::Caller& caller, std::string method,
                                             std::string head, io::Stream& stream) {
  if (caller.is_foreign)
    co_return base::fail(base::Code::denied, "only agents of this region may ask that: " + method);
  co_return co_await server_.node_calls().stream(caller, std::move(method), std::move(head),
                                                 stream);
}

io::Task<base::Result<std::string>> ServerService::globals(const rpc::Caller& caller,
                                                           std::string request) {
  if (!caller.is_server && !caller.is_foreign)
    co_return base::fail(base::Code::denied, "only servers may ask that");
  if (server_.replica().is_leader() || caller.is_server)
    co_return co_await server_.globals().answer(std::move(request));
  co_return co_await cluster_.ask_leader(wire::globals_method, std::move(request), forward_timeout);
}

base::Result<std::string> ServerService::secrets(const std::string& request) const {
  TRY(const wire::ServerSecrets asked, wire::decode<wire::ServerSecrets>(request));
  const base::Uuid& ours = cluster_.identity().cluster;
  if (ours.is_nil() || asked.cluster != ours)
    return base::fail(base::Code::denied, "that is another cluster");
  if (server_.keys().key_encryption_key().empty())
    return base::fail(base::Code::unavailable, "this server has no key yet");
  TRY(std::string authority, newcomers_.pem());
  return wire::encode(
      wire::ServerSecrets{ours, server_.keys().key_encryption_key(), std::move(authority), {}});
}

io::Task<base::Status> fetch_secrets(io::World& world, cluster::Cluster& cluster,
                                     std::string data_dir, std::vector<KeyGuard> guards,
                                     io::Logger log) {
  const KeyFile file(world, data_dir, std::move(guards));
  if (file.exists()) co_return base::Status();
  const base::Uuid ours = cluster.identity().cluster;
  const std::string request = wire::encode(wire::ServerSecrets{ours, "", "", {}});
  while (true) {
    for (const cluster::Member& member : cluster.members().list()) {
      if (member.info.id == cluster.identity().id || member.info.cluster != ours) continue;
      const auto answer = co_await cluster.connections().call(member.rpc, "Server.Secrets", request,
                                                              secrets_timeout);
      if (!answer) {
        log.debug("no secrets yet", {{"error", answer.error().message}});
        continue;
      }
      CO_TRY(const wire::ServerSecrets secrets, wire::decode<wire::ServerSecrets>(*answer));
      if (!secrets.authority.empty())
        CO_TRY_VOID(co_await Newcomers::keep(world, data_dir, secrets.authority));
      co_return co_await file.keep(secrets.key_encryption_key);
    }
    co_await world.clock.sleep(secrets_retry);
  }
}

}  // namespace caravan::server
