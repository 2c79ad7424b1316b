// SPDX-License-Identifier: Apache-2.0
#include "server/key_guard.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "crypto/aead.hpp"
#include "crypto/passphrase.hpp"
#include "http/client.hpp"
#include "http/tls_network.hpp"
#include "io/random_bytes.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration transit_timeout = 10s;
constexpr std::size_t transit_answer_max = 64 * 1024;
/// What a box says it is, so that one of another kind does not open.
constexpr const char* bound = "key-encryption-key";

/// What the service says to one request. Errors: those of the way there; denied, with its words.
io::Task<base::Result<json::Value>> ask_transit(io::World& world, const KeyGuard& guard,
                                                const char* verb, json::Object body) {
  http::Request request;
  request.method = "PUT";
  request.target = fmt::format("/v1/{}/{}/{}", guard.mount, verb, guard.key_name);
  request.headers.add("X-Vault-Token", guard.token);
  request.headers.add("X-Vault-Request", "true");
  if (!guard.ns.empty()) request.headers.add("X-Vault-Namespace", guard.ns);
  request.body = json::to_string(json::Value(std::move(body)));
  std::optional<http::TlsNetwork> secure;
  if (guard.tls) {
    CO_TRY(const std::shared_ptr<const http::Tls> tls, http::Tls::make(guard.material));
    secure.emplace(world.network, tls, guard.material.checks_peer, guard.server_name);
  }
  io::Network& over = secure ? *secure : world.network;
  CO_TRY(const http::Response answer,
         co_await http::fetch(over, world.clock, guard.address, std::move(request), transit_timeout,
                              transit_answer_max));
  if (answer.status != 200)
    co_return base::fail(base::Code::denied,
                         fmt::format("{} answers {} to {}: {}", guard.address.to_string(),
                                     answer.status, verb, base::printable(answer.body, 200)));
  CO_TRY(json::Value said, json::parse(answer.body));
  co_return json::Value(said.at("data"));
}

base::Error unanswered(const base::Error& error) {
  return {error.code, "keyring \"transit\": " + error.message};
}

}  // namespace

const char* KeyGuard::name() const {
  return kind == Kind::passphrase ? "passphrase" : kind == Kind::transit ? "transit" : "aead";
}

io::Task<base::Result<json::Object>> close(io::World& world, const KeyGuard& guard,
                                           std::string key) {
  json::Object closed{{"guard", guard.name()}};
  if (guard.kind == KeyGuard::Kind::passphrase) {
    const std::string salt = io::random_bytes(world.random, crypto::salt_bytes);
    CO_TRY(const std::string over, crypto::key_of_passphrase(guard.passphrase, salt));
    closed["salt"] = base::base64_encode(salt);
    closed["box"] = base::base64_encode(
        crypto::seal(over, io::random_bytes(world.random, crypto::aead_nonce_bytes), key, bound));
    co_return closed;
  }
  json::Object body{{"plaintext", base::base64_encode(key)}};
  const auto said = co_await ask_transit(world, guard, "encrypt", std::move(body));
  if (!said) co_return std::unexpected(unanswered(said.error()));
  closed["key_name"] = guard.key_name;
  closed["ciphertext"] = said->text_at("ciphertext");
  co_return closed;
}

io::Task<base::Result<std::string>> open(io::World& world, const KeyGuard& guard,
                                         json::Value closed) {
  if (guard.kind == KeyGuard::Kind::passphrase) {
    CO_TRY(const std::string salt, base::base64_decode(closed.text_at("salt")));
    CO_TRY(const std::string box, base::base64_decode(closed.text_at("box")));
    CO_TRY(const std::string over, crypto::key_of_passphrase(guard.passphrase, salt));
    base::Result<std::string> key = crypto::open(over, box, bound);
    if (!key) co_return base::invalid("it does not open with this passphrase");
    co_return key;
  }
  json::Object body{{"ciphertext", closed.text_at("ciphertext")}};
  const auto said = co_await ask_transit(world, guard, "decrypt", std::move(body));
  if (!said) co_return std::unexpected(unanswered(said.error()));
  co_return base::base64_decode(said->text_at("plaintext"));
}

}  // namespace caravan::server
