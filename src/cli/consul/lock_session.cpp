// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/lock_session.hpp"

#include <fmt/core.h>

#include "cli/blocking.hpp"
#include "cli/consul/kv.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

constexpr base::Duration look_again = std::chrono::seconds(1);

Params reading(bool is_prefix) {
  return is_prefix ? Params{{"recurse", ""}, {"consistent", ""}} : Params{{"consistent", ""}};
}

}  // namespace

base::Status LockSession::open(const std::string& name) {
  const json::Object session{{"Name", name}, {"TTL", base::format_duration(time_to_live)}};
  TRY(const Reply made, context_.api().send("PUT", "/v1/session/create", session));
  id_ = text(made.body, "ID");
  return {};
}

base::Status LockSession::renew() {
  const base::Result<Reply> renewed =
      context_.api().send("PUT", "/v1/session/renew/" + id_, json::Value());
  if (renewed) return {};
  const bool is_gone = renewed.error().code == base::Code::not_found;
  return base::fail(is_gone ? base::Code::conflict : renewed.error().code, renewed.error().message);
}

void LockSession::close() {
  (void)context_.api().send("PUT", "/v1/session/destroy/" + id_, json::Value());
}

base::Result<LockSession::Entries> LockSession::read(const std::string& key, bool is_prefix) {
  const base::Result<Reply> reply = context_.api().get(kv_path(key), reading(is_prefix));
  if (reply) return Entries{list(reply->body), reply->index};
  if (reply.error().code == base::Code::not_found) return Entries{};
  return std::unexpected(reply.error());
}

void LockSession::wait(const std::string& key, bool is_prefix, std::uint64_t index,
                       base::Duration most) {
  // Without an index nothing was there to wait for; then somebody has just given it back.
  if (index == 0) return pause(std::min(look_again, most));
  Params params = reading(is_prefix);
  params.emplace_back("index", fmt::format("{}", index));
  params.emplace_back("wait", base::format_duration(most));
  const base::Result<Reply> reply = context_.api().get(kv_path(key), params);
  if (!reply) pause(std::min(look_again, most));
}

base::Status LockSession::put(const std::string& key, const std::string& value, Params params) {
  TRY(const Reply reply, context_.api().send_text("PUT", kv_path(key), value, std::move(params)));
  const bool* done = reply.body.as_bool();
  if (done && *done) return {};
  return base::fail(base::Code::conflict, "Somebody else holds the lock");
}

void LockSession::erase(const json::Value& entry) {
  (void)context_.api().send("DELETE", kv_path(text(entry, "Key")), json::Value(),
                            {{"cas", fmt::format("{}", integer(entry, "ModifyIndex"))}});
}

}  // namespace caravan::cli::consul
