// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.hpp"

#include <gtest/gtest.h>

namespace caravan::crypto {
namespace {

constexpr std::int64_t day = 86'400'000'000'000;

CertificateForm form(std::string name) {
  CertificateForm f;
  f.common_name = std::move(name);
  f.not_before = {20'000 * day};
  f.not_after = {21'000 * day};
  f.serial = "\x01\x02";
  return f;
}

Issuer authority(std::string_view seed) {
  CertificateForm f = form("Caravan Agent CA");
  f.is_authority = true;
  f.permitted_domains = {"nomad", "localhost"};
  CertificateKey key = CertificateKey::from_seed(seed);
  return {*issue(f, key), key};
}

TEST(Certificate, says_what_it_was_told) {
  const Issuer ca = authority(std::string(32, 'a'));
  CertificateForm f = form("server.global.nomad");
  f.dns_names = {"server.global.nomad", "localhost"};
  f.ip_addresses = {"127.0.0.1", "::1"};
  const auto facts = read_certificate(*issue(f, CertificateKey::draw(), ca));
  EXPECT_EQ(facts->subject, "CN=server.global.nomad");
  EXPECT_EQ(facts->issuer, "CN=Caravan Agent CA");
  EXPECT_EQ(facts->dns_names, f.dns_names);
  EXPECT_EQ(facts->ip_addresses, (std::vector<std::string>{"127.0.0.1", "0:0:0:0:0:0:0:1"}));
  EXPECT_EQ(facts->not_after.unix_ns, f.not_after.unix_ns);
  EXPECT_EQ(facts->serial, "0102");
  EXPECT_FALSE(facts->is_authority);
}

TEST(Certificate, an_authority_says_for_whom_it_may_issue) {
  const auto facts = read_certificate(authority(std::string(32, 'a')).certificate);
  EXPECT_TRUE(facts->is_authority);
  EXPECT_EQ(facts->permitted_domains, (std::vector<std::string>{"nomad", "localhost"}));
}

TEST(Certificate, says_who_somebody_is_in_a_mesh) {
  CertificateForm f = form("web");
  f.uris = {"spiffe://x.consul/ns/default/dc/dc1/svc/web"};
  const CertificateKey key = CertificateKey::draw();
  const auto facts = read_certificate(*issue(f, key, authority(std::string(32, 'a'))));
  EXPECT_EQ(facts->uris, f.uris);
  EXPECT_EQ(facts->public_pem, key.public_pem());
  f.uris = {"spiffe://a,DNS:b"};
  EXPECT_FALSE(issue(f, key));
}

TEST(Certificate, an_authority_can_be_vouched_for_by_another_one) {
  const Issuer before = authority(std::string(32, 'a'));
  CertificateForm f = form("The Next One");
  f.is_authority = true;
  const Issuer next{*issue(f, CertificateKey::from_seed(std::string(32, 'b'))),
                    CertificateKey::from_seed(std::string(32, 'b'))};
  const std::string cross =
      *cross_sign(next.certificate, before, "\x09", f.not_before, {20'500 * day});
  const auto facts = read_certificate(cross), of_next = read_certificate(next.certificate);
  EXPECT_EQ(facts->subject, of_next->subject);
  EXPECT_EQ(facts->issuer, "CN=Caravan Agent CA");
  EXPECT_EQ(facts->public_pem, of_next->public_pem);
  EXPECT_EQ(facts->serial, "09");
  EXPECT_TRUE(facts->is_authority);
  const std::string leaf = *issue(form("leaf"), CertificateKey::draw(), before);
  EXPECT_FALSE(cross_sign(leaf, before, "\x09", f.not_before, f.not_after));
}

TEST(Certificate, of_one_seed_comes_one_authority) {
  EXPECT_EQ(authority(std::string(32, 'a')).certificate,
            authority(std::string(32, 'a')).certificate);
  EXPECT_NE(authority(std::string(32, 'a')).certificate,
            authority(std::string(32, 'b')).certificate);
}

TEST(Certificate, a_name_cannot_bring_others_in) {
  CertificateForm f = form("x");
  f.dns_names = {"a,DNS:server.global.nomad"};
  EXPECT_FALSE(issue(f, CertificateKey::draw()));
  f.dns_names = {};
  f.ip_addresses = {"300.1.1.1"};
  EXPECT_FALSE(issue(f, CertificateKey::draw()));
}

TEST(Certificate, keys_survive_their_text_and_damage_is_named) {
  const CertificateKey key = CertificateKey::draw();
  EXPECT_EQ(CertificateKey::from_pem(key.to_pem())->to_pem(), key.to_pem());
  EXPECT_FALSE(CertificateKey::from_pem("nonsense"));
  EXPECT_FALSE(read_certificate("nonsense"));
}

TEST(DeriveKey, differs_by_secret_and_purpose) {
  EXPECT_EQ(derive_key("s", "a").size(), 32u);
  EXPECT_EQ(derive_key("s", "a"), derive_key("s", "a"));
  EXPECT_NE(derive_key("s", "a"), derive_key("s", "b"));
  EXPECT_NE(derive_key("s", "a"), derive_key("t", "a"));
}

}  // namespace
}  // namespace caravan::crypto
