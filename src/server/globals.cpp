// SPDX-License-Identifier: Apache-2.0
#include "server/globals.hpp"

#include "crypto/digest.hpp"

namespace caravan::server {
namespace {

using state::Table;

constexpr base::Duration wait_max{60'000'000'000};

/// With indexes of nothing: the log that gives them is another one.
template <class Object>
Object without_indexes(const Object& object) {
  Object copy = object;
  copy.create_index = copy.modify_index = 0;
  return copy;
}

}  // namespace

wire::Globals globals_of(const state::Tables& tables, bool has_access_control) {
  wire::Globals all;
  all.has_access_control = has_access_control;
  const auto copy_to = [](auto& list) {
    return [&list](const auto&, const auto& object) { list.push_back(without_indexes(*object)); };
  };
  tables.acl_policies.each(copy_to(all.policies));
  tables.acl_roles.each(copy_to(all.roles));
  tables.acl_tokens.each([&](const auto&, const state::Ref<model::AclToken>& token) {
    if (token->global) all.tokens.push_back(without_indexes(*token));
  });
  tables.namespaces.each(copy_to(all.namespaces));
  tables.node_pools.each([&](const auto& name, const state::Ref<model::NodePool>& pool) {
    if (!model::is_built_in_pool(name)) all.pools.push_back(without_indexes(*pool));
  });
  tables.quotas.each(copy_to(all.quotas));
  tables.auth_methods.each(copy_to(all.auth_methods));
  tables.binding_rules.each(copy_to(all.binding_rules));
  return all;
}

base::Status Globals::admit(const state::Tables& tables, const std::string& secret) const {
  if (!has_access_control_) return {};
  const auto token = secret.empty() ? state::Ref<model::AclToken>()
                                    : tables.acl_token_by_digest(crypto::sha256(secret));
  if (token && token->is_management() && !token->has_expired(world_.clock.now().unix_ns)) return {};
  return base::fail(base::Code::denied,
                    "acl.replication_token is not the secret of a management token of the "
                    "authoritative region");
}

io::Task<base::Result<std::string>> Globals::answer(std::string request) const {
  CO_TRY(const wire::GlobalsRequest asked, wire::decode<wire::GlobalsRequest>(request));
  const base::Duration patience = std::clamp(base::Duration(asked.wait_ns), {}, wait_max);
  const base::Duration deadline = world_.clock.uptime() + patience;
  while (true) {
    const std::uint64_t ticket = watches_.ticket();
    CO_TRY_VOID(co_await proposals_.barrier());
    const state::Snapshot tables = store_.snapshot();
    CO_TRY_VOID(admit(*tables, asked.token));
    wire::GlobalsReply reply;
    reply.globals = wire::encode(globals_of(*tables, has_access_control_));
    reply.digest = crypto::sha256(reply.globals);
    const base::Duration left = deadline - world_.clock.uptime();
    if (reply.digest != asked.digest) co_return wire::encode(reply);
    if (left <= base::Duration(0)) co_return wire::encode(wire::GlobalsReply{reply.digest, "", {}});
    std::vector<std::string> keys{state::key::restored};
    for (const Table table :
         {Table::acl_policies, Table::acl_roles, Table::acl_tokens, Table::namespaces,
          Table::node_pools, Table::quotas, Table::auth_methods, Table::binding_rules})
      keys.push_back(state::key::table(table));
    CO_TRY_VOID(co_await watches_.wait(std::move(keys), ticket, left));
  }
}

}  // namespace caravan::server
