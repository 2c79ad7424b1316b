// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fmt/core.h>

#include "base/assert.hpp"

namespace caravan::crypto {
namespace {

constexpr std::size_t seed_bytes = 32;
constexpr int version_3 = 2;

template <auto free>
struct Free {
  template <class T>
  void operator()(T* thing) const {
    free(thing);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string content(BIO* bio) {
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(length)};
}

Bio reader(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

base::Result<Certificate> parse(std::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
  if (!certificate) return base::invalid("not a certificate in PEM form");
  return certificate;
}

base::Status extend(X509& certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer ? issuer : &certificate, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (!extension) return base::invalid(fmt::format("a certificate cannot say \"{}\"", value));
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return {};
}

void set_time(ASN1_TIME* at, base::Instant instant) {
  ASN1_TIME_set(at, static_cast<time_t>(instant.unix_ns / 1'000'000'000));
}

base::Instant to_instant(const ASN1_TIME* at) {
  const std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, epoch.get(), at);
  return {(std::int64_t{days} * 86'400 + seconds) * 1'000'000'000};
}

std::string joined(const std::vector<std::string>& names, const std::string& kind,
                   std::string text = "") {
  for (const std::string& name : names)
    text += (text.empty() ? "" : ",") + kind + name;
  return text;
}

/// A comma would let a name bring others in.
base::Status plain(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (name.empty() || name.find_first_of(", \n\t") != std::string::npos)
      return base::invalid(fmt::format("\"{}\" is no name for a certificate", name));
  return {};
}

std::vector<std::string> subtrees(const X509& certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<NAME_CONSTRAINTS, Free<NAME_CONSTRAINTS_free>> all(
      static_cast<NAME_CONSTRAINTS*>(
          X509_get_ext_d2i(&certificate, NID_name_constraints, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_SUBTREE_num(all->permittedSubtrees); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_SUBTREE_value(all->permittedSubtrees, i)->base;
    if (name->type == GEN_DNS)
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  return names;
}

std::string hex(std::string_view bytes, std::string_view between) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : between, static_cast<unsigned char>(c));
  return text;
}

std::string to_ip(std::string_view bytes) {
  if (bytes.size() == 4)
    return fmt::format("{}.{}.{}.{}", static_cast<unsigned char>(bytes[0]),
                       static_cast<unsigned char>(bytes[1]), static_cast<unsigned char>(bytes[2]),
                       static_cast<unsigned char>(bytes[3]));
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    text += fmt::format(
        "{}{:x}", i ? ":" : "",
        static_cast<unsigned char>(bytes[i]) << 8 | static_cast<unsigned char>(bytes[i + 1]));
  return text;
}

std::string name_text(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return content(bio.get());
}

}  // namespace

struct CertificateKey::Key {
  explicit Key(EVP_PKEY* key) : pkey(key) {}
  EVP_PKEY* get() const { return pkey.get(); }
  Pkey pkey;
};

/// The parts of issue() that look inside a key.
struct CertificateMaker {
  static EVP_PKEY* pkey(const CertificateKey& key) { return key.key_->get(); }
};

CertificateKey CertificateKey::draw() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  ASSERT(key != nullptr);
  return CertificateKey(std::make_shared<Key>(key));
}

CertificateKey CertificateKey::from_seed(std::string_view seed) {
  ASSERT(seed.size() == seed_bytes);
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, in(seed), seed.size());
  ASSERT(key != nullptr);
  return CertificateKey(std::make_shared<Key>(key));
}

base::Result<CertificateKey> CertificateKey::from_pem(std::string_view pem) {
  // Without this OpenSSL would ask the terminal for a passphrase.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, nullptr);
  if (!key) return base::invalid("not a private key in PEM form, or one with a passphrase");
  return CertificateKey(std::make_shared<Key>(key));
}

std::string CertificateKey::to_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  ASSERT(PEM_write_bio_PrivateKey(bio.get(), key_->get(), nullptr, nullptr, 0, nullptr, nullptr));
  return content(bio.get());
}

base::Result<CertificateKey> CertificateKey::from_public_pem(std::string_view pem) {
  EVP_PKEY* key = PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, nullptr, nullptr);
  if (!key) return base::invalid("not a public key in PEM form");
  return CertificateKey(std::make_shared<Key>(key));
}

std::string CertificateKey::public_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  ASSERT(PEM_write_bio_PUBKEY(bio.get(), key_->get()) == 1);
  return content(bio.get());
}

namespace {

void set_serial(X509& x, const std::string& serial) {
  const std::unique_ptr<BIGNUM, Free<BN_free>> number(
      BN_bin2bn(in(serial), static_cast<int>(serial.size()), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&x));
}

base::Result<std::string> signed_by(X509& x, const CertificateKey& key) {
  EVP_PKEY* signer = CertificateMaker::pkey(key);
  const EVP_MD* digest = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  if (X509_sign(&x, signer, digest) == 0) return base::invalid("the authority's key does not sign");
  const Bio bio(BIO_new(BIO_s_mem()));
  ASSERT(PEM_write_bio_X509(bio.get(), &x) == 1);
  return content(bio.get());
}

}  // namespace

base::Result<std::string> issue(const CertificateForm& form, const CertificateKey& key,
                                const std::optional<Issuer>& issuer) {
  TRY_VOID(plain(form.dns_names));
  TRY_VOID(plain(form.ip_addresses));
  TRY_VOID(plain(form.uris));
  TRY_VOID(plain(form.permitted_domains));
  Certificate authority;
  if (issuer) {
    TRY(authority, parse(issuer->certificate));
  }
  const Certificate made(X509_new());
  X509& x = *made;
  X509_set_version(&x, version_3);
  set_serial(x, form.serial);
  set_time(X509_getm_notBefore(&x), form.not_before);
  set_time(X509_getm_notAfter(&x), form.not_after);
  X509_set_pubkey(&x, CertificateMaker::pkey(key));
  X509_NAME* subject = X509_get_subject_name(&x);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, in(form.common_name),
                             static_cast<int>(form.common_name.size()), -1, 0);
  X509_set_issuer_name(&x, authority ? X509_get_subject_name(authority.get()) : subject);
  TRY_VOID(extend(x, nullptr, NID_basic_constraints,
                  form.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE"));
  TRY_VOID(extend(x, nullptr, NID_key_usage,
                  form.is_authority ? "critical,digitalSignature,keyCertSign,cRLSign"
                                    : "critical,digitalSignature"));
  if (!form.is_authority) TRY_VOID(extend(x, nullptr, NID_ext_key_usage, "serverAuth,clientAuth"));
  TRY_VOID(extend(x, nullptr, NID_subject_key_identifier, "hash"));
  TRY_VOID(extend(x, authority.get(), NID_authority_key_identifier, "keyid"));
  const std::string names =
      joined(form.uris, "URI:", joined(form.ip_addresses, "IP:", joined(form.dns_names, "DNS:")));
  if (!names.empty()) TRY_VOID(extend(x, nullptr, NID_subject_alt_name, names));
  const std::string domains = joined(form.permitted_domains, "permitted;DNS:");
  if (!domains.empty()) TRY_VOID(extend(x, nullptr, NID_name_constraints, "critical," + domains));
  return signed_by(x, issuer ? issuer->key : key);
}

base::Result<std::string> cross_sign(const std::string& authority, const Issuer& by,
                                     const std::string& serial, base::Instant not_before,
                                     base::Instant not_after) {
  TRY(const Certificate copy, parse(authority));
  TRY(const Certificate issuer, parse(by.certificate));
  X509& x = *copy;
  if (X509_check_ca(&x) != 1) return base::invalid("the certificate is no authority's");
  set_serial(x, serial);
  set_time(X509_getm_notBefore(&x), not_before);
  set_time(X509_getm_notAfter(&x), not_after);
  X509_set_issuer_name(&x, X509_get_subject_name(issuer.get()));
  if (const int at = X509_get_ext_by_NID(&x, NID_authority_key_identifier, -1); at >= 0)
    X509_EXTENSION_free(X509_delete_ext(&x, at));
  TRY_VOID(extend(x, issuer.get(), NID_authority_key_identifier, "keyid"));
  return signed_by(x, by.key);
}

base::Result<CertificateFacts> read_certificate(std::string_view pem) {
  TRY(const Certificate certificate, parse(pem));
  X509& x = *certificate;
  CertificateFacts facts;
  facts.subject = name_text(X509_get_subject_name(&x));
  facts.issuer = name_text(X509_get_issuer_name(&x));
  facts.not_before = to_instant(X509_get0_notBefore(&x));
  facts.not_after = to_instant(X509_get0_notAfter(&x));
  facts.is_authority = X509_check_ca(&x) == 1;
  const ASN1_INTEGER* serial = X509_get0_serialNumber(&x);
  facts.serial = hex(
      {reinterpret_cast<const char*>(serial->data), static_cast<std::size_t>(serial->length)}, "");
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(&x, EVP_sha256(), digest, &size);
  facts.fingerprint = hex({reinterpret_cast<const char*>(digest), size}, ":");
  facts.permitted_domains = subtrees(x);
  const Bio key(BIO_new(BIO_s_mem()));
  if (!X509_get0_pubkey(&x) || PEM_write_bio_PUBKEY(key.get(), X509_get0_pubkey(&x)) != 1)
    return base::invalid("the certificate's key is of a kind that is not known");
  facts.public_pem = content(key.get());
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&x, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD && name->type != GEN_URI) continue;
    const ASN1_STRING* text = name->type == GEN_DNS   ? name->d.dNSName
                              : name->type == GEN_URI ? name->d.uniformResourceIdentifier
                                                      : name->d.iPAddress;
    const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                 static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (name->type == GEN_DNS)
      facts.dns_names.emplace_back(bytes);
    else if (name->type == GEN_URI)
      facts.uris.emplace_back(bytes);
    else
      facts.ip_addresses.push_back(to_ip(bytes));
  }
  return facts;
}

std::string derive_key(std::string_view secret, std::string_view purpose) {
  const std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  std::string key(seed_bytes, '\0');
  std::size_t size = key.size();
  ASSERT(EVP_PKEY_derive_init(context.get()) == 1);
  ASSERT(EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1);
  ASSERT(EVP_PKEY_CTX_set1_hkdf_key(context.get(), in(secret), static_cast<int>(secret.size())) ==
         1);
  ASSERT(EVP_PKEY_CTX_add1_hkdf_info(context.get(), in(purpose),
                                     static_cast<int>(purpose.size())) == 1);
  ASSERT(EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(key.data()), &size) == 1);
  return key;
}

}  // namespace caravan::crypto
