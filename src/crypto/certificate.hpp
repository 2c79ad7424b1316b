// SPDX-License-Identifier: Apache-2.0
// X.509 certificates: making authorities, and issuing with them. PEM in, PEM out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace caravan::crypto {

/// The private half of a certificate's key.
class CertificateKey {
 public:
  /// ECDSA on P-256, which every TLS client knows; drawn by OpenSSL itself.
  static CertificateKey draw();
  /// Ed25519, the same for the same seed. Precondition: `seed` has 32 bytes.
  static CertificateKey from_seed(std::string_view seed);
  /// Errors: invalid (damaged, or locked by a passphrase).
  static base::Result<CertificateKey> from_pem(std::string_view pem);
  std::string to_pem() const;
  /// Only the public half: to be issued for, not to issue with. Errors: invalid.
  static base::Result<CertificateKey> from_public_pem(std::string_view pem);
  std::string public_pem() const;

 private:
  friend struct CertificateMaker;
  struct Key;
  explicit CertificateKey(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  std::shared_ptr<const Key> key_;
};

struct CertificateForm {
  std::string common_name;
  std::vector<std::string> dns_names, ip_addresses, uris;
  std::vector<std::string> permitted_domains;  // of an authority: it may issue for these alone
  bool is_authority = false;
  base::Instant not_before, not_after;
  std::string serial;  // up to 20 bytes, big-endian, not all zero
};

/// Signs itself when there is no issuer. Errors: invalid (a name or address, the issuer's
/// certificate).
struct Issuer {
  std::string certificate;
  CertificateKey key;
};
base::Result<std::string> issue(const CertificateForm& form, const CertificateKey& key,
                                const std::optional<Issuer>& issuer = {});

/// The same authority, vouched for by another one: who trusts that one believes what `authority`
/// has issued. It says what `authority` says but who issued it, serial and times. Errors: invalid.
base::Result<std::string> cross_sign(const std::string& authority, const Issuer& by,
                                     const std::string& serial, base::Instant not_before,
                                     base::Instant not_after);

/// What is said in a certificate.
struct CertificateFacts {
  std::string subject, issuer, serial, fingerprint;
  std::string public_pem;  // of its key
  std::vector<std::string> dns_names, ip_addresses, uris, permitted_domains;
  bool is_authority = false;
  base::Instant not_before, not_after;
};
/// Errors: invalid.
base::Result<CertificateFacts> read_certificate(std::string_view pem);

/// 32 bytes for one purpose, out of a secret (HKDF-SHA256).
std::string derive_key(std::string_view secret, std::string_view purpose);

}  // namespace caravan::crypto
