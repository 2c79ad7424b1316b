// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "crypto/signing_key.hpp"

namespace caravan::crypto {
namespace {

const std::string key(aead_key_bytes, 'k'), nonce(aead_nonce_bytes, 'n');

TEST(Aead, opens_what_it_sealed) {
  for (const std::string plain : {"", "x", "a longer text, over one block of the cipher"})
    EXPECT_EQ(open(key, seal(key, nonce, plain, "about"), "about").value(), plain);
}

TEST(Aead, keys_of_16_and_24_bytes_seal_too) {
  const std::string nonce(aead_nonce_bytes, 'n');
  for (const std::size_t size : {16u, 24u, 32u}) {
    const std::string key(size, 'k'), box = seal(key, nonce, "plain", "about");
    EXPECT_EQ(open(key, box, "about").value(), "plain");
    EXPECT_FALSE(open(std::string(32, 'o'), box, "about"));
  }
}

TEST(Aead, shows_every_touched_byte) {
  const std::string box = seal(key, nonce, "secret", "about");
  for (std::size_t i = 0; i < box.size(); ++i) {
    std::string touched = box;
    touched[i] = static_cast<char>(touched[i] ^ 1);
    EXPECT_FALSE(open(key, touched, "about")) << i;
    EXPECT_FALSE(open(key, box.substr(0, i), "about")) << i;
  }
  EXPECT_FALSE(open(key, box, "another"));
  EXPECT_FALSE(open(std::string(aead_key_bytes, 'j'), box, "about"));
}

void signs_and_verifies(const SigningKey& signer) {
  const std::string signature = signer.sign("token");
  const SigningKey reader = SigningKey::from_public_pem(signer.public_pem()).value();
  EXPECT_TRUE(reader.verifies("token", signature));
  EXPECT_FALSE(reader.verifies("tokem", signature));
  EXPECT_FALSE(reader.verifies("token", signature.substr(1)));
  const SigningKey again = SigningKey::from_pkcs8(signer.to_pkcs8()).value();
  EXPECT_EQ(again.sign("token"), signature);
}

TEST(SigningKey, rsa_survives_its_forms) {
  const SigningKey rsa = SigningKey::make_rsa();
  signs_and_verifies(rsa);
  const json::Object jwk = rsa.jwk("id");
  EXPECT_EQ(*jwk.find("alg")->as_string(), "RS256");
  EXPECT_EQ(*jwk.find("e")->as_string(), "AQAB");
  EXPECT_EQ(jwk.find("n")->as_string()->size(), 342u);  // 256 bytes
}

// RFC 8037, appendix A: the key, its public half, and a signature.
TEST(SigningKey, ed25519_is_the_one_of_the_rfc) {
  const std::string seed =
      base::base64_decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").value();
  const SigningKey ed = SigningKey::from_seed(seed);
  signs_and_verifies(ed);
  EXPECT_EQ(*ed.jwk("id").find("x")->as_string(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  EXPECT_EQ(
      base::base64url_encode(ed.sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")),
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

TEST(SigningKey, damaged_keys_are_refused) {
  EXPECT_FALSE(SigningKey::from_pkcs8("not a key"));
  EXPECT_FALSE(SigningKey::from_public_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n"));
}

TEST(Digest, is_sha_256) {
  EXPECT_EQ(base::to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, secrets_are_the_same_only_as_a_whole) {
  EXPECT_TRUE(same_secret("secret", "secret"));
  EXPECT_FALSE(same_secret("secret", "secreT"));
  EXPECT_FALSE(same_secret("secret", "secre"));
  EXPECT_TRUE(same_secret("", ""));
}

}  // namespace
}  // namespace caravan::crypto
