// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "keyring/jwks.hpp"
#include "keyring/root_key.hpp"
#include "state/store.hpp"

namespace caravan::keyring {
namespace {

const std::string kek(32, 'k'), nonce(12, 'a'), other(12, 'b');

RootKey some_key(char digit) {
  return {base::Uuid::parse("00000000-0000-4000-8000-00000000000" + std::string(1, digit)).value(),
          std::string(32, digit), crypto::SigningKey::from_seed(std::string(32, digit))};
}

TEST(RootKey, comes_back_as_it_was) {
  const RootKey key = some_key('1');
  const wire::RootKey sealed = seal(key, kek, nonce, other, 7);
  const RootKey opened = open(sealed, kek).value();
  EXPECT_EQ(opened.id, key.id);
  EXPECT_EQ(opened.data_key, key.data_key);
  EXPECT_EQ(opened.signer.sign("x"), key.signer.sign("x"));
  EXPECT_EQ(sealed.wrapped_key.find(key.data_key), std::string::npos);
}

TEST(RootKey, opens_only_as_itself_and_under_its_own_key) {
  wire::RootKey sealed = seal(some_key('1'), kek, nonce, other, 7);
  EXPECT_FALSE(open(sealed, std::string(32, 'x')));
  sealed.id = some_key('2').id;
  EXPECT_FALSE(open(sealed, kek));
  sealed = seal(some_key('1'), kek, nonce, other, 7);
  std::swap(sealed.wrapped_key, sealed.wrapped_signing);
  EXPECT_FALSE(open(sealed, kek));
}

TEST(Jwks, shows_the_public_half_of_every_key) {
  state::Store store;
  std::uint64_t index = 0;
  for (const char digit : {'1', '2'}) {
    const wire::UpsertRootKey command{seal(some_key(digit), kek, nonce, other, 7), {}};
    store.apply(++index, wire::encode_command({7, command}));
  }
  const json::Object shown = jwks(*store.snapshot());
  const json::Array& keys = *shown.find("keys")->as_array();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(*keys[0].at("kid").as_string(), some_key('1').id.to_string());
  EXPECT_EQ(keys[0].as_object()->size(), 6u);  // and nothing private among them
  EXPECT_NE(*keys[0].at("x").as_string(), *keys[1].at("x").as_string());
}

}  // namespace
}  // namespace caravan::keyring
