// SPDX-License-Identifier: Apache-2.0
#include "agent/default_token.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "config/catalog_config.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::agent {

base::Status DefaultToken::load() {
  if (file_.empty() || !disk_.exists(file_)) return {};
  TRY(const std::string text, disk_.read_file(file_));
  const base::Result<json::Value> kept = json::parse(text);
  if (!kept)
    return base::invalid(fmt::format("{}: {}; remove the file to start with the token of the "
                                     "configuration",
                                     file_, kept.error().message));
  take(kept->text_at("default"));
  return {};
}

std::string DefaultToken::secret() const {
  const std::lock_guard lock(mutex_);
  return secret_;
}

void DefaultToken::take(std::string secret) {
  const std::lock_guard lock(mutex_);
  secret_ = std::move(secret);
}

io::Task<base::Status> DefaultToken::set(std::string secret) {
  if (!config::is_default_token(secret))
    co_return base::invalid(fmt::format("Token: at most {} printable characters without blanks",
                                        config::default_token_max));
  if (!file_.empty()) {
    const std::string text = json::to_string(json::Object{{"default", secret}});
    CO_TRY_VOID(co_await disk_.replace_file(file_, text, 0600));
  }
  take(std::move(secret));
  co_return base::Status();
}

void DefaultToken::configure(const std::string& configured) {
  const std::lock_guard lock(mutex_);
  if (configured == configured_) return;
  configured_ = secret_ = configured;
}

http::Request DefaultToken::shown_by(const http::Request& request) const {
  http::Request shown = request;
  shown.headers.set("X-Consul-Token", secret());
  return shown;
}

}  // namespace caravan::agent
