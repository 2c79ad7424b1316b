// SPDX-License-Identifier: Apache-2.0
#include "api/auth_shapes.hpp"

#include "api/content_hash.hpp"
#include "base/text.hpp"
#include "json/reader.hpp"
#include "wire/json_out.hpp"

namespace caravan::api {
namespace {

json::Object config_json(model::AuthMethodConfig config) {
  if (!config.client_secret.empty()) config.client_secret = redacted;
  json::Value value = json::parse(wire::to_json(config)).value_or(json::Object());
  json::Object object = std::move(*value.as_object());
  for (const auto& [name, leeway] : {std::pair("ExpirationLeeway", config.expiration_leeway),
                                     std::pair("NotBeforeLeeway", config.not_before_leeway),
                                     std::pair("ClockSkewLeeway", config.clock_skew_leeway)})
    object[name] = base::format_duration(leeway);
  return object;
}

}  // namespace

json::Object auth_method_stub(const model::AuthMethod& method) {
  return {{"Name", method.name},
          {"Type", method.type},
          {"Default", method.is_default},
          {"Hash", content_hash(method)},
          {"CreateIndex", method.create_index},
          {"ModifyIndex", method.modify_index}};
}

json::Object auth_method_json(const model::AuthMethod& method) {
  json::Object object = auth_method_stub(method);
  object["TokenLocality"] = method.token_locality;
  object["TokenNameFormat"] = method.token_name_format;
  object["MaxTokenTTL"] = base::format_duration(method.max_token_ttl);
  object["Config"] = config_json(method.config);
  object["CreateTime"] = base::format_rfc3339(method.create_time);
  object["ModifyTime"] = base::format_rfc3339(method.modify_time);
  return object;
}

json::Object binding_rule_stub(const model::BindingRule& rule) {
  return {{"ID", rule.id.to_string()},        {"Description", rule.description},
          {"AuthMethod", rule.auth_method},   {"Hash", content_hash(rule)},
          {"CreateIndex", rule.create_index}, {"ModifyIndex", rule.modify_index}};
}

json::Object binding_rule_json(const model::BindingRule& rule) {
  json::Object object = binding_rule_stub(rule);
  object["Selector"] = rule.selector;
  object["BindType"] = rule.bind_type;
  object["BindName"] = rule.bind_name;
  object["CreateTime"] = base::format_rfc3339(rule.create_time);
  object["ModifyTime"] = base::format_rfc3339(rule.modify_time);
  return object;
}

}  // namespace caravan::api
