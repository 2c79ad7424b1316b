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
  /// `tls` gives the material of this moment; any lane. `region` stands in the names of
  /// certificates, "server.global.…" and "client.global.…"; empty: names are not looked at, and
  /// whoever has a certificate may be a server.
  TlsTransport(std::function<std::shared_ptr<const http::Tls>()> tls, std::string region)
      : tls_(std::move(tls)), region_(std::move(region)) {}

  io::Task<base::Result<Link>> dial(io::World& world, Whom whom, Purpose purpose,
                                    base::Duration timeout) override;
  io::Task<base::Result<Link>> accept(io::World& world, std::unique_ptr<io::Stream> stream,
                                      base::Duration timeout) override;

 private:
  std::function<std::shared_ptr<const http::Tls>()> tls_;
  const std::string region_;
};

/// What the names of a certificate say of whoever dialed in. Errors: denied (an agent of another
/// region, and here for something that only those of this one may do). Pure.
base::Result<Peer> peer_of(const std::vector<std::string>& names, const std::string& region,
                           Purpose purpose);
/// Whether they are those of a server of `wanted`, which is as in Whom. Pure.
bool is_server_of(const std::vector<std::string>& names, const std::string& region,
                  const std::string& wanted);

/// The material of an agent in a cluster that shares a secret and has no certificates of its own:
/// the authority comes of the secret, and each agent issues for itself at start. Whoever has the
/// secret can be anybody.
http::TlsMaterial material_of_secret(std::string_view secret, const std::string& region,
                                     bool is_server, io::Random& random);

}  // namespace caravan::rpc
