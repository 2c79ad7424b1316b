// SPDX-License-Identifier: Apache-2.0
// TLS on a stream. What both ends need (certificates, rules) is a value that may be replaced while
// connections made with the old one live on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/network.hpp"

struct ssl_ctx_st;

namespace caravan::http {

/// All in PEM. Without a certificate this end shows none; without authorities it believes those of
/// the system.
struct TlsMaterial {
  std::string authorities, certificate, key;
  bool demands_certificate = false;  // of those who connect to us
  bool checks_peer = true;           // of those whom we connect to
  bool min_tls13 = false;            // else 1.2
};

/// A connection after its handshake.
class TlsStream : public io::Stream {
 public:
  /// What the two agreed on by ALPN, or "".
  virtual std::string protocol() const = 0;
  /// The DNS names in the certificate of the peer; empty when it showed none.
  virtual std::vector<std::string> peer_names() const = 0;
};

class Tls {
 public:
  /// Errors: invalid (which of the three is damaged, or that the key is not the certificate's).
  static base::Result<std::shared_ptr<const Tls>> make(const TlsMaterial& material);

  /// `server_name`: for SNI, and checked against the certificate when `checks_name`. Errors: denied
  /// (a certificate that is not believed, in OpenSSL's words), io.
  io::Task<base::Result<std::unique_ptr<TlsStream>>> connect(
      std::unique_ptr<io::Stream> stream, std::string server_name, bool checks_name,
      std::vector<std::string> protocols) const;
  /// `protocols`: those that are spoken here; a peer that names others only is refused, and one
  /// that names none when `demands_protocol`. One that speaks plain HTTP is told so.
  io::Task<base::Result<std::unique_ptr<TlsStream>>> accept(std::unique_ptr<io::Stream> stream,
                                                            std::vector<std::string> protocols,
                                                            bool demands_protocol = true) const;

 private:
  explicit Tls(ssl_ctx_st* context) : context_(context) {}
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace caravan::http
