// SPDX-License-Identifier: Apache-2.0
#include "server/provider.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"

namespace caravan::server {
namespace {

json::Object document() {
  return {{"issuer", "https://id.example/realm"},
          {"authorization_endpoint", "https://id.example/auth"},
          {"token_endpoint", "https://id.example/token"},
          {"jwks_uri", "https://id.example/keys"}};
}

BegunLogin login() {
  BegunLogin login;
  login.method = "sso";
  login.redirect_uri = "http://localhost:4649/oidc/callback";
  login.nonce = "nonce-12";
  // RFC 7636, appendix B.
  login.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  login.ends = base::Instant::from_seconds(7);
  return login;
}

TEST(Provider, is_the_one_that_was_asked) {
  EXPECT_EQ(provider_in("https://id.example/realm/", document())->jwks_uri,
            "https://id.example/keys");
  EXPECT_EQ(discovery_document_url("https://id.example/realm/"),
            "https://id.example/realm/.well-known/openid-configuration");
  EXPECT_EQ(provider_in("https://id.example/other", document()).error().message,
            "the provider at https://id.example/other calls itself \"https://id.example/realm\"");
  json::Object without_keys = document();
  without_keys.erase("jwks_uri");
  EXPECT_FALSE(provider_in("https://id.example/realm", without_keys));
}

TEST(Provider, the_browser_is_sent_with_all_that_comes_back) {
  const Provider provider = provider_in("https://id.example/realm", document()).value();
  model::AuthMethodConfig config;
  config.client_id = "a client";
  config.scopes = {"openid", "groups"};
  EXPECT_EQ(authorization_url(provider, config, login(), "st"),
            "https://id.example/auth?client_id=a%20client&nonce=nonce-12"
            "&redirect_uri=http%3A%2F%2Flocalhost%3A4649%2Foidc%2Fcallback&response_type=code"
            "&scope=openid%20groups&state=st");
  config.pkce = true;
  const std::string url = authorization_url(provider, config, login(), "st");
  EXPECT_TRUE(url.ends_with(
      "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"))
      << url;
}

TEST(Provider, a_code_is_exchanged_with_the_secret_where_the_provider_wants_it) {
  json::Object said = document();
  model::AuthMethodConfig config;
  config.client_id = "me";
  config.client_secret = "p/w";
  config.pkce = true;
  const http::Request basic =
      token_request(*provider_in("https://id.example/realm", said), config, login(), "c");
  EXPECT_EQ(basic.headers.get("Authorization"), "Basic bWU6cCUyRnc=");
  EXPECT_EQ(basic.body,
            "grant_type=authorization_code&code=c"
            "&redirect_uri=http%3A%2F%2Flocalhost%3A4649%2Foidc%2Fcallback"
            "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  said["token_endpoint_auth_methods_supported"] = json::Array{"client_secret_post"};
  const http::Request post =
      token_request(*provider_in("https://id.example/realm", said), config, login(), "c");
  EXPECT_FALSE(post.headers.contains("Authorization"));
  EXPECT_TRUE(post.body.ends_with("&client_id=me&client_secret=p%2Fw")) << post.body;
}

TEST(Provider, a_begun_login_reads_back) {
  const BegunLogin read = BegunLogin::from_json(login().to_json()).value();
  EXPECT_EQ(read.to_json(), login().to_json());
  EXPECT_EQ(read.ends, login().ends);
}

TEST(Provider, user_info_has_to_be_of_the_same_subject) {
  const json::Object claims{{"sub", "me"}, {"groups", "none"}};
  EXPECT_EQ(with_userinfo(claims, {{"sub", "me"}, {"groups", json::Array{"eng"}}}).value(),
            (json::Object{{"sub", "me"}, {"groups", json::Array{"eng"}}}));
  EXPECT_FALSE(with_userinfo(claims, {{"sub", "you"}}));
  EXPECT_FALSE(with_userinfo(claims, {{"groups", "eng"}}));
  EXPECT_FALSE(with_userinfo({{"groups", "eng"}}, {{"groups", "eng"}}));
}

}  // namespace
}  // namespace caravan::server
