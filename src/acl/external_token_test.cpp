// SPDX-License-Identifier: Apache-2.0
#include "acl/external_token.hpp"

#include <gtest/gtest.h>

#include "crypto/signing_key.hpp"

namespace caravan::acl {
namespace {

using namespace std::chrono_literals;

crypto::SigningKey key_of(char seed) {
  return crypto::SigningKey::from_seed(std::string(32, seed));
}

class ExternalTokenTest : public testing::Test {
 protected:
  ExternalTokenTest() {
    method.name = "sso";
    method.type = model::auth_jwt;
    method.config.algorithms = {"EdDSA"};
    method.config.audiences = {"caravan", "ops"};
    method.config.issuers = {"https://id.example"};
  }
  json::Object claims() const {
    const std::int64_t now_s = now.seconds();
    return {{"iss", "https://id.example"},
            {"aud", "caravan"},
            {"sub", "me"},
            {"iat", now_s},
            {"nbf", now_s},
            {"exp", now_s + 600}};
  }
  json::Object with(const char* name, json::Value value) const {
    json::Object changed = claims();
    changed[name] = std::move(value);
    return changed;
  }
  json::Object without(std::initializer_list<const char*> names) const {
    json::Object changed = claims();
    for (const char* name : names)
      changed.erase(name);
    return changed;
  }
  std::string refusal(const json::Object& said, char key = 'a') const {
    return refusal_of(crypto::sign_jwt(key_of(key), "", said));
  }
  std::string refusal_of(const std::string& token) const {
    const auto keys = crypto::KeySet::from_pems({key_of('a').public_pem()});
    const auto checked = check_external_token(method, expected, *keys, token, now);
    return checked ? "" : checked.error().message;
  }

  model::AuthMethod method;
  Expected expected;
  base::Instant now = base::Instant::from_seconds(1'700'000'000);
};

TEST_F(ExternalTokenTest, one_that_fits_gives_its_claims) {
  EXPECT_EQ(refusal(claims()), "");
  EXPECT_EQ(refusal(with("aud", json::Array{"other", "ops"})), "");
}

TEST_F(ExternalTokenTest, of_others_or_for_others_it_is_refused) {
  EXPECT_EQ(refusal(claims(), 'b'), "token refused: its signature is wrong");
  EXPECT_EQ(refusal(with("iss", "https://evil.example")),
            "token refused: its issuer \"https://evil.example\" is not accepted");
  EXPECT_EQ(refusal(without({"iss"})), "token refused: its issuer \"\" is not accepted");
  EXPECT_EQ(refusal(with("aud", "vault")),
            "token refused: it is for \"vault\", and accepted is \"caravan, ops\"");
  EXPECT_EQ(refusal(without({"aud"})),
            "token refused: it is for \"\", and accepted is \"caravan, ops\"");
  EXPECT_EQ(refusal(with("aud", json::Object{{"caravan", true}})),
            "token refused: it is for \"\", and accepted is \"caravan, ops\"");
}

TEST_F(ExternalTokenTest, only_algorithms_that_are_accepted_count) {
  method.config.algorithms = {};
  EXPECT_EQ(refusal(claims()), "token refused: it is signed by EdDSA, and accepted are RS256");
}

TEST_F(ExternalTokenTest, what_is_no_token_is_refused) {
  EXPECT_EQ(refusal_of("x"), "token refused: a token has three parts with dots between them");
  EXPECT_EQ(refusal_of(std::string(20'000, 'a')),
            "token refused: a token of 20000 bytes: at most 16384 are read");
}

TEST_F(ExternalTokenTest, its_time_has_to_be_now_with_a_minute_of_leeway) {
  const std::string token = crypto::sign_jwt(key_of('a'), "", claims());
  now = now + 659s;
  EXPECT_EQ(refusal_of(token), "");
  now = now + 1s;
  EXPECT_EQ(refusal_of(token), "token refused: it has ended at 2023-11-14T22:23:20Z");
  method.config.expiration_leeway = 10s;
  EXPECT_EQ(refusal_of(token), "");
  now = now - 721s;
  EXPECT_EQ(refusal_of(token), "token refused: it does not count before 2023-11-14T22:13:20Z");
  method.config.clock_skew_leeway = 2min;
  EXPECT_EQ(refusal_of(token), "");
}

TEST_F(ExternalTokenTest, leeway_can_be_taken_away) {
  method.config.clock_skew_leeway = base::Duration(-1);
  const std::string token = crypto::sign_jwt(key_of('a'), "", claims());
  now = now + 599s;
  EXPECT_EQ(refusal_of(token), "");
  now = now + 1s;
  EXPECT_NE(refusal_of(token), "");
}

TEST_F(ExternalTokenTest, an_end_that_is_not_named_follows_from_when_it_was_issued) {
  const std::string token = crypto::sign_jwt(key_of('a'), "", without({"exp"}));
  now = now + 209s;
  EXPECT_EQ(refusal_of(token), "");
  now = now + 1s;
  EXPECT_EQ(refusal_of(token), "token refused: it has ended at 2023-11-14T22:13:20Z");
  EXPECT_EQ(refusal(without({"exp", "nbf", "iat"})),
            "token refused: it has none of \"exp\", \"nbf\" and \"iat\"");
}

TEST_F(ExternalTokenTest, times_that_are_none_are_refused) {
  for (const json::Value& end : {json::Value("soon"), json::Value(-1), json::Value(1e300)})
    EXPECT_EQ(refusal(with("exp", end)), "token refused: its \"exp\" is no time");
  EXPECT_EQ(refusal(with("exp", 1'700'000'000.5)), "");
}

TEST_F(ExternalTokenTest, one_of_a_login_has_to_be_of_that_login) {
  expected = {"https://id.example", "client-1", "n1"};
  method.config.audiences = {};
  json::Object said = with("aud", json::Array{"client-1", "other"});
  said["nonce"] = "n1";
  EXPECT_EQ(refusal(said), "");
  said["azp"] = "other";
  EXPECT_EQ(refusal(said), "token refused: it was given to another party (azp)");
  said["azp"] = "client-1";
  said["nonce"] = "n2";
  EXPECT_EQ(refusal(said), "token refused: it is not of the login that was begun (nonce)");
  said.erase("nonce");
  EXPECT_EQ(refusal(said), "token refused: it is not of the login that was begun (nonce)");
  EXPECT_EQ(refusal(claims()),
            "token refused: it is for \"caravan\", and accepted is \"client-1\"");
}

TEST_F(ExternalTokenTest, keys_that_cannot_be_read_are_named) {
  method.config.public_keys = {key_of('a').public_pem()};
  EXPECT_EQ(unreadable_keys(method.config), "");
  method.config.public_keys.push_back("key");
  EXPECT_EQ(unreadable_keys(method.config),
            "Config.JWTValidationPubKeys: key 1: a public key is damaged");
}

}  // namespace
}  // namespace caravan::acl
