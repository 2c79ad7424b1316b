// SPDX-License-Identifier: Apache-2.0
#include "server/replication.hpp"

#include <set>

#include "server/globals.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

/// How long the other side may wait for something new, and this one for its answer.
constexpr base::Duration wait = 30s, replication_timeout = 45s;
/// Between two questions; after one that failed; while something stays here that is gone there.
constexpr base::Duration pause = 200ms, retry = 2s, look_again = 5s;
/// One command takes so many bytes and then one object more: others wait for the log, too.
constexpr std::size_t replicated_bytes_max = 256 * 1024;

const auto& key_of(const model::AclPolicy& policy) { return policy.name; }
const auto& key_of(const model::AclRole& role) { return role.id; }
const auto& key_of(const model::AclToken& token) { return token.accessor; }
const auto& key_of(const model::Namespace& space) { return space.name; }
const auto& key_of(const model::NodePool& pool) { return pool.name; }
const auto& key_of(const model::Quota& quota) { return quota.name; }
const auto& key_of(const model::AuthMethod& method) { return method.name; }
const auto& key_of(const model::BindingRule& rule) { return rule.id; }

/// What the copy has of its own.
template <class Object>
Object essence(Object object) {
  object.create_index = object.modify_index = 0;
  if constexpr (requires { object.create_time_ns; }) object.create_time_ns = 0;
  if constexpr (requires {
                  object.create_time;
                  object.modify_time;
                })
    object.create_time = object.modify_time = {};
  return object;
}

/// The differences of one kind of object, as commands that take lists of it.
template <class Upsert, class Delete, class Object, class Key>
struct Difference {
  Difference(std::vector<Object> here, std::vector<Object> there, std::vector<Object> Upsert::* put,
             std::vector<Key> Delete::* remove) {
    std::map<Key, Object> known;
    for (Object& object : here) {
      Key key = key_of(object);
      known.emplace(std::move(key), essence(std::move(object)));
    }
    std::size_t bytes = replicated_bytes_max;
    for (Object& object : there) {
      const auto found = known.find(key_of(object));
      const bool is_same = found != known.end() && found->second == essence(object);
      if (found != known.end()) known.erase(found);
      if (is_same) continue;
      if (bytes >= replicated_bytes_max) upserts.emplace_back(), bytes = 0;
      bytes += wire::encode(object).size();
      (upserts.back().*put).push_back(std::move(object));
    }
    for (auto& [key, object] : known)
      (gone.*remove).push_back(key);
    has_gone = !known.empty();
  }

  std::vector<Upsert> upserts;
  Delete gone;
  bool has_gone = false;
};

}  // namespace

std::vector<wire::AnyCommand> replication_step(const state::Tables& here, wire::Globals there,
                                               bool has_access_control, base::Instant now) {
  wire::Globals own = globals_of(here, has_access_control);
  std::vector<wire::AnyCommand> removals, upserts;
  const auto add = [&](auto difference) {
    if (difference.has_gone) removals.emplace_back(std::move(difference.gone));
    for (auto& command : difference.upserts)
      upserts.emplace_back(std::move(command));
  };
  if (has_access_control && there.has_access_control) {
    const auto has_expired = [&](const model::AclToken& token) {
      return token.has_expired(now.unix_ns);
    };
    std::erase_if(there.tokens, has_expired);
    std::erase_if(own.tokens, has_expired);
    add(Difference(std::move(own.tokens), std::move(there.tokens), &wire::UpsertAclTokens::tokens,
                   &wire::DeleteAclTokens::accessors));
    add(Difference(std::move(own.roles), std::move(there.roles), &wire::UpsertAclRoles::roles,
                   &wire::DeleteAclRoles::ids));
    add(Difference(std::move(own.policies), std::move(there.policies),
                   &wire::UpsertAclPolicies::policies, &wire::DeleteAclPolicies::names));
    add(Difference(std::move(own.binding_rules), std::move(there.binding_rules),
                   &wire::UpsertBindingRules::rules, &wire::DeleteBindingRules::ids));
    add(Difference(std::move(own.auth_methods), std::move(there.auth_methods),
                   &wire::UpsertAuthMethods::methods, &wire::DeleteAuthMethods::names));
  }
  add(Difference(std::move(own.namespaces), std::move(there.namespaces),
                 &wire::UpsertNamespaces::namespaces, &wire::DeleteNamespaces::names));
  add(Difference(std::move(own.pools), std::move(there.pools), &wire::UpsertNodePools::pools,
                 &wire::DeleteNodePools::names));
  add(Difference(std::move(own.quotas), std::move(there.quotas), &wire::UpsertQuotas::quotas,
                 &wire::DeleteQuotas::names));
  removals.insert(removals.end(), std::make_move_iterator(upserts.begin()),
                  std::make_move_iterator(upserts.end()));
  return removals;
}

void Replication::start() {
  if (config_.authority.empty()) return;
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Replication::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Result<bool>> Replication::copy(std::string& digest) {
  wire::GlobalsRequest request{config_.token, digest, wait.count(), {}};
  const std::string question = wire::encode(request);
  CO_TRY(const std::string answer,
         co_await config_.ask(wire::globals_method, question, replication_timeout));
  CO_TRY(const wire::GlobalsReply reply, wire::decode<wire::GlobalsReply>(answer));
  if (reply.digest == digest) co_return true;
  CO_TRY(const wire::Globals globals, wire::decode<wire::Globals>(reply.globals));
  const auto left = [&] {
    return replication_step(*store_.snapshot(), globals, config_.has_access_control,
                            world_.clock.now());
  };
  std::vector<wire::AnyCommand> commands = left();
  for (wire::AnyCommand& command : commands)
    CO_TRY_VOID(co_await proposals_.propose(std::move(command), consensus::Priority::control));
  const std::size_t undone = left().size();
  if (commands.size() > undone)
    log_.info("copied what is one for all regions",
              {{"from", config_.authority}, {"commands", std::to_string(commands.size())}});
  if (undone == 0) digest = reply.digest;
  co_return undone == 0;
}

io::Task<void> Replication::run() {
  std::string digest, told;
  while (true) {
    const base::Result<bool> copied = co_await copy(digest);
    const std::string why = copied ? "" : copied.error().message;
    if (why != told) {  // once for each reason
      if (copied)
        log_.info("the authoritative region is copied again", {{"region", config_.authority}});
      else
        log_.warn("cannot copy what is one for all regions; the copies here hold meanwhile",
                  {{"region", config_.authority}, {"error", why}});
      told = why;
    }
    const base::Duration rest = !copied ? retry : *copied ? pause : look_again;
    co_await world_.clock.sleep(world_.random.jitter(rest, 0.2));
  }
}

}  // namespace caravan::server
