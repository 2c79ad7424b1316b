// SPDX-License-Identifier: Apache-2.0
#include "server/access.hpp"

#include <fmt/core.h>

#include "acl/rules.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "io/task.hpp"

namespace caravan::server {
namespace {

using consensus::Priority;

/// In the server's folder: the index that an operator read in the refusal.
constexpr const char* reset_file = "/acl-bootstrap-reset";

/// There, too: the secret that the first token is to have, until it has it.
constexpr const char* secret_file = "/acl-bootstrap-secret";

std::unexpected<base::Error> not_found(std::string what) {
  return base::fail(base::Code::not_found, std::move(what));
}

}  // namespace

base::Uuid Access::draw() {
  std::array<std::uint8_t, 16> bytes{};
  world_.random.fill(bytes);
  return base::Uuid::from_random(bytes);
}

io::Task<Access::TokenReply> Access::bootstrap(base::Uuid secret) {
  wire::BootstrapAcl command;
  const std::string path = data_dir_ + reset_file;
  const std::uint64_t done_at = store_.snapshot()->acl_reset_index();
  if (done_at != 0) {
    if (!world_.disk.exists(path))
      co_return base::invalid(fmt::format("ACL bootstrap already done (reset index: {})", done_at));
    CO_TRY(const std::string text, world_.disk.read_file(path));
    const base::Result<long long> named = base::parse_int(base::trim(text));
    if (!named || static_cast<std::uint64_t>(*named) != done_at)
      co_return base::invalid(
          fmt::format("Invalid bootstrap reset index (specified {}, reset index: {})",
                      base::printable(base::trim(text), 32), done_at));
    command.reset_index = done_at;
  }
  model::AclToken& token = command.token;
  token.accessor = draw();
  token.secret = secret.is_nil() ? draw() : secret;
  token.secret_digest = crypto::sha256(token.secret.to_string());
  token.name = "Bootstrap Token";
  token.type = model::token_management;
  token.global = true;
  const base::Uuid accessor = token.accessor;
  CO_TRY_VOID(co_await proposals_.propose(std::move(command), Priority::control));
  const state::Snapshot tables = store_.snapshot();
  const state::Ref<model::AclToken> made = tables->acl_token(accessor);
  if (!made)  // another one was quicker
    co_return base::invalid(
        fmt::format("ACL bootstrap already done (reset index: {})", tables->acl_reset_index()));
  if (done_at != 0) CO_TRY_VOID(world_.disk.remove(path));
  co_return made;
}

io::Task<base::Status> Access::bootstrap_as_told() {
  const std::string path = data_dir_ + secret_file;
  if (!config_.enabled || !world_.disk.exists(path)) co_return base::Status();
  CO_TRY(const std::string text, world_.disk.read_file(path));
  const base::Result<base::Uuid> secret = base::Uuid::parse(base::trim(text));
  if (!secret) co_return base::invalid(path + ": the first token's secret has to be a UUID");
  if (store_.snapshot()->acl_reset_index() == 0) CO_TRY_VOID(co_await bootstrap(*secret));
  co_return world_.disk.remove(path);
}

base::Status Access::check_roles(const model::AclToken& token) const {
  for (const base::Uuid& id : token.roles)
    if (!store_.snapshot()->acl_role(id))
      return base::invalid(fmt::format("cannot find role {}", id.to_string()));
  return {};
}

io::Task<Access::TokenReply> Access::write(model::AclToken token) {
  if (const std::string wrong = model::complaint(token); !wrong.empty())
    co_return base::invalid("Invalid ACL token: " + wrong);
  CO_TRY_VOID(check_roles(token));
  const base::Uuid accessor = token.accessor;
  wire::UpsertAclTokens command;
  command.tokens.push_back(std::move(token));
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), Priority::control));
  const state::Ref<model::AclToken> made = store_.snapshot()->acl_token(accessor);
  if (!made || made->modify_index < index)
    co_return base::fail(base::Code::conflict, "another token has this accessor or secret");
  co_return made;
}

io::Task<Access::TokenReply> Access::add_token(model::AclToken token, base::Duration ttl) {
  if (token.accessor.is_nil())
    token.accessor = draw();
  else if (store_.snapshot()->acl_token(token.accessor))
    co_return base::fail(base::Code::conflict, "another token has this accessor or secret");
  if (token.secret.is_nil()) token.secret = draw();
  token.secret_digest = crypto::sha256(token.secret.to_string());
  token.expiration_time_ns = 0;
  if (ttl != base::Duration(0)) {
    if (ttl < config_.ttl_min || ttl > config_.ttl_max)
      co_return base::invalid(fmt::format(
          "Invalid ACL token: ExpirationTTL: {} is outside {}..{}", base::format_duration(ttl),
          base::format_duration(config_.ttl_min), base::format_duration(config_.ttl_max)));
    token.expiration_time_ns = (world_.clock.now() + ttl).unix_ns;
  }
  co_return co_await write(std::move(token));
}

io::Task<Access::TokenReply> Access::change_token(model::AclToken token) {
  const state::Ref<model::AclToken> old = store_.snapshot()->acl_token(token.accessor);
  if (!old) co_return not_found("ACL token not found");
  model::AclToken changed = *old;
  changed.name = std::move(token.name);
  changed.type = std::move(token.type);
  changed.policies = std::move(token.policies);
  changed.roles = std::move(token.roles);
  if (token.global != old->global)
    co_return base::invalid("Invalid ACL token: cannot toggle global mode");
  co_return co_await write(std::move(changed));
}

io::Task<base::Result<std::uint64_t>> Access::delete_token(base::Uuid accessor) {
  if (!store_.snapshot()->acl_token(accessor)) co_return not_found("ACL token not found");
  wire::DeleteAclTokens command;
  command.accessors.push_back(accessor);
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

io::Task<base::Result<std::uint64_t>> Access::put_policy(model::AclPolicy policy) {
  if (const std::string wrong = model::complaint(policy); !wrong.empty())
    co_return base::invalid("Invalid ACL policy: " + wrong);
  if (const base::Result<acl::Rules> rules = acl::parse_rules(policy.name, policy.rules); !rules)
    co_return base::invalid("Invalid ACL policy: " + rules.error().message);
  wire::UpsertAclPolicies command;
  command.policies.push_back(std::move(policy));
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

io::Task<base::Result<std::uint64_t>> Access::delete_policy(std::string name) {
  if (!store_.snapshot()->acl_policy(name)) co_return not_found("ACL policy not found");
  wire::DeleteAclPolicies command;
  command.names.push_back(std::move(name));
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

io::Task<Access::RoleReply> Access::put_role(model::AclRole role) {
  const state::Snapshot tables = store_.snapshot();
  if (const std::string wrong = model::complaint(role); !wrong.empty())
    co_return base::invalid("Invalid ACL role: " + wrong);
  for (const std::string& name : role.policies)
    if (!tables->acl_policy(name))
      co_return base::invalid(
          fmt::format("Invalid ACL role: cannot find policy {}", base::printable(name, 128)));
  if (role.id.is_nil())
    role.id = draw();
  else if (!tables->acl_role(role.id))
    co_return not_found("ACL role not found");
  const base::Uuid id = role.id;
  const std::string name = role.name;
  wire::UpsertAclRoles command;
  command.roles.push_back(std::move(role));
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), Priority::control));
  const state::Ref<model::AclRole> made = store_.snapshot()->acl_role(id);
  if (!made || made->modify_index < index)
    co_return base::fail(base::Code::conflict,
                         fmt::format("role with name {} already exists", name));
  co_return made;
}

io::Task<base::Result<std::uint64_t>> Access::delete_role(base::Uuid id) {
  if (!store_.snapshot()->acl_role(id)) co_return not_found("ACL role not found");
  wire::DeleteAclRoles command;
  command.ids.push_back(id);
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

}  // namespace caravan::server
