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
  return json::to_string(json::Object{{"Management", caller.is_management()},
                                      {"Policies", std::move(policies)}});
}

io::Task<base::Result<acl::Authorized>> Callers::who(std::string secret) const {
  const std::string key = crypto::sha256(secret);
  std::optional<acl::Authorized> before;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) {
      if (forward_.uptime() < found->second.heard + counts_for) co_return found->second.caller;
      before = found->second.caller;
    }
  }
  base::Result<acl::Authorized> said = co_await ask(std::move(secret));
  const std::lock_guard lock(mutex_);
  if (said) {
    if (known_.size() >= known_callers_max) known_.clear();
    known_.insert_or_assign(key, Known{*said, forward_.uptime()});
  } else if (said.error().code == base::Code::denied) {
    known_.erase(key);
  } else if (before) {
    co_return *before;
  }
  co_return said;
}

io::Task<base::Result<acl::Authorized>> Callers::ask(std::string secret) const {
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
  co_return gate_.vouched_for(policies, manages && *manages);
}

}  // namespace caravan::api
