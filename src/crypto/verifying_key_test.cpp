// SPDX-License-Identifier: Apache-2.0
#include "crypto/verifying_key.hpp"

#include <gtest/gtest.h>

#include "json/reader.hpp"

namespace caravan::crypto {
namespace {

struct Sample {
  const char* algorithm;
  const char* key;
  const char* token;
};
// Made by pyca/cryptography 48: tokens that say {"sub": "me"}.
constexpr const char* key_rsa =
    "{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"qp2V8vR04d_7XnLDEGhUQDWQTHE6fP82QNpmXJP14kzTDZdxxgsn"
    "RQSJ8DJdfqhTmc45d9yRRqX_R2A_g0_Fba1N1r-vWliifmaRM7LtvUBJCRBNFns7kbWL0WDljfdVJrKq"
    "5MV7yHlrDzrQ-Ptk0Ypp0QLd9rDlp6TvU60Idp_A_OPey_dNOwDva-ooEiAeD_bmna15U2XHJ6XPHvPN"
    "fXOpttbtDgWSLZmqawteub7phBGXbNSjGq66bABeLkLU-HOvyBHsWM0_GeutCv5RnOWNW7oCrAhx0HD2"
    "HbW-ckLonnu9NwfWjjOo_d63TfCJU-eVBUO237b3whOfn0eIbw\",\"e\":\"AQAB\"}";
constexpr const char* key_p256 =
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\"pxzX3-xlCxaNtXxzrLehivzmhtCSsT7Z0Bk_"
    "upb"
    "bHUU\",\"y\":\"kaOyWhLDhY0NKuwSuDOKgK5tam_h0IgeygtYR39XkP4\"}";
constexpr const char* key_p384 =
    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"k\",\"x\":"
    "\"NgoewdhrvIVvvJQCnFzsrt9F510qzISVlm5LRq_"
    "wsv45sNdtKdryDiwytc6MhvGf\",\"y\":\"UbYVKCGwGC2KF0EvspyClayv6hidchekSWasejZ2GjT9-pWs"
    "Ji0NC9BI0MdMbe9J\"}";
constexpr const char* key_p521 =
    "{\"kty\":\"EC\",\"crv\":\"P-521\",\"kid\":\"k\",\"x\":\"AT5WkFAK1NQVRnqE-"
    "ZDcHaQZx0IQYT4R7A1ettn"
    "1_LjZVYpgQC2VQf4-zhC5jqu1Pj7QoDp6rbS41vEyEokro4iI\",\"y\":\"Aa4-vb0faoxAPUDVsYKnsSDF"
    "Oq52kI5DFklZi7Tai00Rrf99bzg9HnuhIt9PCrRoDFr-3NzuT34WRcPd9-7x0m6i\"}";
constexpr const char* key_ed25519 =
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\",\"x\":"
    "\"WDZjjoGDxLW1P7uBOvKgvRmIbeX3WWpHrFDs"
    "sreEQac\"}";
constexpr const char* key_weak =
    "{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"2K48dxggHzRosrnmyhpNzIvfUDeOck7XHrrHhXsU6-LwzZvonPsh"
    "7P60N9vZix1_h2STVpnn6C5UUo79bz2H5P95p_ZhTUw4ja46_dOq_H_XWe_Okcl0gVgK6lJPC4RXboD5"
    "Znk90k18nwaalj3TKCX5dGd4PZn5xkXBMweV680\",\"e\":\"AQAB\"}";
constexpr Sample samples[] = {
    {"RS256", key_rsa,
     "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.MgJM4AmEs-VWpVMNXOHLe_1cwVWB"
     "eOYSzBz4f70edgyMSNCQomrKPgO5kMllusR_pQYYAAZtibzp99hnxrYfqmoSij-zy87kRMZebVJEk5dp"
     "mNf0to_8QOBKxt1WZ3Zt9ouAfmoLULYnAIj9mzhKiTbg5eU4qWHYsPjzQNLWe5XIppkHttKtz2__7kmr"
     "jD8g7no0ZAEw_FDMIu6GDEX4-KclCTlmc5a8qD5P3PmA5SCkjiXZYuLC3Ul2cGjVuTG5NweKd4msR8MG"
     "DV-016ONF2YUhgfVOQEB1KsyenyLeeFOEmfDl-DrrF7ZJNlF_yfugDytPAIszB4Q-CfpDZ20FA"},
    {"RS384", key_rsa,
     "eyJhbGciOiJSUzM4NCIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.DHL8IBAbpl21ej15LE_SRGK-vpKY"
     "Gr7bcFQCyRiCAqUxkT2tLF7c7dttwDNz5ZpfkVkcn3rdkqu72034ID-pgxcqpuszqW8h91qMcCBz9d80"
     "RnUXzgKTCB229LHCskdq6Sy-2Vr4qBsKnh_Q-HJSJv6nTrfV6xrDHs2nDoayCv0xQBsSGqBOSfs1urNo"
     "1aCZ6gUpbR2oKI-oUJGgVzUx_J-BgMXGoalMjrohzCuVokupG8oYm3jMefPQQ3ldYvX3bSZOgII6adtI"
     "1hgbVdjGgZb483maWK4RiVNR0qVPGao3C6YBMNgY-31S1BQNEH_klgjlJn56Dc5DLjKZG19jYQ"},
    {"RS512", key_rsa,
     "eyJhbGciOiJSUzUxMiIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.j_cKB2Igip57rZOMEdMJyzKyNie-"
     "M6sVc4YeBLBgS8Gk61sM21QIPCN2_JoXfyxPTqFUU5rPSdgMPZ_IqeGKRf4bEUN0-COxp-T_pPPauYyn"
     "-3k_c9VfrTLwsGboDnM0YE4Qjn78dJ32dA69BElHWiU1aLDGtE2Em9waaajR_BChtsTjEEffZfkKMKlT"
     "M2_w6HyHhIjL9AoXmsEXGdz89PxgCu3U6lCVSPP4HbrzgvxATBafumIOiQfP5J9qSrx70F9wYbUyDAqd"
     "ja8MiWByjo7onco7Q6WNrL7a0w4d9mUQDG14-1QUWwiSK7MOSuqMC2lAAyDiOrhs0kojqZJgFw"},
    {"PS256", key_rsa,
     "eyJhbGciOiJQUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.RRyIi_3O7r2UQceKiaCQ1SQghwWz"
     "WN__sjjUax1fSasZR4yAg_whttHhal0sAA7ev9JKy8WUaD2tGm76cf2_z2m08V7r8SsQd-HGIgPGhD5n"
     "mr5oGdSGcGqQbk2UxYX1p9HzSUpm-K9n3KJ86_KEoLf5dUL_maZKHYtSeYjGKHmE6gGDIt3ovph58kA7"
     "Ijjiw7KitbzkLBi5iAPHw1YQ4PUujz7GmSvF5q8GfIwD0BBFHjfnZhVYjnwGdx3wFRju21IwX3Rok3JD"
     "GSnv2N1NB_Ij-kNjhg-8EyavDgCSQ8fzarWwKz2hotGn0pU0XkyzEbO3Unht__Hmym6iS6FSMQ"},
    {"PS384", key_rsa,
     "eyJhbGciOiJQUzM4NCIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.euIntM5djQZPGyZEgg-8p3WqetHp"
     "-_1byneCCVMs5bze4dpM8kqgQfj8_7g3JjMI4SEMILRiQE2TMnLlzc7TsLtO6y7ajSBeslORBIYWAlmd"
     "h-5Lad4ti9py2TIriVv3gJpJW3sIW75e6U2mZlOQm0lBDFQJ_sYegzBaPjP1ahvtwU1vS6y0s-oGRyRZ"
     "91j9577h4q4Tz7rQ6pT2_vGgYCYaJHuNcn8hU8lqrumcMbJEjsD4dgHmhSyTZqEMG1hmC3BExz4a9Enl"
     "YbHLKPP2HPtOGSuRSF9pUG-R6DUkN6VABedZTrW9T7NTHi_cqfV0Ex1-HcHl0qEypqYa6geC6g"},
    {"PS512", key_rsa,
     "eyJhbGciOiJQUzUxMiIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.NgjZ_tkN9_cgLB8lXRcA3pjVlm-4"
     "_CNR9A4oba4dIBAPvhfLbWMS5Ix60G99biFEHhcesflSQYc-hwq0irxeCZUoXjZPrO6QKypM_I6mhzvM"
     "_KTPLOmJlY1wpTwQFW9uJRCpytIb3L2Q8Wg7ArJ0i55LgEGFqxYIEV_fxKkx2fi6aLgRmkUIuDjIvZGH"
     "2Hcz9xE5BRxWc4-BgKIXBjzra_1oLjNRp-ZgLWX85OgsTk0Gt0DQyqDFDmkylTvmPZsuRP02BtKJvSB0"
     "u4iCeBHbd2XczG8gSbymW7y03IPPYFdTZX-g1KlfLfUWlZF2U87O3xJ1xeoFTJUwl1X6j9jhiw"},
    {"ES256", key_p256,
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.4NcDfkDCVWZH4KRB99PDtQqdpi7I"
     "4J8Br3SxNZKlbHwYkkuJuDhAO3q_Y6lw_vmELbgCQ8z6_3GIxeM2fq603A"},
    {"ES384", key_p384,
     "eyJhbGciOiJFUzM4NCIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.ArSr1iNDN1K-ejutot8AxI4BqYoM"
     "i31dQlFB29-dD3VXl1ZjGSEnsSNQIn_HGp5ksn0IAET9Atnpz7oIua8HjyPriaMuGkQwcE0YFGhPKn9j"
     "qnEYdIaS2eHjoH12C_65"},
    {"ES512", key_p521,
     "eyJhbGciOiJFUzUxMiIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.AQ3ZjhUKmz6Blvq6o6PGw2DyyoHn"
     "6RZ2N9Tfscy29iPd-2Kw-7nPlqdy6S162062UzXxNq0TE_3T04Qd0Hfr0MCzACOI0odl_o9FeITw8XCz"
     "4DTh1RrKdB7ZEwB7R3Yqea1IkqtwpF6054_eHap2dYt4K49_zGgAW1JHrFKyioKbSYNK"},
    {"EdDSA", key_ed25519,
     "eyJhbGciOiJFZERTQSIsImtpZCI6ImsifQ.eyJzdWIiOiJtZSJ9.-hH5odKBgYwO3cN5id7uCUHdPav8"
     "DP5-6qZpVlqiuvG6IaidGh9vvxf6lJafI9to7LAYz2qu5zdB-SjQVVNnBw"},
};
constexpr const char* rsa_pem =
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqp2V8vR04"
    "d/7XnLDEGhU\nQDWQTHE6fP82QNpmXJP14kzTDZdxxgsnRQSJ8DJdfqhTmc45d9yRRqX/R2A/g0/F\nba1"
    "N1r+vWliifmaRM7LtvUBJCRBNFns7kbWL0WDljfdVJrKq5MV7yHlrDzrQ+Ptk\n0Ypp0QLd9rDlp6TvU6"
    "0Idp/A/OPey/dNOwDva+ooEiAeD/bmna15U2XHJ6XPHvPN\nfXOpttbtDgWSLZmqawteub7phBGXbNSjG"
    "q66bABeLkLU+HOvyBHsWM0/GeutCv5R\nnOWNW7oCrAhx0HD2HbW+ckLonnu9NwfWjjOo/d63TfCJU+eV"
    "BUO237b3whOfn0eI\nbwIDAQAB\n-----END PUBLIC KEY-----\n";

json::Value jwk(const char* text) { return json::parse(text).value(); }

KeySet set_of(std::vector<json::Value> keys) {
  return KeySet::from_jwks(json::Object{{"keys", json::Array(keys.begin(), keys.end())}}).value();
}

std::string refusal(const KeySet& keys, const Jwt& jwt, const std::vector<std::string>& allowed) {
  const base::Status checked = keys.check(jwt, allowed);
  return checked ? "" : checked.error().message;
}

TEST(VerifyingKey, each_algorithm_verifies_what_others_signed) {
  for (const Sample& sample : samples) {
    const Jwt jwt = parse_jwt(sample.token).value();
    const KeySet keys = set_of({jwk(sample.key)});
    EXPECT_EQ(refusal(keys, jwt, {sample.algorithm}), "") << sample.algorithm;
    Jwt changed = jwt;
    changed.signed_part.back() = changed.signed_part.back() == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(keys, changed, {sample.algorithm}), "its signature is wrong");
    changed = jwt;
    changed.signature.pop_back();
    EXPECT_EQ(refusal(keys, changed, {sample.algorithm}), "its signature is wrong");
    changed.signature.clear();
    EXPECT_EQ(refusal(keys, changed, {sample.algorithm}), "its signature is wrong");
  }
}

TEST(VerifyingKey, a_key_speaks_only_the_algorithms_of_its_kind) {
  for (const Sample& of : samples)
    for (const Sample& by : samples) {
      const VerifyingKey key = VerifyingKey::from_jwk(*jwk(of.key).as_object()).value();
      EXPECT_EQ(key.speaks(by.algorithm), of.key == by.key) << of.algorithm << by.algorithm;
    }
  const VerifyingKey key = VerifyingKey::from_pem(rsa_pem).value();
  for (const char* algorithm : {"none", "None", "HS256", "RS1", "rs256", ""})
    EXPECT_FALSE(key.speaks(algorithm)) << algorithm;
}

TEST(VerifyingKey, a_key_that_names_its_algorithm_is_for_no_other) {
  json::Value key = jwk(key_rsa);
  (*key.as_object())["alg"] = "RS384";
  EXPECT_FALSE(VerifyingKey::from_jwk(*key.as_object())->speaks("RS256"));
  EXPECT_TRUE(VerifyingKey::from_jwk(*key.as_object())->speaks("RS384"));
}

// The public key is no secret: a token that calls it one (HS256), or wants none, is refused by
// name.
TEST(KeySet, an_algorithm_that_is_not_accepted_is_refused) {
  const KeySet keys = set_of({jwk(key_rsa)});
  Jwt jwt = parse_jwt(samples[0].token).value();
  EXPECT_EQ(refusal(keys, jwt, {"ES256", "PS256"}),
            "it is signed by RS256, and accepted are ES256, PS256");
  jwt.algorithm = "none";
  EXPECT_EQ(refusal(keys, jwt, {"RS256"}), "it is signed by none, and accepted are RS256");
  jwt.algorithm = "";
  EXPECT_EQ(refusal(keys, jwt, {"RS256"}), "it is signed by no algorithm, and accepted are RS256");
  jwt.algorithm = "HS256";
  EXPECT_EQ(refusal(keys, jwt, {"RS256", "HS256"}),
            "no key with the id (kid) \"k\" signs by HS256");
}

TEST(KeySet, a_token_has_to_say_which_of_several_keys_signed_it) {
  json::Value other = jwk(key_rsa);
  (*other.as_object())["kid"] = "l";
  const KeySet keys = set_of({jwk(key_rsa), other, jwk(key_p256)});
  Jwt jwt = parse_jwt(samples[0].token).value();
  EXPECT_EQ(refusal(keys, jwt, {"RS256"}), "");
  jwt.key_id = "";
  EXPECT_EQ(refusal(keys, jwt, {"RS256"}), "it does not say by which of 2 keys it is signed (kid)");
  EXPECT_EQ(refusal(set_of({jwk(key_rsa), jwk(key_p256)}), jwt, {"RS256"}), "");
  jwt.key_id = "m";
  EXPECT_FALSE(keys.knows(jwt));
  EXPECT_EQ(refusal(keys, jwt, {"RS256"}), "no key with the id (kid) \"m\" signs by RS256");
}

TEST(KeySet, keys_in_pem_form_have_no_ids) {
  const KeySet keys = KeySet::from_pems({rsa_pem}).value();
  EXPECT_EQ(refusal(keys, parse_jwt(samples[0].token).value(), {"RS256"}), "");
  EXPECT_EQ(KeySet::from_pems({rsa_pem, "x"}).error().message, "key 1: a public key is damaged");
}

TEST(KeySet, keys_that_are_of_no_use_are_left_out) {
  json::Value encrypts = jwk(key_rsa);
  (*encrypts.as_object())["use"] = "enc";
  json::Value off_curve = jwk(key_p256);
  (*off_curve.as_object())["x"] = off_curve.at("y");
  const json::Value unusable = json::Array{encrypts, off_curve, jwk(key_weak), 7,
                                           json::Object{{"kty", "oct"}, {"k", "c2VjcmV0"}}};
  EXPECT_EQ(KeySet::from_jwks(json::Object{{"keys", unusable}}).error().message,
            "a JSON Web Key Set without a key that can be used");
  json::Array with_one = *unusable.as_array();
  with_one.push_back(jwk(key_ed25519));
  EXPECT_TRUE(KeySet::from_jwks(json::Object{{"keys", with_one}}));
  EXPECT_FALSE(KeySet::from_jwks(json::Object{{"keys", "none"}}));
  EXPECT_FALSE(KeySet::from_jwks(json::Object{{"keys", json::Array(65, jwk(key_rsa))}}));
}

TEST(VerifyingKey, a_short_rsa_key_is_refused) {
  EXPECT_EQ(VerifyingKey::from_jwk(*jwk(key_weak).as_object()).error().message,
            "an RSA key of 1024 bits: 2048 to 8192 are accepted");
}

}  // namespace
}  // namespace caravan::crypto
