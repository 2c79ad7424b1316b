// SPDX-License-Identifier: Apache-2.0
// What comes from outside when somebody logs in: any document as a provider's keys or as what it
// says of itself, any text as its token, and any claims under a good signature.
#include <cstdint>

#include "acl/binding.hpp"
#include "acl/external_token.hpp"
#include "crypto/signing_key.hpp"
#include "http/url.hpp"
#include "json/reader.hpp"
#include "server/provider.hpp"
#include "state/store.hpp"

namespace {
using namespace caravan;

const base::Instant now = base::Instant::from_seconds(1'700'000'000);
const crypto::SigningKey signer = crypto::SigningKey::from_seed(std::string(32, 's'));

/// One method, and a rule that binds `ada` alone to all rights.
struct Cluster {
  state::Store store;
  model::AuthMethod method;
  crypto::KeySet keys = crypto::KeySet::from_pems({signer.public_pem()}).value();

  Cluster() {
    method.name = "sso";
    method.type = model::auth_jwt;
    method.config.algorithms = {"EdDSA"};
    method.config.audiences = {"caravan"};
    method.config.claims = {{"sub", "user"}, {"/deep/0", "deep"}};
    method.config.list_claims = {{"groups", "groups"}};
    apply(1, wire::UpsertAuthMethods{.methods = {method}});
    model::BindingRule rule;
    rule.id.bytes[15] = 1;
    rule.auth_method = "sso";
    rule.selector = "value.user == ada";
    rule.bind_type = model::bind_management;
    apply(2, wire::UpsertBindingRules{.rules = {rule}});
  }
  template <class Body>
  void apply(std::uint64_t index, Body body) {
    (void)store.apply(index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
};

void log_in(const Cluster& cluster, std::string_view token, bool is_signed) {
  const auto claims = acl::check_external_token(cluster.method, {}, cluster.keys, token, now);
  if (!claims) return;
  if (!is_signed) __builtin_trap();  // nobody but us has the key
  const auto attributes = acl::map_claims(cluster.method.config, *claims);
  if (!attributes) return;
  const auto bound = acl::bind(*cluster.store.snapshot(), cluster.method, *attributes);
  const json::Value* user = claims->find("sub");
  if (bound && (!user || *user != json::Value("ada"))) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Cluster cluster;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  log_in(cluster, text, false);
  (void)http::Url::parse(text);
  (void)server::BegunLogin::from_json(text);
  const auto document = json::parse(text);
  if (!document) return 0;
  (void)server::provider_in("https://id.example", *document);
  if (const auto keys = crypto::KeySet::from_jwks(*document)) {
    const auto jwt = crypto::parse_jwt(crypto::sign_jwt(signer, "k", {{"sub", "ada"}}));
    (void)keys->check(*jwt, {"EdDSA", "ES256", "RS256"});
  }
  if (const json::Object* claims = document->as_object())
    log_in(cluster, crypto::sign_jwt(signer, "", *claims), true);
  return 0;
}
