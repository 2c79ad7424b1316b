// SPDX-License-Identifier: Apache-2.0
#include "api/callers.hpp"

#include <boost/asio/awaitable.hpp>

#include "crypto/digest.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::api {
namespace {

using namespace std::chrono_literals;

/// So long a token that was taken away may go on here.
constexpr base::Duration counts_for = 2s;
constexpr std::size_t known_callers_max = 1024;

}  // namespace

std::string rules_json(const acl::Authorized& caller, const state::Tables& tables) {
  json::Array policies;
  for (const std::string& name : caller.policies())
    if (const state::Ref<model::AclPolicy> policy = tables.acl_policy(name))
      policies.push_back(json::Object{{"Name", name}, {"Rules", policy->rules}});
  std::int64_t expires_ns = 0;
  if (caller.token()) expires_ns = caller.token()->expiration_time_ns;
  if (caller.identity()) expires_ns = caller.identity()->expires.unix_ns;
  return json::to_string(json::Object{{"ExpiresNs", expires_ns},
                                      {"Management", caller.is_management()},
                                      {"Policies", std::move(policies)}});
}

io::Task<base::Result<acl::Authorized>> Callers::who(std::string secret) const {
  const io::Clock& clock = forward_.clock();
  const std::string key = crypto::sha256(secret);
  std::optional<Known> before;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) before = found->second;
  }
  if (before && !before->expires.is_zero() && before->expires <= clock.now()) before.reset();
  if (before && clock.uptime() < before->heard + counts_for) co_return before->caller;
  base::Result<Known> said = co_await ask(std::move(secret));
  const std::lock_guard lock(mutex_);
  if (said) {
    if (known_.size() >= known_callers_max) known_.clear();
    known_.insert_or_assign(key, *said);
    co_return said->caller;
  }
  const bool is_refused = said.error().code == base::Code::denied;
  if (is_refused) known_.erase(key);
  if (!is_refused && before) co_return before->caller;
  co_return std::unexpected(said.error());
}

io::Task<base::Result<Callers::Known>> Callers::ask(std::string secret) const {
  CO_TRY(const Forward::Said said, co_await forward_.ask(rules_path, std::move(secret)));
  if (said.status != 200) {
    const auto code = said.status == 403 ? base::Code::denied : base::Code::unavailable;
    co_return base::fail(code, said.body);
  }
  CO_TRY(const json::Value rules, json::parse(said.body));
  std::vector<model::AclPolicy> policies;
  const json::Array* list = rules.at("Policies").as_array();
  for (const json::Value& each : list ? *list : json::Array()) {
    model::AclPolicy& policy = policies.emplace_back();
    policy.name = each.text_at("Name");
    policy.rules = each.text_at("Rules");
  }
  const bool* manages = rules.at("Management").as_bool();
  const std::int64_t* expires_ns = rules.at("ExpiresNs").as_int();
  co_return Known{gate_.vouched_for(policies, manages && *manages),
                  base::Instant{expires_ns ? *expires_ns : 0}, forward_.clock().uptime()};
}

}  // namespace caravan::api
