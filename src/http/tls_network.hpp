// SPDX-License-Identifier: Apache-2.0
// A network on which every connection is TLS: for clients of HTTPS.
#pragma once

#include "http/tls.hpp"

namespace caravan::http {

class TlsNetwork : public io::Network {
 public:
  /// `server_name`: that the certificate has to be for, instead of the host that is dialed.
  TlsNetwork(io::Network& plain, std::shared_ptr<const Tls> tls, bool checks_name,
             std::string server_name)
      : plain_(plain),
        tls_(std::move(tls)),
        checks_name_(checks_name),
        server_name_(std::move(server_name)) {}
  io::Task<base::Result<std::unique_ptr<io::Listener>>> listen(io::Address address) override;
  io::Task<base::Result<std::unique_ptr<io::Stream>>> connect(io::Address address,
                                                              base::Duration timeout) override;

 private:
  io::Network& plain_;
  std::shared_ptr<const Tls> tls_;
  bool checks_name_;
  std::string server_name_;
};

}  // namespace caravan::http
