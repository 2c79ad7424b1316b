// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "crypto/jwt.hpp"

namespace caravan::crypto {
namespace {

const json::Object claims{{"sub", "me"}, {"exp", 7}};

SigningKey key_of(char seed) { return SigningKey::from_seed(std::string(32, seed)); }

std::string part(const char* text) { return base::base64url_encode(text); }

TEST(Jwt, comes_back_as_it_was_signed_with_either_algorithm) {
  for (const SigningKey& key : {key_of('a'), SigningKey::make_rsa()}) {
    const Jwt jwt = parse_jwt(sign_jwt(key, "k1", claims)).value();
    EXPECT_EQ(jwt.key_id, "k1");
    EXPECT_EQ(jwt.algorithm, algorithm_name(key.algorithm()));
    EXPECT_EQ(jwt.claims, claims);
    EXPECT_TRUE(jwt.is_signed_by(SigningKey::from_public_pem(key.public_pem()).value()));
    EXPECT_FALSE(jwt.is_signed_by(key_of('b')));
  }
}

TEST(Jwt, one_changed_claim_or_signature_is_noticed) {
  const SigningKey key = key_of('a');
  const std::string token = sign_jwt(key, "k1", claims);
  Jwt jwt = parse_jwt(token).value();
  const std::string other = sign_jwt(key, "k1", {{"sub", "you"}, {"exp", 7}});
  const std::string mixed = other.substr(0, other.rfind('.')) + token.substr(token.rfind('.'));
  EXPECT_FALSE(parse_jwt(mixed).value().is_signed_by(key));
  jwt.signature[0] = static_cast<char>(jwt.signature[0] ^ 1);
  EXPECT_FALSE(jwt.is_signed_by(key));
  jwt.signature.clear();
  EXPECT_FALSE(jwt.is_signed_by(key));
}

// The two classical ways round a signature: none at all, and a public key taken for a secret.
TEST(Jwt, the_key_and_not_the_token_says_the_algorithm) {
  const SigningKey key = key_of('a');
  for (const char* algorithm : {"none", "HS256", "RS256", "eddsa", ""}) {
    Jwt jwt = parse_jwt(sign_jwt(key, "k1", claims)).value();
    jwt.algorithm = algorithm;
    EXPECT_FALSE(jwt.is_signed_by(key)) << algorithm;
  }
}

TEST(Jwt, what_is_no_token_is_refused) {
  const std::string good = part(R"({"alg":"EdDSA"})") + "." + part("{}") + ".";
  EXPECT_TRUE(parse_jwt(good + "AAAA"));
  const std::string bad[] = {"",
                             ".",
                             "..",
                             "a.b",
                             "a.b.c.d",
                             part("[]") + "." + part("{}") + ".AAAA",
                             part("{}") + "." + part("7") + ".AAAA",
                             part(R"({"crit":["x"]})") + "." + part("{}") + ".AAAA",
                             good + "AA==",
                             good + "AB",  // with padding, and with bits that say nothing
                             good + "A+/A",
                             good + std::string(jwt_bytes_max, 'A')};
  for (const std::string& text : bad)
    EXPECT_FALSE(parse_jwt(text)) << text.substr(0, 80);
}

}  // namespace
}  // namespace caravan::crypto
