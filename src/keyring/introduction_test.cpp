// SPDX-License-Identifier: Apache-2.0
#include "keyring/introduction.hpp"

#include <gtest/gtest.h>

#include "state/store.hpp"

namespace caravan::keyring {
namespace {

using namespace std::chrono_literals;

class IntroductionTest : public testing::Test {
 protected:
  IntroductionTest() {
    id.bytes[15] = 1;
    wire::UpsertRootKey command;
    command.key.id = id;
    command.key.public_pem = signer.public_pem();
    (void)store.apply(1, wire::encode_command({.time_ns = 1, .body = command}));
  }
  json::Object claims(const Introduction& introduction) const {
    return introduction_claims({"global", ""}, introduction, 5min, now, id);
  }
  std::string token(const json::Object& said) const {
    return crypto::sign_jwt(signer, id.to_string(), said);
  }
  std::string refusal(const std::string& text, const Introduction& wanted = {"n1", "gpu"}) const {
    const base::Status checked = check_introduction(*store.snapshot(), text, wanted, now);
    return checked ? "" : checked.error().message;
  }

  crypto::SigningKey signer = crypto::SigningKey::from_seed(std::string(32, 'a'));
  base::Uuid id;
  state::Store store;
  base::Instant now = base::Instant::from_seconds(1'000'000);
};

TEST_F(IntroductionTest, lets_the_node_in_that_it_names_and_no_other) {
  const std::string named = token(claims({"n1", "gpu"}));
  EXPECT_EQ(refusal(named), "");
  EXPECT_EQ(refusal(named, {"n2", "gpu"}), "introduction refused: it is for the node \"n1\"");
  EXPECT_EQ(refusal(named, {"n1", "default"}), "introduction refused: it is for the pool \"gpu\"");
  EXPECT_EQ(refusal(token(claims({"", "gpu"}))), "");
}

TEST_F(IntroductionTest, ends) {
  const std::string text = token(claims({"n1", "gpu"}));
  now = now + 5min + 9s;
  EXPECT_EQ(refusal(text), "");
  now = now + 1s;
  EXPECT_EQ(refusal(text), "introduction refused: it has ended");
  now = now - 6min;
  EXPECT_EQ(refusal(text), "introduction refused: it does not count yet");
}

TEST_F(IntroductionTest, what_is_none_is_refused) {
  EXPECT_EQ(refusal(""), "introduction refused: the node brings no introduction token");
  EXPECT_EQ(refusal("x"), "introduction refused: a token has three parts with dots between them");
  json::Object other = claims({"n1", "gpu"});
  other["sub"] = "global:default:web:app:api:default";
  EXPECT_EQ(refusal(token(other)), "introduction refused: it is no introduction token");
  other = claims({"n1", "gpu"});
  other["aud"] = "vault";
  EXPECT_EQ(refusal(token(other)), "introduction refused: it is no introduction token");
  const crypto::SigningKey stranger = crypto::SigningKey::from_seed(std::string(32, 'b'));
  EXPECT_EQ(refusal(crypto::sign_jwt(stranger, id.to_string(), claims({"n1", "gpu"}))),
            "introduction refused: its signature is wrong");
  EXPECT_EQ(refusal(crypto::sign_jwt(signer, "k", claims({"n1", "gpu"}))),
            "introduction refused: it is not signed by a key of this cluster");
}

// The one kind must never pass for the other.
TEST_F(IntroductionTest, is_no_token_of_the_api) {
  const std::string text = token(claims({"n1", "gpu"}));
  EXPECT_FALSE(verify_identity(*store.snapshot(), text, now));
}

}  // namespace
}  // namespace caravan::keyring
