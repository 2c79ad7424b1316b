// SPDX-License-Identifier: Apache-2.0
// The certificates of an agent: those of its `tls` block, read again when they have been replaced,
// or those that it makes itself where there is none.
#pragma once

#include <memory>
#include <mutex>

#include "config/security_config.hpp"
#include "http/tls.hpp"
#include "io/world.hpp"

namespace caravan::agent {

class Certificates {
 public:
  /// `region` and `is_server` stand in what it makes itself.
  Certificates(io::World& world, config::TlsConfig config, std::string region, bool is_server)
      : world_(world),
        config_(std::move(config)),
        region_(std::move(region)),
        is_server_(is_server) {}

  /// At start, and when they have been replaced. Connections that are there live on. Errors:
  /// not_found, invalid, with the key of the configuration and the file.
  base::Status load();

  /// Of this moment, from any lane. `of_http` is null where the API speaks plain HTTP.
  std::shared_ptr<const http::Tls> of_agents() const;
  std::shared_ptr<const http::Tls> of_http() const;
  /// The region that stands in the names of certificates; empty when the configuration does not
  /// want them checked.
  std::string checked_region() const;

 private:
  base::Result<http::TlsMaterial> read() const;
  base::Result<std::string> read_file(const char* key, const std::string& path) const;

  io::World& world_;
  const config::TlsConfig config_;
  const std::string region_;
  const bool is_server_;
  mutable std::mutex mutex_;
  std::shared_ptr<const http::Tls> agents_, http_;
};

}  // namespace caravan::agent
