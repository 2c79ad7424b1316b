// SPDX-License-Identifier: Apache-2.0
// What an identity provider says of itself, and what is said to it (OpenID Connect Discovery and
// Core, RFC 6749, RFC 7636). Pure.
#pragma once

#include <memory>
#include <string>

#include "crypto/verifying_key.hpp"
#include "http/message.hpp"
#include "http/tls.hpp"
#include "model/auth_method.hpp"

namespace caravan::server {

struct Provider {
  std::string issuer;  // "" where only keys are known
  std::string authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri;
  bool takes_secret_in_body = false;  // else in the header, which every provider has to take
  crypto::KeySet keys;
  std::shared_ptr<const http::Tls> tls;
};

/// Of its discovery document, without keys. Errors: invalid (it is not that of `discovery_url`, or
/// has no keys).
base::Result<Provider> provider_in(const std::string& discovery_url, const json::Value& document);
/// Where that document stands.
std::string discovery_document_url(const std::string& discovery_url);

/// A login that a browser is about to make.
struct BegunLogin {
  std::string method, redirect_uri;
  std::string nonce;     // the client's
  std::string verifier;  // of PKCE
  base::Instant ends;

  std::string to_json() const;
  static base::Result<BegunLogin> from_json(std::string_view text);
};

/// Where the browser goes. `state` comes back with it.
std::string authorization_url(const Provider& provider, const model::AuthMethodConfig& config,
                              const BegunLogin& login, const std::string& state);
/// Asks for the tokens that a code stands for; its target is not set.
http::Request token_request(const Provider& provider, const model::AuthMethodConfig& config,
                            const BegunLogin& login, const std::string& code);
/// Asks what is known of whom the access token is of.
http::Request userinfo_request(const std::string& access_token);
/// The claims of both; where they differ the answer counts. Errors: denied (of somebody else).
base::Result<json::Object> with_userinfo(json::Object claims, const json::Object& userinfo);

}  // namespace caravan::server
