// SPDX-License-Identifier: Apache-2.0
#include "server/providers.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "http/url.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration provider_timeout = 10s;
constexpr std::size_t answer_bytes_max = 1 << 20;
constexpr int asking_max = 16;
constexpr base::Duration known_for = 10min;
constexpr base::Duration asked_again_after = 10s, tried_again_after = 2s;
/// Methods whose providers are kept in mind; when there are more, all are forgotten.
constexpr std::size_t known_max = 256;

/// While one lives, its question counts.
class Asking {
 public:
  Asking(std::mutex& mutex, int& count) : mutex_(mutex), count_(count) {
    const std::lock_guard lock(mutex_);
    may_ = count_ < asking_max;
    if (may_) ++count_;
  }
  ~Asking() {
    const std::lock_guard lock(mutex_);
    if (may_) --count_;
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  bool may() const { return may_; }

 private:
  std::mutex& mutex_;
  int& count_;
  bool may_ = false;
};

/// RFC 6749, 5.2. Nothing else of what it says is repeated: it may be anything.
std::string complaint(int status, const json::Object& body) {
  const std::string error = base::printable(body.text_at("error"), 64);
  const std::string more = base::printable(body.text_at("error_description"), 256);
  if (error.empty()) return fmt::format("status {}", status);
  return fmt::format("status {}, {}{}{}", status, error, more.empty() ? "" : ": ", more);
}

/// A provider that refuses to show its documents is out of order: nobody's login is at fault.
base::Status as_io(const base::Result<json::Object>& document) {
  if (document) return {};
  const bool is_ours = document.error().code == base::Code::busy;
  return base::fail(is_ours ? base::Code::busy : base::Code::io, document.error().message);
}

std::string authorities_of(const model::AuthMethodConfig& config) {
  return config.discovery_url.empty() ? config.jwks_ca : base::join(config.discovery_ca, "\n");
}

}  // namespace

io::Task<base::Result<json::Object>> Providers::ask(std::shared_ptr<const http::Tls> tls,
                                                    std::string url, http::Request request) {
  const Asking asking(mutex_, asking_);
  if (!asking.may())
    co_return base::fail(base::Code::busy, "too many logins ask their providers: try again");
  const auto failed = [shown = base::printable(url, 256)](std::string_view why) {
    return base::fail(base::Code::io, fmt::format("the identity provider at {}: {}", shown, why));
  };
  const base::Result<http::Url> parsed = http::Url::parse(url);
  if (!parsed) co_return failed(parsed.error().message);
  http::Url where = *parsed;
  const base::Result<http::Response> response =
      co_await http::fetch_url(world_.network, world_.clock, std::move(tls), std::move(where),
                               std::move(request), provider_timeout, answer_bytes_max);
  if (!response) co_return failed(response.error().message);
  base::Result<json::Value> body = json::parse(response->body);
  json::Object* object = body ? body->as_object() : nullptr;
  if (response->status >= 400 && response->status < 500)
    co_return base::fail(
        base::Code::denied,
        fmt::format("the identity provider refuses: {}",
                    complaint(response->status, object ? *object : json::Object())));
  if (response->status != 200) co_return failed(fmt::format("status {}", response->status));
  if (!object) co_return failed("its answer is no JSON object");
  co_return std::move(*object);
}

io::Task<base::Status> Providers::read_keys(Provider& provider, std::string url) {
  http::Request request;
  request.method = "GET";
  request.headers.add("Accept", "application/json");
  const std::string shown = base::printable(url, 256);
  base::Result<json::Object> document =
      co_await ask(provider.tls, std::move(url), std::move(request));
  CO_TRY_VOID(as_io(document));
  base::Result<crypto::KeySet> keys = crypto::KeySet::from_jwks(*std::move(document));
  if (!keys)
    co_return base::fail(base::Code::io, fmt::format("{}: {}", shown, keys.error().message));
  provider.keys = *std::move(keys);
  co_return base::Status();
}

io::Task<Providers::Reply> Providers::fetch(state::Ref<model::AuthMethod> method) {
  const model::AuthMethodConfig& config = method->config;
  http::TlsMaterial material;
  material.authorities = authorities_of(config);
  CO_TRY(std::shared_ptr<const http::Tls> tls, http::Tls::make(material));
  Provider provider;
  std::string keys_url = config.jwks_url;
  if (!config.discovery_url.empty()) {
    http::Request request;
    request.method = "GET";
    request.headers.add("Accept", "application/json");
    std::string url = discovery_document_url(config.discovery_url);
    base::Result<json::Object> document = co_await ask(tls, std::move(url), std::move(request));
    CO_TRY_VOID(as_io(document));
    base::Result<Provider> said = provider_in(config.discovery_url, *std::move(document));
    if (!said) co_return base::fail(base::Code::io, said.error().message);
    provider = *std::move(said);
    keys_url = provider.jwks_uri;
  }
  provider.tls = std::move(tls);
  CO_TRY_VOID(co_await read_keys(provider, std::move(keys_url)));
  co_return std::make_shared<const Provider>(std::move(provider));
}

io::Task<Providers::Reply> Providers::find(state::Ref<model::AuthMethod> method,
                                           const crypto::Jwt* jwt) {
  if (!method->config.public_keys.empty()) {
    CO_TRY(crypto::KeySet keys, crypto::KeySet::from_pems(method->config.public_keys));
    auto provider = std::make_shared<Provider>();
    provider->keys = std::move(keys);
    co_return provider;
  }
  const base::Duration now = world_.clock.uptime();
  if (std::optional<Reply> known = remembered(*method, jwt, now)) co_return *std::move(known);
  Reply reply = co_await fetch(method);
  const std::lock_guard lock(mutex_);
  if (known_.size() > known_max) known_.clear();
  // What is too much for us at the moment says nothing about the provider.
  if (!reply && reply.error().code == base::Code::busy) co_return reply;
  Known& known = known_[method->name];
  if (known.method_index != method->modify_index) known = {};
  known.method_index = method->modify_index;
  known.asked = now;
  known.failure.reset();
  if (!reply) {
    known.failure = reply.error();
  } else {
    known.at = now;
    known.provider = *reply;
  }
  co_return reply;
}

std::optional<Providers::Reply> Providers::remembered(const model::AuthMethod& method,
                                                      const crypto::Jwt* jwt, base::Duration now) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(method.name);
  if (found == known_.end() || found->second.method_index != method.modify_index)
    return std::nullopt;
  const Known& known = found->second;
  const base::Duration since = now - known.asked;
  if (known.provider && now - known.at < known_for) {
    const bool has_key = !jwt || known.provider->keys.knows(*jwt);
    if (has_key || since < asked_again_after) return known.provider;
  }
  if (known.failure && since < tried_again_after) return std::unexpected(*known.failure);
  return std::nullopt;
}

}  // namespace caravan::server
