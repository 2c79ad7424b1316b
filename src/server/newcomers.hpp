// SPDX-License-Identifier: Apache-2.0
// How machines get into a cluster that `operator init` began: with a join token they are given a
// certificate and told all that their configuration needs. The authority's key lies beside the
// key-encryption key, on every server and in no log, so any server can let others in.
#pragma once

#include <functional>

#include "crypto/certificate.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"
#include "keyring/join_token.hpp"

namespace caravan::server {

struct NewcomersConfig {
  std::string data_dir;  // of the server
  std::string region, datacenter;
  std::function<std::string()> gossip_key;  // the one that seals now; "" where there is none
};

/// What a newcomer is told.
struct Welcome {
  bool is_server = false;
  std::string certificate;           // PEM, for the key that it showed the public half of
  std::string encrypt;               // for servers
  std::vector<std::string> servers;  // hosts of those that are heard
};

class Newcomers {
 public:
  /// `servers`: hosts of the servers that are heard, from any lane.
  Newcomers(io::World& world, NewcomersConfig config,
            std::function<std::vector<std::string>()> servers)
      : world_(world), config_(std::move(config)), servers_(std::move(servers)) {}

  /// Where a server keeps certificate and key of the authority, in PEM form, one after the other.
  static std::string path(const std::string& data_dir);

  static io::Task<base::Status> keep(io::World& world, const std::string& data_dir,
                                     std::string pem);
  /// What lies there, "" when nothing does. Errors: io.
  base::Result<std::string> pem() const;

  const NewcomersConfig& config() const { return config_; }
  /// The authority's certificate. Errors: not_found (the cluster was not begun by operator init).
  base::Result<std::string> authority() const;
  /// Errors: as authority(); invalid (`ttl` is not between a minute and a week).
  base::Result<std::string> token(bool is_server, base::Duration ttl) const;
  /// `public_key` in PEM form; `address` is the newcomer's own, for the certificate of a server.
  /// Errors: as authority(); denied (not genuine, or expired); invalid (key, address).
  base::Result<Welcome> welcome(const std::string& token, const std::string& public_key,
                                const std::string& address) const;

 private:
  base::Result<crypto::Issuer> issuer() const;

  io::World& world_;
  const NewcomersConfig config_;
  const std::function<std::vector<std::string>()> servers_;
};

}  // namespace caravan::server
