// SPDX-License-Identifier: Apache-2.0
#include "client/identities.hpp"

#include <filesystem>

#include <fmt/core.h>

#include "wire/identity_rpc.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using model::WorkloadIdentity;

constexpr base::Duration answer_patience = 10s;
/// Renewals are spread by up to this share of the time until they are due.
constexpr double renewal_jitter = 0.2;

}  // namespace

Identities::Identities(Host& host, base::AllocId alloc, const model::Task& task,
                       const AllocDir& dir, Held& held)
    : host_(host),
      alloc_(alloc),
      task_(task.name),
      wanted_(model::delivered_identities(task)),
      dir_(dir),
      held_(held) {}

bool Identities::is_due(const std::string& name, base::Instant now) const {
  const auto held = held_.find(name);
  if (held == held_.end()) return true;
  return !held->second.renew_at.is_zero() && held->second.renew_at <= now;
}

bool Identities::lacks() const {
  return !std::ranges::all_of(
      wanted_, [&](const WorkloadIdentity& identity) { return held_.contains(identity.name); });
}

std::optional<base::Instant> Identities::due() const {
  std::optional<base::Instant> first;
  for (const auto& [name, held] : held_)
    if (!held.renew_at.is_zero() && (!first || held.renew_at < *first)) first = held.renew_at;
  return first;
}

io::Task<base::Result<std::vector<WorkloadIdentity>>> Identities::update(TokenFileMode files) {
  wire::IdentitiesRequest request{host_.node.id, host_.node.secret_id, alloc_, task_, {}, {}};
  std::vector<WorkloadIdentity> asked;
  for (const WorkloadIdentity& identity : wanted_) {
    if (!is_due(identity.name, host_.world.clock.now())) continue;
    asked.push_back(identity);
    request.names.push_back(identity.name);
  }
  if (asked.empty()) co_return asked;
  std::string bytes = wire::encode(request);
  CO_TRY(const std::string answer,
         co_await host_.ask("Node.Identities", std::move(bytes), answer_patience));
  CO_TRY(wire::IdentitiesReply reply, wire::decode<wire::IdentitiesReply>(answer));
  for (const WorkloadIdentity& identity : asked) {
    HeldToken token;
    token.token = std::move(reply.tokens[identity.name]);
    if (token.token.empty())
      co_return base::fail(base::Code::internal, "the servers answered another question");
    if (identity.ttl > 0s)
      token.renew_at =
          host_.world.clock.now() + host_.world.random.jitter(identity.ttl / 2, renewal_jitter);
    held_[identity.name] = std::move(token);
  }
  for (const WorkloadIdentity& identity : asked)
    CO_TRY_VOID(write_one(identity, files));
  co_return asked;
}

base::Status Identities::write(TokenFileMode files) const {
  for (const WorkloadIdentity& identity : wanted_)
    TRY_VOID(write_one(identity, files));
  return {};
}

base::Status Identities::write_one(const WorkloadIdentity& identity, TokenFileMode files) const {
  if (!identity.file) return {};
  const auto held = held_.find(identity.name);
  if (held == held_.end()) return {};
  TRY(const std::string path, dir_.resolve(task_, model::identity_path(identity)));
  const std::string folder = std::filesystem::path(path).parent_path().string();
  TRY_VOID(host_.world.disk.make_dirs(folder, 0777));
  // The task owns its folders, and may have put a link where one of them was.
  TRY(const std::string there, host_.world.disk.follow_links(folder));
  TRY(const std::string root, host_.world.disk.follow_links(dir_.path()));
  if (there != root && !there.starts_with(root + "/"))
    return base::invalid(
        fmt::format("identity \"{}\": filepath leads out of the allocation", identity.name));
  return host_.world.disk.write_file(path, held->second.token, files.mode, files.uid, files.gid);
}

std::map<std::string, std::string> Identities::env() const {
  std::map<std::string, std::string> env;
  for (const WorkloadIdentity& identity : wanted_) {
    const auto held = held_.find(identity.name);
    if (identity.env && held != held_.end())
      env[model::identity_variable(identity)] = held->second.token;
  }
  return env;
}

}  // namespace caravan::client
