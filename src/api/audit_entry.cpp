// SPDX-License-Identifier: Apache-2.0
#include "api/audit_entry.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "json/writer.hpp"

namespace caravan::api {
namespace {

constexpr std::size_t text_max = 512, endpoint_max = 4096;
constexpr int format_version = 1;

/// Parameters whose values tell what was asked, and never prove anything.
constexpr std::array<std::string_view, 32> harmless = {
    "all",        "cas",     "consistent", "dc",      "dry_run",   "enable", "filter",    "follow",
    "force",      "global",  "index",      "keys",    "log_level", "meta",   "namespace", "near",
    "next_token", "node_id", "origin",     "passing", "per_page",  "pretty", "prefix",    "purge",
    "raw",        "recurse", "region",     "reverse", "stale",     "task",   "type",      "wait"};

json::Object auth_json(const AuditEvent& event, std::string_view key) {
  json::Object auth;
  if (event.caller) {
    if (const auto& token = event.caller->token()) {
      auth["accessor_id"] = token->accessor.to_string();
      auth["name"] = token->name;
      auth["type"] = token->type;
      auth["global"] = token->global;
      auth["create_time"] = base::format_rfc3339({token->create_time_ns});
    } else if (const auto& identity = event.caller->identity()) {
      auth["accessor_id"] = identity->alloc->id.to_string();
      auth["name"] = identity->subject;
      auth["type"] = "workload";
      auth["global"] = false;
      auth["create_time"] = base::format_rfc3339({identity->alloc->create_time_ns});
    }
  }
  if (!event.token.empty()) auth["token"] = audit_hmac(key, event.token);
  return auth;
}

json::Object parameters_json(const http::Query& query, std::string_view key) {
  json::Object parameters;
  for (const auto& [name, value] : query) {
    const bool shows = value.empty() || std::ranges::find(harmless, name) != harmless.end();
    parameters[base::printable(name, text_max)] =
        shows ? base::printable(value, text_max) : audit_hmac(key, value);
  }
  return parameters;
}

json::Object request_json(const AuditEvent& event, std::string_view key) {
  const http::Request& asked = *event.asked;
  const std::string ns = asked.query.get("namespace");
  json::Object meta{{"remote_address", asked.peer.to_string()},
                    {"user_agent", base::printable(asked.headers.get("User-Agent"), text_max)}};
  // The agent that the client asked has an entry of its own.
  if (hops_of(asked) > 0)
    meta["forwarded_by"] = base::printable(asked.headers.get(asked_header), text_max);
  json::Object request{
      {"id", event.request.to_string()},
      {"operation", base::printable(asked.method, 32)},
      {"endpoint", base::printable(asked.path, endpoint_max)},
      {"namespace", json::Object{{"id", ns.empty() ? "default" : base::printable(ns, text_max)}}},
      {"request_meta", std::move(meta)},
      {"node_meta", json::Object{{"name", event.agent}}}};
  if (!event.face.empty()) request["face"] = event.face;
  if (json::Object parameters = parameters_json(asked.query, key); !parameters.empty())
    request["parameters"] = std::move(parameters);
  return request;
}

}  // namespace

std::string_view name_of(AuditStage stage) {
  return stage == AuditStage::received ? "OperationReceived" : "OperationComplete";
}

std::string audit_hmac(std::string_view key, std::string_view secret) {
  if (secret.empty()) return "";
  return "hmac-sha256:" + base::to_hex(crypto::hmac_sha256(key, secret));
}

std::string audit_entry(const AuditEvent& event, std::string_view key) {
  const std::string time = base::format_rfc3339(event.time);
  json::Object payload{{"id", event.id.to_string()},
                       {"stage", name_of(event.stage)},
                       {"type", "audit"},
                       {"timestamp", time},
                       {"version", format_version},
                       {"auth", auth_json(event, key)},
                       {"request", request_json(event, key)}};
  if (event.stage == AuditStage::complete) {
    json::Object response{{"status_code", event.status}};
    if (!event.error.empty()) response["error"] = base::printable(event.error, text_max);
    payload["response"] = std::move(response);
  }
  return json::to_string(
      json::Object{{"created_at", time}, {"event_type", "audit"}, {"payload", std::move(payload)}});
}

}  // namespace caravan::api
