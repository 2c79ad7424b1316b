// SPDX-License-Identifier: Apache-2.0
#include "server/provider.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::server {
namespace {

using Form = std::vector<std::pair<std::string_view, std::string>>;

std::string encoded(const Form& form) {
  std::string text;
  for (const auto& [name, value] : form)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, base::percent_encode(value));
  return text;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

bool lists(const json::Value& list, std::string_view wanted) {
  const json::Array* array = list.as_array();
  return array && std::ranges::find(*array, json::Value(wanted)) != array->end();
}

}  // namespace

std::string discovery_document_url(const std::string& discovery_url) {
  return without_slash(discovery_url) + "/.well-known/openid-configuration";
}

base::Result<Provider> provider_in(const std::string& discovery_url, const json::Value& document) {
  Provider provider;
  provider.issuer = document.text_at("issuer");
  if (provider.issuer.empty() || without_slash(provider.issuer) != without_slash(discovery_url))
    return base::invalid(fmt::format("the provider at {} calls itself \"{}\"",
                                     base::printable(discovery_url, 128),
                                     base::printable(provider.issuer, 128)));
  provider.authorization_endpoint = document.text_at("authorization_endpoint");
  provider.token_endpoint = document.text_at("token_endpoint");
  provider.userinfo_endpoint = document.text_at("userinfo_endpoint");
  provider.jwks_uri = document.text_at("jwks_uri");
  if (provider.jwks_uri.empty()) return base::invalid("the provider names no keys (jwks_uri)");
  const json::Value& ways = document.at("token_endpoint_auth_methods_supported");
  provider.takes_secret_in_body =
      lists(ways, "client_secret_post") && !lists(ways, "client_secret_basic");
  return provider;
}

std::string BegunLogin::to_json() const {
  return json::to_string(json::Object{{"method", method},
                                      {"redirect_uri", redirect_uri},
                                      {"nonce", nonce},
                                      {"verifier", verifier},
                                      {"ends", ends.unix_ns}});
}

base::Result<BegunLogin> BegunLogin::from_json(std::string_view text) {
  TRY(const json::Value value, json::parse(text));
  BegunLogin login;
  login.method = value.text_at("method");
  login.redirect_uri = value.text_at("redirect_uri");
  login.nonce = value.text_at("nonce");
  login.verifier = value.text_at("verifier");
  if (const std::int64_t* ends = value.at("ends").as_int()) login.ends = {*ends};
  return login;
}

std::string authorization_url(const Provider& provider, const model::AuthMethodConfig& config,
                              const BegunLogin& login, const std::string& state) {
  std::vector<std::string> scopes = {"openid"};
  for (const std::string& scope : config.scopes)
    if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
  Form form{{"client_id", config.client_id},      {"nonce", login.nonce},
            {"redirect_uri", login.redirect_uri}, {"response_type", "code"},
            {"scope", base::join(scopes, " ")},   {"state", state}};
  if (config.pkce) {
    form.emplace_back("code_challenge", base::base64url_encode(crypto::sha256(login.verifier)));
    form.emplace_back("code_challenge_method", "S256");
  }
  const bool has_query = provider.authorization_endpoint.find('?') != std::string::npos;
  return provider.authorization_endpoint + (has_query ? "&" : "?") + encoded(form);
}

http::Request token_request(const Provider& provider, const model::AuthMethodConfig& config,
                            const BegunLogin& login, const std::string& code) {
  http::Request request;
  request.method = "POST";
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.headers.add("Accept", "application/json");
  Form form{
      {"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", login.redirect_uri}};
  if (config.pkce) form.emplace_back("code_verifier", login.verifier);
  if (config.client_secret.empty() || provider.takes_secret_in_body) {
    form.emplace_back("client_id", config.client_id);
    if (!config.client_secret.empty()) form.emplace_back("client_secret", config.client_secret);
  } else {
    const std::string both =
        base::percent_encode(config.client_id) + ":" + base::percent_encode(config.client_secret);
    request.headers.add("Authorization", "Basic " + base::base64_encode(both));
  }
  request.body = encoded(form);
  return request;
}

http::Request userinfo_request(const std::string& access_token) {
  http::Request request;
  request.method = "GET";
  request.headers.add("Accept", "application/json");
  request.headers.add("Authorization", "Bearer " + access_token);
  return request;
}

base::Result<json::Object> with_userinfo(json::Object claims, const json::Object& userinfo) {
  const json::Value* subject = userinfo.find("sub");
  const json::Value* expected = claims.find("sub");
  if (!subject || !expected || !subject->as_string() || *subject != *expected)
    return base::fail(base::Code::denied, "the provider's user info is of another subject (sub)");
  for (const json::Member& member : userinfo)
    claims[member.name] = member.value;
  return claims;
}

}  // namespace caravan::server
