// SPDX-License-Identifier: Apache-2.0
// Agents prove who they are: both show a certificate of the cluster's authority, and its names say
// whether a server or a client holds it. The purpose of the connection is what they agree on by
// ALPN.
#pragma once

#include <functional>
#include <memory>

#include "http/tls.hpp"
#include "rpc/transport.hpp"

namespace caravan::rpc {

class TlsTransport : public Transport {
 public:
  /// `tls` gives the material of this moment; any lane. `server_name` begins the names of servers'
  /// certificates: "server.global."; empty: whoever has a certificate may be a server.
  TlsTransport(std::function<std::shared_ptr<const http::Tls>()> tls, std::string server_name)
      : tls_(std::move(tls)), server_name_(std::move(server_name)) {}

  io::Task<base::Result<Link>> dial(io::World& world, io::Address address, Purpose purpose,
                                    base::Duration timeout) override;
  io::Task<base::Result<Link>> accept(io::World& world, std::unique_ptr<io::Stream> stream,
                                      base::Duration timeout) override;

 private:
  bool is_server(const http::TlsStream& stream) const;

  std::function<std::shared_ptr<const http::Tls>()> tls_;
  const std::string server_name_;
};

/// The material of an agent in a cluster that shares a secret and has no certificates of its own:
/// the authority comes of the secret, and each agent issues for itself at start. Whoever has the
/// secret can be anybody.
http::TlsMaterial material_of_secret(std::string_view secret, const std::string& region,
                                     bool is_server, io::Random& random);

}  // namespace caravan::rpc
