// SPDX-License-Identifier: Apache-2.0
#include "agent/certificates.hpp"

#include <fmt/core.h>

#include "rpc/tls_transport.hpp"

namespace caravan::agent {

base::Result<std::string> Certificates::read_file(const char* key, const std::string& path) const {
  if (path.empty()) return base::invalid(fmt::format("tls.{}: missing", key));
  base::Result<std::string> text = world_.disk.read_file(path);
  if (!text)
    return base::fail(text.error().code, fmt::format("tls.{}: {}", key, text.error().message));
  return text;
}

base::Result<http::TlsMaterial> Certificates::read() const {
  http::TlsMaterial material;
  TRY(material.authorities, read_file("ca_file", config_.ca_file));
  TRY(material.certificate, read_file("cert_file", config_.cert_file));
  TRY(material.key, read_file("key_file", config_.key_file));
  material.min_tls13 = config_.tls_min_version == "tls13";
  return material;
}

base::Status Certificates::load() {
  http::TlsMaterial agents;
  std::shared_ptr<const http::Tls> http;
  if (config_.http) {
    TRY(http::TlsMaterial material, read());
    material.demands_certificate = config_.verify_https_client;
    material.checks_peer = config_.verify_https_client;
    TRY(http, http::Tls::make(material));
  }
  if (config_.rpc) {
    TRY(agents, read());
    agents.demands_certificate = true;
  } else {
    agents = rpc::material_of_secret("", region_, is_server_, world_.random);
  }
  TRY(std::shared_ptr<const http::Tls> made, http::Tls::make(agents));
  const std::scoped_lock lock(mutex_);
  agents_ = std::move(made);
  http_ = std::move(http);
  return {};
}

std::shared_ptr<const http::Tls> Certificates::of_agents() const {
  const std::scoped_lock lock(mutex_);
  return agents_;
}

std::shared_ptr<const http::Tls> Certificates::of_http() const {
  const std::scoped_lock lock(mutex_);
  return http_;
}

std::string Certificates::checked_region() const {
  return config_.rpc && !config_.verify_server_hostname ? "" : region_;
}

}  // namespace caravan::agent
