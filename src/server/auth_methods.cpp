// SPDX-License-Identifier: Apache-2.0
#include "server/auth_methods.hpp"

#include <fmt/core.h>

#include "acl/binding.hpp"
#include "acl/external_token.hpp"
#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::server {
namespace {

using consensus::Priority;

/// Each login looks through the rules, and each list of methods is open to everybody.
constexpr std::size_t methods_max = 256, rules_max = 4096;

}  // namespace

std::string AuthMethods::complaint(const model::AuthMethod& method) const {
  for (const std::string& wrong : {model::complaint(method), acl::unreadable_keys(method.config),
                                   acl::unreadable_format(method)})
    if (!wrong.empty()) return wrong;
  if (method.max_token_ttl < config_.ttl_min || method.max_token_ttl > config_.ttl_max)
    return fmt::format("invalid MaxTokenTTL value '{}' (must be between {} and {})",
                       base::format_duration(method.max_token_ttl),
                       base::format_duration(config_.ttl_min),
                       base::format_duration(config_.ttl_max));
  return "";
}

io::Task<AuthMethods::MethodReply> AuthMethods::put_method(model::AuthMethod method) {
  if (const std::string wrong = complaint(method); !wrong.empty())
    co_return base::invalid("invalid auth method: " + wrong);
  const state::Snapshot before = store_.snapshot();
  if (!before->auth_method(method.name) && before->auth_methods.size() >= methods_max)
    co_return base::invalid(
        fmt::format("there are {} auth methods, and no more can be", methods_max));
  const std::string name = method.name, type = method.type;
  wire::UpsertAuthMethods command;
  command.methods.push_back(std::move(method));
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), Priority::control));
  const state::Snapshot after = store_.snapshot();
  if (after->was_refused(index))
    co_return base::fail(base::Code::conflict,
                         fmt::format("default auth method for type {} already exists", type));
  const state::Ref<model::AuthMethod> made = after->auth_method(name);
  if (!made) co_return base::fail(base::Code::conflict, "the auth method was deleted meanwhile");
  co_return made;
}

io::Task<base::Result<std::uint64_t>> AuthMethods::delete_method(std::string name) {
  if (!store_.snapshot()->auth_method(name))
    co_return base::fail(base::Code::not_found, "ACL auth-method not found");
  wire::DeleteAuthMethods command;
  command.names.push_back(std::move(name));
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

io::Task<AuthMethods::RuleReply> AuthMethods::put_rule(model::BindingRule rule) {
  for (const std::string& wrong : {model::complaint(rule), acl::unreadable(rule)})
    if (!wrong.empty()) co_return base::invalid("invalid binding rule: " + wrong);
  const state::Snapshot before = store_.snapshot();
  if (!before->auth_method(rule.auth_method))
    co_return base::invalid(fmt::format("invalid binding rule: auth method \"{}\" not found",
                                        base::printable(rule.auth_method, 128)));
  if (rule.id.is_nil()) {
    if (before->binding_rules.size() >= rules_max)
      co_return base::invalid(
          fmt::format("there are {} binding rules, and no more can be", rules_max));
    rule.id = world_.random.uuid();
  } else if (!before->binding_rule(rule.id)) {
    co_return base::fail(base::Code::not_found, "ACL binding rule not found");
  }
  const base::Uuid id = rule.id;
  wire::UpsertBindingRules command;
  command.rules.push_back(std::move(rule));
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(std::move(command), Priority::control));
  const state::Snapshot after = store_.snapshot();
  const state::Ref<model::BindingRule> made = after->binding_rule(id);
  if (!made || after->was_refused(index))
    co_return base::fail(base::Code::conflict,
                         "the binding rule or its method was deleted meanwhile");
  co_return made;
}

io::Task<base::Result<std::uint64_t>> AuthMethods::delete_rule(base::Uuid id) {
  if (!store_.snapshot()->binding_rule(id))
    co_return base::fail(base::Code::not_found, "ACL binding rule not found");
  wire::DeleteBindingRules command;
  command.ids.push_back(id);
  co_return co_await proposals_.propose(std::move(command), Priority::control);
}

}  // namespace caravan::server
